"""There is no limit on numbers (N6): a pool of more than a thousand is sized, approved, edited and resized as any."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from callspring.accounts.models import Account
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.scenarios.models import Scenario, WantedNumber
from tests.console.pages import text
from tests.console.test_wizard import Wizard
from tests.stories import TARGET

MANY = 1_250


def e164s(first: int = 0) -> list[str]:
    return [f"+1312{2_000_000 + first + place}" for place in range(MANY)]


class LargePools(Wizard):
    def setUp(self) -> None:
        super().setUp()
        Account.objects.filter(pk=self.company.account.pk).update(mode=Account.Mode.OWN_CARRIER, monthly_cap=0)
        self.connection = Connection.objects.get(company=self.company)

    def large(self) -> Scenario:
        """A pool of `MANY`, as it would be after some orders."""
        made = self.pool(1, title="Large")
        about = {"company": self.company, "connection": self.connection, "kind": Number.Kind.LOCAL}
        about |= {"bought_at": timezone.now(), "paid_until": timezone.now() + timedelta(days=7)}
        about |= {"scenario": made, "rule": made.rules.get()}
        Number.objects.bulk_create(Number(e164=e164, **about) for e164 in e164s()[1:])
        return made

    def test_the_quarter_of_a_large_peak_is_taken(self) -> None:
        step = str(self.owner.get("/tracking-numbers/new/users/").headers["Location"])
        typed = {"title": "All", "site": self.site().pk, "target": TARGET, "peak": 4 * MANY, "count": MANY}
        assert self.owner.post(step, typed).status_code == 302
        assert f"{MANY}" in text(self.owner.get(step))

    def test_an_order_of_many_is_approved(self) -> None:
        made = self.pool(1, title="Large")
        rule, via = made.rules.get(), self.connection
        WantedNumber.objects.bulk_create(
            WantedNumber(scenario=made, rule=rule, connection=via, e164=e164) for e164 in e164s()
        )
        approve = f"/tracking-numbers/{made.pk}/approve/"
        answer = self.owner.post(approve, {**self.said(approve), "go": "enable"})
        assert answer.status_code == 302, text(answer)
        assert NumberOrder.objects.filter(scenario=made, state=NumberOrder.State.REQUESTED).count() == MANY

    def test_it_is_edited_and_resized(self) -> None:
        made = self.large()
        first = str(self.owner.get(f"/tracking-numbers/{made.pk}/edit/").headers["Location"])
        here = [str(number.pk) for number in made.numbers.all()]
        self.go(first, "save", title="Larger", owned=here, kind="local", country="US")
        made.refresh_from_db()
        assert (made.name, made.numbers.count()) == ("Larger", MANY)
        address, rule = f"/tracking-numbers/{made.pk}/numbers/", made.rules.get().pk
        self.owner.post(address, {"go": "change", "rule": rule, "size": MANY - 2})
        assert made.numbers.count() == MANY - 2
        self.owner.post(address, {"go": "take_out", "number": here})
        assert made.numbers.count() == MANY - 2, "the last numbers of a scenario that is on stay"
