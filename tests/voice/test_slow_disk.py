"""The disk hangs while the phone rings: the caller is answered all the same; a mere report waits until it is kept."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from callspring.voice import call_path
from tests.doors import BUSINESS, House
from tests.voice.carriers import Carrier, said
from tests.voice.test_calls import run


def test_with_a_disk_that_hangs_the_caller_is_routed_and_a_report_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, really = threading.Event(), os.fdatasync

    def hang(descriptor: int) -> None:
        assert goes_on.wait(30)
        really(descriptor)

    async def story(house: House, carrier: Carrier) -> None:
        monkeypatch.setattr(os, "fdatasync", hang)
        monkeypatch.setattr(call_path, "PATIENCE", 0.05)
        try:
            told = await carrier.ask()
            assert (told.status, told.do, told.to) == (200, "dial", BUSINESS)
            report = asyncio.ensure_future(carrier.event("completed"))
            assert not (await asyncio.wait({report}, timeout=0.3))[0], "it is not taken before it is kept"
        finally:
            goes_on.set()
        assert (await report).status == 200
        assert [one.status for one in said(house)] == ["asked", "completed"]

    run(tmp_path, "sandbox", story)
