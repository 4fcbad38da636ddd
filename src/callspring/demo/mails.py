"""The demo's mails: what Callspring would have sent, as long as no mail server is set (`callspring.mail.folder`).

Whoever reads them can follow the sign-in links in them. So they are shown only while the shop listens on loopback
alone, and under a name of this machine: a page elsewhere whose name is made to mean this machine sees nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import default
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from callspring.demo.render import page
from callspring.demo.web import Request, Response

MAIL = "/mail"
MOST_LISTED = 100
_NAME = re.compile(r"[0-9]{13}-[0-9a-f]{16}")
_HEADERS = {
    "content-security-policy": "default-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}
# A mail's HTML runs nothing and loads nothing; its links open in a tab of their own, free of this.
_SANDBOX = {
    **_HEADERS,
    "content-security-policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the list. `name` is its file's, `time` our machine's."""

    name: str
    sender: str
    recipient: str
    subject: str
    time: str


class Mails:
    """`/mail` and what is below it. Without a folder it only says where mails are shown."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def answer(self, request: Request) -> Response:
        """A page; 404 for a mail that is not there (any more), 403 for a browser elsewhere."""
        if self._folder is None or not is_here(request.host):
            return self._page("mails_elsewhere", 403)
        return self._found(self._folder, request.path)

    def _found(self, folder: Path, path: str) -> Response:
        name, _, part = path.removeprefix(MAIL).strip("/").partition("/")
        if not name:
            return self._page("mails", mails=newest(folder))
        if name == "list" and not part:
            return self._page("mails_list", mails=newest(folder))
        mail = _read(folder, name)
        if mail is None or part not in ("", "html"):
            return self._page("mails_missing", 404)
        if part:
            return Response(_content(mail, "html").encode(), headers=_SANDBOX)
        listed = _listed(name, mail)
        return self._page("mail", mail=listed, text=_content(mail, "plain"), html=bool(_content(mail, "html")))

    def _page(self, template: str, status: int = 200, **context: object) -> Response:
        return Response(page(template, {"path": MAIL, **context}), status, headers=_HEADERS)


def newest(folder: Path) -> list[Listed]:
    """At most a hundred, newest first: names begin with the time."""
    files = [file for file in folder.glob("*.eml") if _NAME.fullmatch(file.stem)]
    found = [_head(file) for file in sorted(files, reverse=True)[:MOST_LISTED]]
    return [one for one in found if one is not None]


def _read(folder: Path, name: str) -> Message | None:
    if not _NAME.fullmatch(name):
        return None
    try:
        return BytesParser(policy=default).parsebytes((folder / f"{name}.eml").read_bytes())
    except FileNotFoundError:
        return None


@lru_cache(maxsize=2 * MOST_LISTED)
def _head(file: Path) -> Listed | None:
    """A mail as listed, read once: a mail does not change. None when it was removed just now."""
    try:
        with file.open("rb") as opened:
            return _listed(file.stem, BytesParser(policy=default).parse(opened, headersonly=True))
    except FileNotFoundError:
        return None


def _listed(name: str, mail: Message) -> Listed:
    at = datetime.fromtimestamp(int(name[:13]) / 1000).astimezone()
    sender, recipient, subject = (str(mail.get(header, "")) for header in ("From", "To", "Subject"))
    return Listed(name, sender, recipient, subject or "(no subject)", f"{at:%Y-%m-%d %H:%M:%S}")


def _content(mail: Message, kind: str) -> str:
    part = mail.get_body((kind,)) if isinstance(mail, EmailMessage) else None
    return str(part.get_content()) if part else ""


def is_here(host: str) -> bool:
    """Whether a host is a name that this machine has for itself alone."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
