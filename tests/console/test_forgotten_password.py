"""A forgotten password: the link that makes a new one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import mail
from django.test import override_settings

from callspring.accounts.models import User
from callspring.accounts.people import reset_path
from callspring.console.attempts import PER_PERSON
from callspring.jobs.models import Job
from tests.console.mailed import link_in, work_off
from tests.console.pages import Pages, text
from tests.console.test_people import ANOTHER


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
class Forgotten(Pages):
    def ask(self, email: str = "alice@example.com") -> Any:
        return self.stranger.post("/password/forgot/", {"email": email})

    def mailed_link(self) -> str:
        self.ask()
        work_off()
        (sent,) = mail.outbox
        assert sent.to == ["alice@example.com"]
        return link_in(str(sent.body))

    def test_the_answer_is_the_same_for_every_address(self) -> None:
        answers = [self.ask(email) for email in ("alice@example.com", "nobody@example.com")]
        assert [answer.status_code for answer in answers] == [200, 200]
        pages = [text(answer).replace("alice@", "nobody@") for answer in answers]
        assert pages[0] == pages[1]
        assert [job.kind for job in Job.objects.all()] == ["console.reset_password"] * 2
        work_off()
        assert [sent.to for sent in mail.outbox] == [["alice@example.com"]]

    def test_the_link_makes_a_new_password_once(self) -> None:
        link = self.mailed_link()
        assert "For alice@example.com" in text(self.stranger.get(link))
        assert "too common" in text(self.stranger.post(link, {"password": "password1234"}))
        answer = self.stranger.post(link, {"password": ANOTHER}, follow=True)
        assert "Your password is changed. Sign in with it." in text(answer)
        for dead in (self.stranger.get(link), self.stranger.post(link, {"password": "yet another good one"})):
            assert dead.status_code == 410
        signed_in = self.stranger.post("/sign-in/", {"email": "alice@example.com", "password": ANOTHER})
        assert signed_in.headers["Location"] == "/"
        assert self.owner.get("/calls/").status_code == 302

    def test_it_is_void_after_an_hour_and_for_others(self) -> None:
        who, token = reset_path(self.alice)
        charlie, _ = reset_path(self.charlie)
        with override_settings(PASSWORD_RESET_TIMEOUT=-1):
            assert self.stranger.get(f"/password/new/{who}/{token}/").status_code == 410
        assert self.stranger.get(f"/password/new/{who}/{token}/").status_code == 200
        for invented in (charlie, "x", "MTA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "%00"):
            assert self.stranger.get(f"/password/new/{invented}/{token}/").status_code == 410
        assert settings.PASSWORD_RESET_TIMEOUT == 3600

    def test_a_barred_person_gets_none(self) -> None:
        link = self.mailed_link()
        User.objects.update(is_active=False)
        assert self.stranger.post(link, {"password": ANOTHER}).status_code == 410
        mail.outbox.clear()
        self.ask()
        work_off()
        assert mail.outbox == []

    def test_asking_again_and_again(self) -> None:
        for _ in range(PER_PERSON):
            assert self.ask().status_code == 200
        assert self.ask().status_code == 429
        work_off()
        assert len(mail.outbox) <= 2  # one in two minutes, and the minutes may change while we ask

    def test_the_sign_in_page_leads_there(self) -> None:
        assert 'href="/password/forgot/"' in self.stranger.get("/sign-in/").content.decode()
