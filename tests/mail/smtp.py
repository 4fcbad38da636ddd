"""A mail server on loopback that says what the test wants: the little of RFC 5321 that a client needs."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """What it answers to RCPT and to the mail's end, and what it took: envelope recipient and the mail's bytes."""

    port: int = 0
    to_recipient: str = "250 fine"
    to_mail: str = "250 taken"
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


class _Talk(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        story: MailServer = self.server.story  # type: ignore[attr-defined] # put there below
        recipient = ""
        self.say("220 loopback")
        while line := self.rfile.readline():
            command = line.decode().strip()
            story.commands.append(command)
            verb = command[:4].upper()
            if verb == "RCPT":
                recipient = command.partition("<")[2].rstrip(">")
                self.say(story.to_recipient)
            elif verb == "DATA":
                self.say("354 go on")
                mail = self.body()
                if story.to_mail.startswith("2"):
                    story.taken.append((recipient, mail))
                self.say(story.to_mail)
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine" if verb in ("EHLO", "HELO", "MAIL", "RSET", "NOOP") else "502 what?")

    def body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            assert line.endswith(b"\r\n"), "a bare newline is smuggling (RFC 5321, 2.3.8)"
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """The server while it listens, on a port of its own choice."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        story = MailServer(server.server_address[1])
        server.story = story  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield story
        finally:
            server.shutdown()
            thread.join()
