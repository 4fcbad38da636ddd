"""What an NCCO means, read without the adapter: by the NCCO reference, each action checked by Vonage's own model."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from vonage_voice.models import Connect as ConnectAction
from vonage_voice.models import Input, Notify, PhoneEndpoint, Record, SipEndpoint, Stream, Talk, Wait

from callspring.carriers.contract import Ask, Dial, HangUp, Instruction, Leg, Prompt, Prompts, TakeVoicemail

MODELS: dict[str, Any] = {
    "connect": ConnectAction,
    "input": Input,
    "notify": Notify,
    "record": Record,
    "stream": Stream,
    "talk": Talk,
    "wait": Wait,
}
ENDPOINTS: dict[str, Any] = {"phone": PhoneEndpoint, "sip": SipEndpoint}
# What the adapter keeps in the addresses it hands out.
KEPT = frozenset({"call", "caller", "dialled", "after", "kind"})


def validated(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The actions, each as Vonage's model has it: nothing that the model does not know, nothing out of its bounds."""
    for action in actions:
        model = MODELS[action["action"]]
        # The models know `from` by another name than the wire does.
        given = {"from_" if name == "from" else name: value for name, value in action.items()}
        made = model.model_validate(given).model_dump(mode="json", by_alias=True, exclude_none=True)
        assert made == action, (made, action)
        for endpoint in action.get("endpoint", ()):
            own = ENDPOINTS[endpoint["type"]].model_validate(endpoint)
            assert own.model_dump(mode="json", exclude_none=True) == endpoint
    return actions


def understood(actions: list[dict[str, Any]]) -> Instruction:
    """Raises where the actions are not in the order of the reference."""
    actions = validated(actions)
    prompts, rest = _heard(actions)
    kinds = [action["action"] for action in rest]
    match kinds:
        case []:
            assert not any(action.get("bargeIn") for action in actions)
            return HangUp(prompts)
        case ["wait"]:
            assert rest[0]["timeout"] == 7200
            return HangUp(prompts, Leg.BUSINESS)
        case ["input"]:
            return _ask(prompts, actions, rest[0])
        case ["record", "notify"]:
            return _voicemail(prompts, rest[0], rest[1])
        case ["notify"]:
            return Dial((), 0, "", bare(_only(rest[0]["eventUrl"])), "", prompts)
        case ["connect"] | ["record", "connect"] | ["connect", "notify"] | ["record", "connect", "notify"]:
            return _dial(prompts, {action["action"]: action for action in rest})
    raise AssertionError(kinds)


def _heard(actions: list[dict[str, Any]]) -> tuple[Prompts, list[dict[str, Any]]]:
    prompts: list[Prompt] = []
    for place, action in enumerate(actions):
        if action["action"] == "talk":
            assert not action["text"].lstrip().startswith("<speak")
            prompts.append(Prompt(action["text"], action.get("language", "en-US")))
        elif action["action"] == "stream":
            prompts.append(Prompt("", sound_url=_only(action["streamUrl"])))
        else:
            return tuple(prompts), actions[place:]
    return tuple(prompts), []


def _ask(prompts: Prompts, actions: list[dict[str, Any]], action: dict[str, Any]) -> Ask:
    # Once set, it holds until an `input`, before which nothing of another kind may stand.
    interrupted = [one for one in actions if one.get("bargeIn")]
    assert interrupted == actions[len(actions) - 1 - len(interrupted) : -1]
    assert len({one["action"] for one in interrupted}) <= 1
    assert bool(interrupted) == (len(actions) > 1)
    assert (action["type"], action["eventMethod"], action["dtmf"]["maxDigits"]) == (["dtmf"], "POST", 1)
    return Ask(prompts, action["dtmf"]["timeOut"], bare(_only(action["eventUrl"])))


def _voicemail(prompts: Prompts, record: dict[str, Any], notify: dict[str, Any]) -> TakeVoicemail:
    # Without one of these it would go on to the next action at once.
    assert record["endOnSilence"] == 5
    assert record["endOnKey"] == "#"
    assert record["beepStart"] is True
    kept = query(_only(record["eventUrl"]))
    assert kept["kind"] == "voicemail"
    assert query(_only(notify["eventUrl"]))["after"] == "voicemail"
    return TakeVoicemail(prompts, record["timeOut"], bare(_only(notify["eventUrl"])), bare(_only(record["eventUrl"])))


def _dial(prompts: Prompts, by_kind: dict[str, dict[str, Any]]) -> Dial:
    action, record, notify = by_kind["connect"], by_kind.get("record"), by_kind.get("notify")
    endpoint = _only(action["endpoint"])
    sip = endpoint["type"] == "sip"
    assert ("from" in action) != bool(action.get("randomFromNumber"))
    told = "eventUrl" in action
    assert (action.get("eventType") == "synchronous") == told == (action.get("eventMethod") == "POST")
    whisper = endpoint.get("onAnswer", {}).get("url", "")
    assert bool(notify) == (told and bool(whisper))
    recording = ""
    if record:
        assert (record["split"], record["channels"]) == ("conversation", 2)
        assert not {"endOnSilence", "endOnKey", "timeOut"} & set(record), "else it would hold up the dial"
        recording = bare(_only(record["eventUrl"]))
    return Dial(
        destinations=(endpoint["uri"] if sip else "+" + endpoint["number"],),
        ring_seconds=action["timeout"],
        caller_id="+" + action["from"] if "from" in action else "",
        result_url=bare(_only(action["eventUrl"])) if told else "",
        events_url="",
        prompts=prompts,
        whisper_url=bare(whisper),
        recording_url=recording,
    )


def _only(several: list[Any]) -> Any:
    assert len(several) == 1
    return several[0]


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def bare(url: str) -> str:
    """The address as it was before the adapter wrote into it."""
    split = urlsplit(url)
    pairs = [pair for pair in split.query.split("&") if pair.partition("=")[0] not in KEPT] if split.query else []
    return urlunsplit(split._replace(query="&".join(pairs)))
