"""Telnyx in trouble: whatever it answers to whichever of our requests, what comes out is a sentence, and no secret."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from callspring.carriers.api import CarrierProblem, Credentials, Denied, Unreachable, Webhooks
from callspring.carriers.telnyx.api import TelnyxApi
from tests.carriers.api_contract import CALLER, OURS
from tests.carriers.loopback import Answer
from tests.carriers.telnyx_account import TelnyxAccount

SOLD, RECORDING = "+13125550100", "35094891-3290-4142-b2c2-b2eda57534cf"
WEBHOOKS = Webhooks(f"{OURS}/call", "https://fallback.example/", f"{OURS}/events", f"{OURS}/text")
Ask = Callable[[TelnyxApi, Credentials, str], object]


def _fetch(api: TelnyxApi, us: Credentials, _number: str) -> bytes:
    with api.fetch_recording(us, RECORDING) as sound:
        return b"".join(sound.chunks)


VERBS: dict[str, Ask] = {
    "check": lambda api, us, _: api.check(us),
    "numbers": lambda api, us, _: api.numbers(us),
    "search": lambda api, us, _: api.search(us, country="US", kind="local", area_code="312", count=3),
    "buy": lambda api, us, _: api.buy(us, SOLD, WEBHOOKS),
    "configure": lambda api, us, number: api.configure(us, number, WEBHOOKS),
    "empty": lambda api, us, number: api.configure(us, number, Webhooks()),
    "restore": lambda api, us, number: api.restore(us, number, {}),
    "release": lambda api, us, number: api.release(us, number),
    "send_text": lambda api, us, _: api.send_text(us, sender="+13122020001", to=CALLER, body="Hello", events=""),
    "fetch_recording": _fetch,
    "delete_recording": lambda api, us, _: api.delete_recording(us, RECORDING),
    "calls": lambda api, us, _: list(api.calls(us, 1e9, 1e9 + 60)),
}
TROUBLE = [
    Answer(500, b"<html>oops</html>"),
    Answer(503, b'{"errors": [{"code": "10009"}]}'),
    Answer(302, b"", {"Location": "http://127.0.0.1:9/"}),
    Answer(408, b""),
]
NONSENSE = [
    b"not json",
    b"[]",
    b"7",
    b"[" * 100_000,
    b"\xff\xfe",
    b"{}",
    b'{"data": null, "meta": null, "calls": null}',
    b'{"data": [{"id": 5}], "meta": {"total_pages": "x"}, "calls": [{"sid": []}]}',
    b'{"data": {"id": "../x", "phone_numbers": [], "to": []}, "media_url": 5}',
    b'{"data": [{"id": "1", "phone_number": "0", "status": "active", "name": 7}], "meta": {"total_pages": 1}}',
    b'{"data": [], "meta": {"total_pages": 1e999}}',
]
REFUSALS = [b"", b"no", b"[]", b'{"errors": []}', b'{"errors": [7]}', b'{"errors": [{"code": {}, "detail": []}]}']
each_verb = pytest.mark.parametrize("verb", VERBS)


@pytest.fixture
def account() -> Iterator[TelnyxAccount]:
    with TelnyxAccount() as account:
        yield account
        account.unlawful.clear()  # what follows from nonsense may be nonsense


@pytest.fixture
def api(account: TelnyxAccount) -> TelnyxApi:
    return TelnyxApi(account.url, "", pause=lambda _: None)


@pytest.fixture
def us(account: TelnyxAccount) -> Credentials:
    return Credentials(account.account, account.secret)


def told(
    account: TelnyxAccount, api: TelnyxApi, us: Credentials, verb: str, *answers: Answer | None
) -> CarrierProblem | None:
    """What comes out when these are the first answers; None when the verb did what it was asked for."""
    account.for_sale[SOLD] = ("CHICAGO", "IL")
    account.numbers.clear()
    number = account.own("+13122020001")
    account.recordings[RECORDING] = b"sound", "audio/mpeg"
    account.requests.clear()
    account._misbehaviour.clear()
    account.misbehave(*answers)
    try:
        VERBS[verb](api, us, number["id"])
    except CarrierProblem as problem:
        return problem
    return None


def is_a_sentence(problem: CarrierProblem | None, account: TelnyxAccount) -> bool:
    return problem is None or (str(problem).endswith(".") and account.key not in str(problem))


@each_verb
def test_trouble_at_any_step_is_a_sentence(account: TelnyxAccount, api: TelnyxApi, us: Credentials, verb: str) -> None:
    for answer in TROUBLE:
        for step in range(5):
            problem = told(account, api, us, verb, *[None] * step, answer)
            assert is_a_sentence(problem, account)
            assert step or "Telnyx" in str(problem), answer
            hit = account.requests[-1]
            if isinstance(problem, Unreachable) and hit.status == 500:
                assert problem.perhaps_done == (hit.method != "GET")


@each_verb
def test_nonsense_at_any_step_is_no_crash(account: TelnyxAccount, api: TelnyxApi, us: Credentials, verb: str) -> None:
    for body in NONSENSE:
        for step in range(4):
            assert is_a_sentence(told(account, api, us, verb, *[None] * step, Answer(200, body)), account)


@each_verb
def test_refusals_in_any_form_are_sentences(account: TelnyxAccount, api: TelnyxApi, us: Credentials, verb: str) -> None:
    for body in REFUSALS:
        for step in range(3):
            assert is_a_sentence(told(account, api, us, verb, *[None] * step, Answer(422, body)), account)


@each_verb
def test_denied_at_once(account: TelnyxAccount, api: TelnyxApi, us: Credentials, verb: str) -> None:
    account.misbehave(Answer(401, b"{}"))
    with pytest.raises(Denied, match="does not accept this API key"):
        VERBS[verb](api, us, account.own("+13122020001")["id"])
    assert len(account.requests) == 1


@pytest.mark.parametrize("answer", [*TROUBLE, Answer(404), Answer(401), Answer(200, b"{}")])
@pytest.mark.parametrize("papers", [False, True])
def test_an_order_that_was_placed_is_never_given_up(
    account: TelnyxAccount, api: TelnyxApi, us: Credentials, answer: Answer, papers: bool
) -> None:
    """What is asked of it afterwards may fail as it likes: the number may come, and would be paid for."""
    account.for_sale[SOLD], account.slow_orders = ("CHICAGO", "IL"), 99
    account.papers |= {SOLD} if papers else set()
    account.misbehave(None, answer)
    with pytest.raises(Unreachable) as problem:
        api.buy(us, SOLD, Webhooks())
    assert problem.value.perhaps_done
    assert not account.called_off


def test_a_pause_that_is_asked_for_is_passed_on(account: TelnyxAccount, api: TelnyxApi, us: Credentials) -> None:
    account.misbehave(Answer(429, b"slow down", {"Retry-After": "17"}))
    with pytest.raises(Unreachable) as problem:
        api.check(us)
    assert (problem.value.retry_after, problem.value.perhaps_done) == (17.0, False)


def test_nothing_secret_is_logged(
    account: TelnyxAccount, api: TelnyxApi, us: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for verb in VERBS:
            told(account, api, us, verb)
    assert account.key not in caplog.text
    assert account.key not in repr(us)
