"""Our requests are those of Telnyx's own SDK: method, address, query and body; and it understands the stand-in.

In each story we and the SDK ask for the same things, one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from telnyx import Telnyx as Sdk

from callspring.carriers.api import Credentials, Webhooks
from callspring.carriers.telnyx.api import TelnyxApi
from tests.carriers.api_contract import CALLER, OURS
from tests.carriers.call_list_contract import BEGAN, NUMBER
from tests.carriers.telnyx_account import TelnyxAccount

Request = tuple[str, str, dict[str, str], dict[str, object]]


@pytest.fixture
def account() -> Iterator[TelnyxAccount]:
    with TelnyxAccount() as account:
        account.for_sale = {f"+131255501{line:02d}": ("CHICAGO", "IL") for line in range(3)}
        yield account


@pytest.fixture
def api(account: TelnyxAccount) -> TelnyxApi:
    return TelnyxApi(account.url, "", pause=lambda _: None)


@pytest.fixture
def us(account: TelnyxAccount) -> Credentials:
    return Credentials(account.account, account.secret)


@pytest.fixture
def sdk(account: TelnyxAccount) -> Sdk:
    return Sdk(api_key=account.key, base_url=f"{account.url}/v2", max_retries=0)


def test_pointing_a_number_here(account: TelnyxAccount, api: TelnyxApi, us: Credentials, sdk: Sdk) -> None:
    number = account.own("+13122020001")
    webhooks = Webhooks(f"{OURS}/call", "", f"{OURS}/events", f"{OURS}/text")

    api.configure(us, number["id"], webhooks)
    (application,), (profile,), (outbound,) = account.applications, account.profiles, account.outbound
    ours = _asked(account)
    named, texts = account.applications[application]["friendly_name"], account.profiles[profile]["name"]
    account.applications.clear()
    account.profiles.clear()
    account.outbound.clear()
    number |= {"connection_id": None, "messaging_profile_id": None}
    assert sdk.phone_numbers.retrieve(number["id"]).data.phone_number == "+13122020001"  # type: ignore[union-attr]
    assert not [*sdk.texml_applications.list(filter={"friendly_name": named}, page_number=1, page_size=250)]
    assert not [*sdk.outbound_voice_profiles.list(page_number=1, page_size=250)]
    voice = sdk.outbound_voice_profiles.create(name="Callspring", whitelisted_destinations=["CA", "US"]).data
    assert voice is not None
    made = sdk.texml_applications.create(
        friendly_name=named,
        active=True,
        voice_method="post",
        status_callback_method="post",
        inbound={"shaken_stir_enabled": True},
        outbound={"outbound_voice_profile_id": voice.id or ""},
        voice_url=webhooks.voice,
        status_callback=webhooks.events,
    ).data
    assert made is not None
    assert not [*sdk.messaging_profiles.list(filter_name_eq=texts, page_number=1, page_size=250)]
    texting = sdk.messaging_profiles.create(
        name=texts,
        enabled=True,
        whitelisted_destinations=["*"],
        webhook_url=webhooks.text,
        webhook_api_version="2",
    ).data
    assert texting is not None
    sdk.phone_numbers.update(number["id"], connection_id=made.id or "")
    sdk.phone_numbers.messaging.update(number["id"], messaging_profile_id=texting.id or "")
    swapped = {application: made.id, profile: texting.id, outbound: voice.id}
    assert _asked(account) == [_swapped(one, swapped) for one in ours]


def test_what_is_listed(account: TelnyxAccount, api: TelnyxApi, us: Credentials, sdk: Sdk) -> None:
    account.call("+17735550177", NUMBER, BEGAN, "completed", seconds=9)
    account.applications["88"] = {"id": "88", "friendly_name": "Theirs", "voice_url": "https://old.example/"}
    account.profiles["p1"] = {"id": "p1", "name": "Theirs", "webhook_url": "https://old.example/text"}
    account.own("+13122020001", connection_id="88", messaging_profile_id="p1")
    list(api.calls(us, BEGAN, BEGAN + 60))
    api.numbers(us)
    ours = _asked(account)
    days = ours[0][2]
    calls = sdk.texml.accounts.calls.retrieve_calls(
        account.account, start_time_gt=days["StartTime>"], start_time_lt=days["StartTime<"], page_size=100
    )
    assert [one.status for one in calls.calls or []] == ["completed"]
    assert len([*sdk.texml_applications.list(page_number=1, page_size=250)]) == 1
    assert len([*sdk.messaging_profiles.list(page_number=1, page_size=250)]) == 1
    assert len([*sdk.phone_numbers.messaging.list(page_number=1, page_size=250)]) == 1
    (owned,) = sdk.phone_numbers.list(page_number=1, page_size=250)
    assert (owned.connection_id, owned.messaging_profile_id) == ("88", "p1")
    assert _sorted(_asked(account)) == _sorted(ours)


def test_searching_and_ordering(account: TelnyxAccount, api: TelnyxApi, us: Credentials, sdk: Sdk) -> None:
    api.search(us, country="US", kind="local", area_code="312", contains="555", count=2)
    api.buy(us, "+13125550102", Webhooks())
    ours = [_swapped(one, {"+13125550102": "+13125550100"}) for one in _asked(account)[:2]]
    offers = sdk.available_phone_numbers.list(
        filter={
            "country_code": "US",
            "phone_number_type": "local",
            "features": ["voice"],
            "limit": 2,
            "best_effort": False,
            "national_destination_code": "312",
            "phone_number": {"contains": "555"},
        }
    )
    assert [one.phone_number for one in offers.data or []] == ["+13125550100", "+13125550101"]
    order = sdk.number_orders.create(phone_numbers=[{"phone_number": "+13125550100"}]).data
    assert order is not None
    assert order.status == "success"
    assert _asked(account) == ours


def test_texts_and_recordings(account: TelnyxAccount, api: TelnyxApi, us: Credentials, sdk: Sdk) -> None:
    account.own("+13122020001")
    recording, another = account.record(b"sound"), account.record(b"sound")
    api.send_text(us, sender="+13122020001", to=CALLER, body="Hello", events=f"{OURS}/text-events")
    with api.fetch_recording(us, recording):
        pass
    api.delete_recording(us, recording)
    ours = [(method, path.replace(recording, another), query, body) for method, path, query, body in _asked(account)]
    sent = sdk.messages.send(
        from_="+13122020001",
        to=CALLER,
        text="Hello",
        type="SMS",
        use_profile_webhooks=False,
        webhook_url=f"{OURS}/text-events",
    )
    assert sent.data is not None
    sound = sdk.texml.accounts.recordings.json.retrieve_recording_sid_json(another, account_sid=account.account)
    assert sound.media_url
    sdk.texml.accounts.recordings.json.delete_recording_sid_json(another, account_sid=account.account)
    assert _asked(account) == ours


def _asked(account: TelnyxAccount) -> list[Request]:
    """What was asked since the last time."""
    found = [(one.method, one.path, one.query, one.body) for one in account.requests]
    account.requests.clear()
    return found


def _swapped(request: Request, names: dict[str, str | None]) -> Request:
    """With other ids and numbers in place of those that it has."""
    said = json.dumps(request)
    for ours, theirs in names.items():
        said = said.replace(ours, theirs or "")
    method, path, query, body = json.loads(said)
    return method, path, query, body


def _sorted(requests: list[Request]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in requests)
