"""What people write about calls: tags, notes, value, qualified; who changed what; for several calls at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from callspring.calls import leads
from callspring.calls.leads import Lead, lead_of, set_lead, tag_calls, tag_names
from callspring.calls.models import Call, CallChange, Tag
from tests.stories import Story


class Leads(Story):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.numbers(1)[0]
        self.one = self.call(self.number)

    def lead(self, call: Call | None = None) -> Lead:
        return lead_of(Call.objects.get(pk=(call or self.one).pk))

    def changes(self) -> list[Any]:
        found = CallChange.objects.filter(call=self.one).order_by("pk")
        return [(one.what, one.before, one.after, str(one.by)) for one in found]

    def test_everything_is_written_with_its_history(self) -> None:
        first = Lead(("VIP", "boiler"), "Wants a boiler.\r\nSoon.", Decimal("1250.50"), "USD", qualified=True)
        assert set_lead(self.one, self.alice, first)
        assert self.lead() == Lead(("boiler", "VIP"), "Wants a boiler.\nSoon.", Decimal("1250.50"), "USD", True)
        assert not set_lead(self.one, self.bob, first), "the same again is no change"
        assert set_lead(self.one, self.bob, Lead(("VIP",), "", None, "USD", qualified=False))
        assert self.lead() == Lead(("VIP",), "", None, "", False)
        assert self.changes() == [
            ("tags", "", "boiler, VIP", "Alice"),
            ("note", "", "Wants a boiler.\nSoon.", "Alice"),
            ("value", "", "1250.50 USD", "Alice"),
            ("qualified", "", "yes", "Alice"),
            ("tags", "boiler, VIP", "VIP", "Bob"),
            ("note", "Wants a boiler.\nSoon.", "", "Bob"),
            ("value", "1250.50 USD", "", "Bob"),
            ("qualified", "yes", "no", "Bob"),
        ]

    def test_a_tag_is_one_tag_however_it_is_written(self) -> None:
        assert tag_names(" VIP , vip,Vip,  two   words ,,") == ("VIP", "two words")
        set_lead(self.one, self.alice, Lead(("VIP",)))
        set_lead(self.call(self.number), self.alice, Lead(("vip",)))
        assert [tag.name for tag in Tag.objects.all()] == ["VIP"]

    def test_tags_are_a_companys_own(self) -> None:
        set_lead(self.one, self.alice, Lead(("VIP",)))
        theirs = self.call(self.numbers(1, self.elsewhere)[0])
        set_lead(theirs, self.charlie, Lead(("VIP",)))
        assert Tag.objects.count() == 2
        assert [tag.name for tag in leads.tags_of(self.elsewhere)] == ["VIP"]

    def test_what_is_too_much_is_refused_in_words(self) -> None:
        with pytest.raises(ValueError, match="40 characters"):
            tag_names("x" * 41)
        with pytest.raises(ValueError, match="20 tags"):
            tag_names(",".join(map(str, range(21))))
        with pytest.raises(ValueError, match="5,000"):
            set_lead(self.one, self.alice, Lead(note="x" * 5_001))
        assert self.changes() == []

    def test_several_calls_are_tagged_at_once(self) -> None:
        two, theirs = self.call(self.number), self.call(self.numbers(1, self.elsewhere)[0])
        set_lead(self.one, self.alice, Lead(("VIP",)))
        ids = [self.one.pk, two.pk, theirs.pk]
        assert tag_calls(self.company, ids, "VIP, boiler", self.bob) == 2
        assert self.lead().tags == self.lead(two).tags == ("boiler", "VIP")
        assert self.lead(theirs).tags == (), "an outsider's call stays as it is"
        assert tag_calls(self.company, ids, "vip, boiler", self.bob) == 0
        assert tag_calls(self.company, ids, "vip, unknown", self.alice, remove=True) == 2
        assert self.lead().tags == ("boiler",)
        assert self.changes()[-1] == ("tags", "boiler, VIP", "boiler", "Alice")
        with pytest.raises(ValueError, match="Write a tag"):
            tag_calls(self.company, ids, " , ", self.bob)
