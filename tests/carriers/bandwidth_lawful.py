"""Which fields Bandwidth's dashboard API takes, by its documentation; and how it words a refusal."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

QUERIES = frozenset(["quantity", "enableTNDetail", "areaCode", "localVanity", "tollFreeWildCardPattern"])
_CREDS = {"UserId", "Password"}
APPLICATION = {
    "Voice-V2": {
        "ServiceType",
        "AppName",
        "CallInitiatedCallbackUrl",
        "CallInitiatedMethod",
        "CallInitiatedFallbackUrl",
        "CallInitiatedFallbackMethod",
        "CallStatusCallbackUrl",
        "CallStatusMethod",
        "CallbackCreds",
    }
    | _CREDS,
    "Messaging-V2": {
        "ServiceType",
        "AppName",
        "InboundCallbackUrl",
        "InboundCallbackCreds",
        "OutboundCallbackUrl",
        "OutboundCallbackCreds",
        "RequestedCallbackTypes",
        "CallbackType",
    }
    | _CREDS,
}
FEATURES = {
    "sms": {"SipPeerSmsFeatureSettings", "TollFree", "ShortCode", "Protocol", "HttpSettings"}
    | {f"Zone{zone}" for zone in range(1, 6)},
    "mms": {"MmsSettings", "Protocol", "Protocols", "HTTP", "HttpSettings"},
}


def field_names(body: Element) -> set[str]:
    """Every element below the first."""
    return {one.tag for one in body.iter()} - {body.tag}


def described(code: str, message: str) -> Element:
    """A refusal."""
    made = Element("ErrorResponse")
    status = ElementTree.SubElement(made, "ResponseStatus")
    ElementTree.SubElement(status, "ErrorCode").text = code
    ElementTree.SubElement(status, "Description").text = message
    return made


def xml(found: Element) -> bytes:
    """As it is sent."""
    return bytes(ElementTree.tostring(found, encoding="utf-8", xml_declaration=True))
