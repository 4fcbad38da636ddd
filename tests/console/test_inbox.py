"""The inbox's pages: the list of threads, and a thread with every kind of message."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.urls import reverse

from callspring.calls.models import Recording
from callspring.inbox.models import ReadMark, Thread
from tests.console.inbox_story import CALLER, HOSTILE, SILENT, TEXTER, InboxPages
from tests.console.pages import text

FRAGMENT = {"HX-Request": "true"}


class TheList(InboxPages):
    def test_a_first_timer_is_told_how_to_get_a_call(self) -> None:
        page = self.page("inbox")
        assert "Nobody has called yet" in page
        assert "/phone" in self.owner.get("/inbox/").content.decode()  # the demo's telephone

    def test_threads_with_the_latest_first_and_the_unread_marked(self) -> None:
        self.visits_and_dials(minutes_ago=9)
        self.dials(SILENT, minutes_ago=6, status="no-answer")
        self.texts("Are you open on Sunday?")
        page = self.page("inbox")
        order = [page.index(who) for who in ("(312) 555-0188", "(312) 555-0166", "(312) 555-0177")]
        assert order == sorted(order)
        for said in ("Are you open on Sunday?", "Missed call", "Answered call", "google / cpc", "Open 3", "Unread 3"):
            assert said in page, said
        self.owner.get(self.of(self.thread(TEXTER)))
        assert "Unread 2" in self.page("inbox")
        assert "Unread 3" in self.page("inbox", client=self.agent)  # everybody reads for themselves

    def test_folders(self) -> None:
        self.dials(CALLER)
        self.dials(SILENT)
        self.post("thread_flag", self.thread(SILENT), flag="spam")
        self.post("thread_assign", self.thread(CALLER), person=str(self.alice.pk))
        for folder, shown in {"open": CALLER, "mine": CALLER, "spam": SILENT, "nonsense": CALLER}.items():
            page = self.page("inbox", query=f"?folder={folder}")
            assert (f"555-0{shown[-3:]}" in page, page.count("Answered call")) == (True, 1), folder
        assert "No test calls" in self.page("inbox", query="?folder=test")
        assert "Nothing is assigned to you" in self.page("inbox", query="?folder=mine", client=self.agent)

    def test_searching_by_number_name_and_words(self) -> None:
        self.dials(CALLER)
        self.texts("The boiler is leaking")
        self.post("thread_name", self.thread(CALLER), name="Mrs. Oakley")
        for asked, found, other in (
            ("boiler", "0188", "Oakley"),
            ("oakley", "Oakley", "0188"),
            ("555-0188", "0188", "Oakley"),
        ):
            page = self.page("inbox", query=f"?q={asked}")
            assert (found in page, other in page) == (True, False), asked
        assert "Nothing found" in self.page("inbox", query="?q=zebra")
        assert self.owner.get("/inbox/?q=%00&shown=abc&opened=%27&folder=%00").status_code == 200

    def test_it_answers_only_when_something_changed(self) -> None:
        self.dials(CALLER)
        seen = self.stamp("/inbox/", "threads")
        headers = {**FRAGMENT, "HX-Target": "threads", "HX-Trigger": "threads"}
        assert self.owner.get(f"/inbox/?seen={seen}", headers=headers).status_code == 204
        self.texts("News")
        response = self.owner.get(f"/inbox/?seen={seen}", headers=headers)
        assert "News" in text(response)
        assert b"<html" not in response.content

    def test_a_search_stands_in_the_address_beside_the_open_thread(self) -> None:
        self.dials(CALLER)
        here = f"http://testserver{self.of(self.thread(CALLER))}?folder=unread"
        for current, path in ((here, self.of(self.thread(CALLER))), ("https://evil.example//x", "/inbox/")):
            headers = {**FRAGMENT, "HX-Trigger-Name": "q", "HX-Current-URL": current}
            response = self.owner.get("/inbox/?q=312", headers=headers)
            assert response.headers["HX-Replace-Url"] == f"{path}?q=312"

    def test_a_long_list_grows_on_demand(self) -> None:
        times = {"last_at": self.now, "last_inbound_at": self.now}
        rows = [Thread(company=self.company, contact=f"+1312555{n:04}", **times) for n in range(45)]
        Thread.objects.bulk_create(rows)
        page = self.page("inbox")
        assert (page.count("(312) 555-"), "Older threads" in page) == (40, True)
        page = self.page("inbox", query="?shown=80")
        assert (page.count("(312) 555-"), "Older threads" in page) == (45, False)

    def test_what_is_being_read_stays_among_the_unread_ones(self) -> None:
        self.dials(CALLER)
        thread = self.thread(CALLER)
        page = self.page("thread", thread.pk, query="?folder=unread")
        assert page.count("(312) 555-0177") >= 2
        piece = self.owner.get(f"/inbox/?folder=unread&opened={thread.pk}", headers=FRAGMENT)
        assert "(312) 555-0177" in text(piece)
        assert "You have read everything" in self.page("inbox", query="?folder=unread")

    def test_the_menu_counts_what_is_unread(self) -> None:
        assert 'class="cs-unread is-none"' in self.owner.get("/calls/").content.decode()
        self.dials(CALLER)
        assert 'class="cs-unread"' in self.owner.get("/calls/").content.decode()
        assert self.owner.get("/inbox/unread/?seen=1", headers=FRAGMENT).status_code == 204
        assert text(self.owner.get("/inbox/unread/?seen=0", headers=FRAGMENT)).startswith("1")

    def of(self, thread: Thread) -> str:
        return reverse("console:thread", args=[thread.pk])

    def post(self, view: str, thread: Thread, **form: str) -> None:
        assert self.owner.post(reverse(f"console:{view}", args=[thread.pk]), form).status_code == 302

    def stamp(self, address: str, element: str) -> str:
        html = self.owner.get(address).content.decode()
        return html.split(f'id="{element}"')[1].split("seen=")[1].split('"')[0].split("&")[0]


class AThread(InboxPages):
    def html(self, thread: Thread, **headers: str) -> str:
        return self.owner.get(reverse("console:thread", args=[thread.pk]), headers=headers).content.decode()

    def test_a_call_with_everything_known(self) -> None:
        call = self.visits_and_dials()
        page = self.page("thread", self.thread(CALLER).pk)
        for said in (
            "google / cpc", "drains", "“plumber”", "Paid search", "Was viewing Drains", "shop.example/drains",
            "192.0.2.7", "Oak Park", "iOS", "Safari", "Visit number", "Certain", "Answered", "1 min 1 s",
            "mobile", "Landed on shop.example", "Emergency plumbing", "Pressed the phone link", "Prices",
            "made this call", "(312) 555-0177", self.scenario.name,
        ):  # fmt: skip
            assert said in page, said
        html = self.html(self.thread(CALLER))
        assert f'href="/calls/{call.pk}/"' in html
        assert 'href="tel:+13125550177"' in html
        assert "gclid" not in html

    def test_a_call_of_which_nothing_is_known(self) -> None:
        self.dials("", status="no-answer")
        page = self.page("thread", Thread.objects.get(contact="").pk)
        for said in ("Withheld", "Number withheld", "Missed", "This caller withheld the number, so there is nobody"):
            assert said in page, said

    def test_voicemails_in_every_state(self) -> None:
        call = self.dials(CALLER, status="no-answer")
        recording = self.leaves_voicemail(call)
        html = self.html(self.thread(CALLER))
        assert f'<audio controls preload="none" src="/recordings/{recording.pk}/"' in html
        assert self.owner.get(f"/recordings/{recording.pk}/").status_code == 200
        said = {"waiting": "is being fetched", "absent": "left no message", "lost": "no longer has this recording"}
        for state, sentence in said.items():
            Recording.objects.filter(pk=recording.pk).update(state=state)
            page = self.html(self.thread(CALLER))
            assert (sentence in page, "<audio" in page) == (True, False), state

    def test_texts_forms_and_notes(self) -> None:
        thread = self.texts("Hello\nthere", media=("https://media.example/1.jpg", "javascript:alert(1)"))
        self.sends_form({"name": "Ann", "phone": TEXTER, "message": "Please call back"})
        self.owner.post(reverse("console:thread_note", args=[thread.pk]), {"body": "Promised her Tuesday"})
        page = self.page("thread", thread.pk)
        for said in (
            "Hello there",
            "Attachment 1",
            "Please call back",
            "Note by Alice",
            "Promised her Tuesday",
            "Today",
        ):
            assert said in page, said
        html = self.html(thread)
        assert "<img" not in html.split('id="messages"')[1]
        assert "javascript:" not in html

    def test_days_are_those_of_the_company(self) -> None:
        """20 minutes before midnight in Chicago and 20 after are two days, though one in UTC."""
        self.now = self.now.replace(hour=6, minute=0, second=0) - timedelta(days=40)  # midnight, or one hour off
        for minutes in (-80, 80):
            self.texts("Hello", minutes_ago=minutes)
        assert self.html(self.thread(TEXTER)).count('class="cs-day"') == 2

    def test_seeing_it_reads_it_and_fetching_ahead_does_not(self) -> None:
        self.dials(CALLER)
        thread = self.thread(CALLER)
        address = reverse("console:thread", args=[thread.pk])
        self.owner.head(address)
        self.owner.get(address, headers={"Sec-Purpose": "prefetch"})
        assert not ReadMark.objects.exists()
        response = self.owner.get(address, headers={**FRAGMENT, "HX-Target": "pane"})
        assert response.headers["HX-Trigger-After-Swap"] == "inbox-changed"
        assert "<title>(312) 555-0177" in response.content.decode()
        assert ReadMark.objects.get().user == self.alice

    def test_what_is_new_is_marked(self) -> None:
        self.texts("Read before", minutes_ago=30)
        thread = self.thread(TEXTER)
        self.page("thread", thread.pk)
        self.texts("Come since", minutes_ago=1)
        html = self.html(thread).split('id="messages"')[1]
        assert html.index(">Read before<") < html.index('id="new-messages"') < html.index(">Come since<")

    def test_it_answers_only_when_something_changed_and_keeps_what_did_not(self) -> None:
        call = self.dials(CALLER, status="ringing")
        self.texts("Hi", caller=CALLER)
        thread = self.thread(CALLER)
        html = self.html(thread)
        again = html.split('id="messages"')[1].split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
        again += "&head=" + html.split('name="head" value="')[1].split('"')[0]
        headers = {**FRAGMENT, "HX-Target": "messages"}
        assert self.owner.get(again, headers=headers).status_code == 204
        call.status, call.duration = "completed", 33
        call.save()
        after = self.owner.get(again, headers=headers).content.decode()
        assert "33 s" in after
        ids = [{part.split('"')[0] for part in page.split('data-look="')[1:]} for page in (html, after)]
        assert len(ids[0] & ids[1]) == 2  # the day and the text are kept as they are, the call is not
        assert "thread-head" not in after
        self.agent.post(reverse("console:thread_name", args=[thread.pk]), {"name": "Mr. Ash"})
        assert "Mr. Ash" in self.owner.get(again, headers=headers).content.decode()

    def test_a_long_thread_begins_with_its_end(self) -> None:
        for minutes in range(60):
            self.texts(f"Text number {minutes:03}", minutes_ago=200 - minutes)
        page = self.page("thread", self.thread(TEXTER).pk)
        assert ("number 059" in page, "number 009" in page, "Earlier messages" in page) == (True, False, True)
        page = self.page("thread", self.thread(TEXTER).pk, query="?messages=100")
        assert ("number 000" in page, "Earlier messages" in page) == (True, False)

    def test_a_thread_that_is_gone_leads_to_the_list(self) -> None:
        """As of a withheld call whose number is said late: it has joined another one."""
        for address in ("/inbox/999999/", f"/inbox/{2**70}/"):
            assert self.owner.get(address).status_code == 404
            assert self.owner.get(address, headers=FRAGMENT).headers["HX-Redirect"] == "/inbox/"

    def test_hostile_text_is_text_everywhere(self) -> None:
        self.visits_and_dials(page_title=HOSTILE, caller_name=HOSTILE[:80])
        self.texts(HOSTILE, caller=CALLER)
        self.sends_form({"name": HOSTILE, "phone": CALLER, HOSTILE[:40]: HOSTILE})
        thread = self.thread(CALLER)
        self.owner.post(reverse("console:thread_note", args=[thread.pk]), {"body": HOSTILE})
        self.owner.post(reverse("console:thread_name", args=[thread.pk]), {"name": HOSTILE})
        for address in (f"/inbox/{thread.pk}/", f"/inbox/?q={HOSTILE}", f"/inbox/?folder={HOSTILE}"):
            html = self.owner.get(address).content.decode()
            assert "alert(1)&lt;" in html or "folder" in address
            assert "<script>alert" not in html, address
            assert "<img src=x" not in html, address

    def test_a_call_leads_to_its_message(self) -> None:
        call = self.dials(CALLER)
        message = self.last(self.thread(CALLER))
        response = self.owner.get(reverse("console:call_thread", args=[call.pk]))
        assert response.headers["Location"] == f"/inbox/{self.thread(CALLER).pk}/#m-{message.pk}"
        Thread.objects.all().delete()
        response = self.owner.get(reverse("console:call_thread", args=[call.pk]), follow=True)
        assert "no thread in the inbox" in text(response)
        assert self.owner.get(reverse("console:call_thread", args=[uuid4()])).status_code == 404
