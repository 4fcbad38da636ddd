"""`callspring sandbox call` and `text`: one call or text message through the sandbox's network, told step by step."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from callspring.config import load
from callspring.demo.business import Business, answers, busy, never_answers
from callspring.demo.call import LogLine, SandboxCall
from callspring.demo.exchange import Exchange, OutOfOrder, UnknownNumber
from callspring.demo.spellings import NotANumber, pretty, to_e164
from callspring.demo.texting import NotTaken

LONGEST = 3600.0  # seconds, of an answer or a talk
LONGEST_TEXT = 1_600  # characters


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `sandbox call` and `sandbox text` to the command line. The parsed arguments get `run(args) -> int`."""
    sandbox = subparsers.add_parser("sandbox", help="the built-in telephone network")
    actions = sandbox.add_subparsers(dest="action", required=True, metavar="ACTION")
    call = actions.add_parser(
        "call",
        help="place a call and report what happens",
        description="Places a call in the sandbox. Exit code 0: it went as asked; 1: it did not.",
    )
    _add_options(call)
    call.set_defaults(run=run)
    text = actions.add_parser(
        "text",
        help="send a text message",
        description="Sends a text message in the sandbox. Exit code 0: Callspring took it; 1: it did not.",
    )
    _add_numbers(text, sender=_number)
    text.add_argument("body", metavar="BODY", help="what to write; at most 1,600 characters")
    text.set_defaults(run=run_text)


def _add_numbers(parser: argparse.ArgumentParser, sender: Callable[[str], str]) -> None:
    add = parser.add_argument
    withheld = ', or "withheld"' if sender is _caller else ""
    add("--from", dest="caller", required=True, metavar="NUMBER", type=sender, help=f"E.164{withheld}")
    add("--to", dest="dialled", required=True, metavar="NUMBER", type=_number, help="E.164")
    add("--books", type=Path, default=None, metavar="PATH", help="the carrier's books (default: this installation's)")


def _add_options(call: argparse.ArgumentParser) -> None:
    _add_numbers(call, sender=_caller)
    add = call.add_argument
    add("--answer-after", type=_seconds, default=1.0, metavar="S", help="seconds of ringing (default 1)")
    add("--duration", type=_seconds, default=5.0, metavar="S", help="seconds of talk (default 5)")
    add("--hung-up-by", choices=["business", "caller"], default="business", help="who ends the talk")
    add("--voicemail", type=_seconds, default=None, metavar="S", help="nobody answers; speak for S seconds if asked to")
    how = call.add_mutually_exclusive_group()
    how.add_argument("--no-answer", action="store_true", help="the business lets it ring")
    how.add_argument("--busy", action="store_true", help="the business is on the phone")


def run(args: argparse.Namespace) -> int:
    """Place the call that `args` ask for and wait for its end."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # each request is told below, in plainer words
    try:
        call = asyncio.run(_place(args))
    except (UnknownNumber, OutOfOrder) as error:
        return _complain(str(error))
    trouble = _not_as_asked(call, args)
    return _complain(trouble) if trouble else 0


def run_text(args: argparse.Namespace) -> int:
    """Send the text that `args` ask for."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if not 0 < len(args.body) <= LONGEST_TEXT:
        return _complain(f"A text has 1 to {LONGEST_TEXT} characters.")
    try:
        asyncio.run(_write(args))
    except (UnknownNumber, OutOfOrder, NotTaken) as error:
        return _complain(str(error))
    print(f"Callspring took the text from {pretty(args.caller)} to {pretty(args.dialled)}.")
    return 0


async def _write(args: argparse.Namespace) -> None:
    exchange = Exchange(args.books or load().sandbox_books)
    try:
        await exchange.write(args.caller, args.dialled, args.body)
    finally:
        await exchange.close()


async def _place(args: argparse.Namespace) -> SandboxCall:
    books = args.books or load().sandbox_books
    exchange = Exchange(books)
    try:
        # Whoever was not asked to say something says nothing after the beep.
        call = exchange.place(args.caller, args.dialled, _business(args), _print, args.voicemail or 0.0)
        await exchange.finished(call)
        return call
    finally:
        await exchange.close()


def _business(args: argparse.Namespace) -> Business:
    if args.no_answer:
        return never_answers
    if args.busy or args.voicemail is not None:  # the quicker way of not answering
        return busy
    return answers(args.answer_after, args.duration, args.hung_up_by)


def _not_as_asked(call: SandboxCall, args: argparse.Namespace) -> str:
    """Why the call did not go as asked, or ""."""
    talk = not (args.no_answer or args.busy or args.voicemail is not None)
    if call.fell_back:
        return "The voice door gave no instruction; the call went to the number's fallback."
    if not call.destination:
        return "The business's phone never rang."
    if call.talked != talk:
        return "The business answered." if call.talked else "The ringing ended before the business answered."
    if args.voicemail is not None and not call.said:
        return "Nobody asked the caller to leave a message."
    if args.voicemail and call.recorded is None:
        return "Nothing was recorded."
    if call.undelivered:
        return f"The voice door did not take {call.undelivered} of the call's events."
    return ""


def _print(line: LogLine) -> None:
    print(f"{line.after:7.2f} s  {line.speaker:<10}  {line.text}", flush=True)


def _complain(text: str) -> int:
    print(f"callspring: {text}", file=sys.stderr)
    return 1


def _number(typed: str) -> str:
    try:
        return to_e164(typed)
    except NotANumber as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _caller(typed: str) -> str:
    return "" if typed in {"", "withheld"} else _number(typed)


def _seconds(typed: str) -> float:
    try:
        seconds = float(typed)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{typed}” is no number of seconds.") from error
    if not 0 <= seconds <= LONGEST:
        raise argparse.ArgumentTypeError(f"Seconds go from 0 to {LONGEST:g}.")
    return seconds
