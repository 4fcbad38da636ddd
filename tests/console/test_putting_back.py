"""Settings → Carriers, the way back: put back, tested again, another token, disconnected; and who may not."""

from __future__ import annotations

from callspring.accounts.models import Membership, User
from callspring.numbers.models import Connection, NumberTask
from callspring.numbers.queries import connections, numbers
from tests.console.carrier_story import FIRST, OLD, RINGS, SECOND, THIRD, CarrierPages, error_at
from tests.console.pages import text


class PuttingBack(CarrierPages):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = self.connected()
        for e164 in (FIRST, SECOND):
            self.account.own(e164, **OLD)
        self.first, self.second = self.brought(self.twilio, FIRST, SECOND)

    def is_as_before(self, e164: str) -> bool:
        return all(self.account.number(e164)[name] == value for name, value in OLD.items())

    def test_one(self) -> None:
        self.owner.post(self.address(self.twilio, "put-back/"), {"number": FIRST})
        self.work()
        assert (self.is_as_before(FIRST), self.is_as_before(SECOND)) == (True, False)
        assert [number.e164 for number in numbers(self.company)] == [SECOND]
        assert "1 of 1 number is put back." in self.page("connection", self.twilio.pk)
        assert FIRST not in self.published().routes

    def test_all_and_a_scenarios_number_stays_known(self) -> None:
        self.campaign(number=self.first, title="Radio")
        assert "1 of them is used by a scenario" in self.owner.get(self.address(self.twilio)).content.decode()
        self.owner.post(self.address(self.twilio, "put-back/"), {"all": "yes"})
        self.work()
        assert self.is_as_before(FIRST)
        assert self.is_as_before(SECOND)
        assert [number.e164 for number in numbers(self.company)] == [FIRST]
        assert "Scenario “Radio” Calls go elsewhere" in self.page("connection", self.twilio.pk)
        self.owner.post(self.address(self.twilio, "bring/"), {"number": FIRST})
        self.work()
        assert not self.is_as_before(FIRST)
        assert "1 of 1 number came here." in self.page("connection", self.twilio.pk)

    def test_what_is_not_ours_to_put_back(self) -> None:
        for data in ({"number": "+19999999999"}, {"number": THIRD}, {}):
            self.owner.post(self.address(self.twilio, "put-back/"), data)
        assert not NumberTask.objects.filter(verb="put_back").exists()

    def test_disconnected_everything_is_as_before(self) -> None:
        assert "2 numbers are put back" in self.page("disconnect", self.twilio.pk)
        self.owner.post(self.address(self.twilio, "disconnect/"))
        assert "Putting back: 0 of 2" in self.page("connection", self.twilio.pk)
        self.work()
        assert self.is_as_before(FIRST)
        assert self.is_as_before(SECOND)
        assert not connections(self.company).exists()
        assert not numbers(self.company).exists()
        assert [one.secret for one in self.published().connections] == [""]
        gone = self.owner.get(self.address(self.twilio), headers={"HX-Request": "true"})
        assert gone.headers["HX-Redirect"] == "/settings/carriers/"
        assert "is disconnected" in self.page("carriers")

    def test_refused_with_the_reasons_while_scenarios_use_it(self) -> None:
        self.campaign(number=self.second, title="Radio")
        for answer in (
            self.owner.get(self.address(self.twilio, "disconnect/")),
            self.owner.post(self.address(self.twilio, "disconnect/")),
        ):
            assert f"{SECOND} (Radio)" in text(answer)
        assert not NumberTask.objects.filter(verb="leave").exists()

    def test_a_closed_account_can_be_left_behind(self) -> None:
        self.account.token = "changed"
        self.owner.post(self.address(self.twilio, "disconnect/"))
        self.work()
        page = self.page("connection", self.twilio.pk)
        assert "2 numbers failed" in page
        assert "Disconnect all the same" in page
        assert connections(self.company).exists()
        self.owner.post(self.address(self.twilio, "disconnect/"), {"force": "yes"})
        self.work()
        assert not connections(self.company).exists()
        assert not numbers(self.company).exists()

    def test_tested_again(self) -> None:
        self.owner.post(self.address(self.twilio, "test/"))
        assert "Twilio accepts this account." in self.page("carriers")
        self.account.token = "changed"
        self.owner.post(self.address(self.twilio, "test/"))
        assert "Does not work Twilio does not accept" in self.page("carriers")

    def test_another_token_is_stored_once_it_works(self) -> None:
        old, self.account.token = self.account.token, "a" * 32
        wrong = self.owner.post(self.address(self.twilio, "token/"), {"secret": "b" * 32})
        assert "does not accept" in error_at(wrong, "secret")
        assert Connection.objects.get(pk=self.twilio.pk).secret == old
        self.owner.post(self.address(self.twilio, "token/"), {"secret": "a" * 32})
        assert self.published().connections[0].secret == "a" * 32
        assert "Twilio accepts this, and it is stored." in self.page("connection", self.twilio.pk)

    def test_nobody_else_gets_at_it(self) -> None:
        """`test_who_may` tries every role at every address; here with numbers that are really here."""
        dora = User.objects.create_user("dora@example.com")
        Membership.objects.create(user=dora, company=self.company, role=Membership.Role.AGENT)
        before = self.changed()
        for part, data in (
            ("put-back/", {"all": "yes"}),
            ("disconnect/", {"force": "yes"}),
            ("numbers/", {"number": FIRST, "go": "import", **RINGS}),
            ("token/", {"secret": self.account.token}),
        ):
            assert self.outsider.post(self.address(self.twilio, part), data).status_code == 404
            assert self.browser(dora).post(self.address(self.twilio, part), data).status_code == 403
            assert self.analyst.post(self.address(self.twilio, part), data).status_code == 403
            assert self.stranger.post(self.address(self.twilio, part), data).status_code == 302
        self.work()
        assert self.changed() == before
        assert connections(self.company).exists()
