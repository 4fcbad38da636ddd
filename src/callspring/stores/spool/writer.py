"""A door's end of the spool."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import threading
import time
from collections.abc import Awaitable, Generator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from callspring.stores.spool.files import segment_path, segments
from callspring.stores.spool.frames import MAX_PAYLOAD, FrameTooLarge, frame, frames

log = logging.getLogger(__name__)

SEGMENT_BYTES = 16 << 20
SYNC_SECONDS = 0.1
# Between two `fdatasync`. A lone call waits for nothing; in a rush those who come meanwhile share the next one.
GROUP_SECONDS = 0.002


class SpoolBusy(RuntimeError):
    """Another door process already writes this spool."""


class SpoolFull(OSError):
    """The disk took no more. Nothing of the record was kept; what was written before is whole."""


class _Turn:
    """What is appended in one turn of the event loop. Whoever awaits it goes on when it is written, or was refused."""

    __slots__ = ("error", "is_over", "payloads", "size")

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.size = 0
        self.is_over = False
        self.error: Exception | None = None

    def __await__(self) -> Generator[None, None, None]:
        while not self.is_over:
            yield  # as `asyncio.sleep(0)` does, for a future each would cost every visitor
        if self.error:
            raise self.error


class SpoolWriter:
    """Appends records to the newest segment of a folder that it alone writes.

    `append` returns and `append_soon` is done when the operating system has the bytes, so a killed process loses
    nothing; a thread makes them durable every 100 ms, and at once for whoever awaits `durable()`.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = _lock(folder)
        self._segment_bytes = segment_bytes
        existing = segments(folder)
        if existing:
            _cut_torn_tail(segment_path(folder, existing[-1]))
        self._segment = existing[-1] if existing else 0
        self._file = -1
        self._size = 0
        self._dirty = False
        self._turn = _Turn()
        self._retired: list[int] = []
        self._asked: SimpleQueue[asyncio.Future[None] | None] = SimpleQueue()
        self._synced = 0.0
        self._closed = False
        self._rotate()
        self._syncer = threading.Thread(target=self._sync_forever, name="spool-sync", daemon=True)
        self._syncer.start()

    @property
    def segment(self) -> int:
        """The number of the segment that is written now."""
        return self._segment

    def append(self, *payloads: bytes) -> None:
        """Write records with one `write()`, behind those that were to be written soon. Raises `SpoolFull`."""
        self._write_turn()
        if payloads:
            self._write(_framed(payloads))

    def append_soon(self, payload: bytes) -> Awaitable[None]:
        """Write a record with one `write()` for all of this turn of the event loop, the busier the door the more.

        Await it before you answer: it is done when the operating system has the bytes. It raises `SpoolFull` when the
        disk did not take all of the turn's records; then none of them was kept.
        """
        size = len(payload) + 1  # with what parts it from the next one
        if size > MAX_PAYLOAD:
            raise FrameTooLarge(f"a spool record of {len(payload)} bytes; less than {MAX_PAYLOAD} are allowed")
        if self._turn.size + size > MAX_PAYLOAD:
            self._write_turn()
        turn = self._turn
        if not turn.payloads:
            asyncio.get_running_loop().call_soon(self._write_turn)
        turn.payloads.append(payload)
        turn.size += size
        return turn

    def _write_turn(self) -> None:
        turn, self._turn = self._turn, _Turn()
        if turn.payloads:
            try:
                self._write(_framed(turn.payloads))
            except Exception as error:  # whatever it is, nobody may go on as if it were written
                turn.error = error
        turn.is_over = True

    def _write(self, data: bytes) -> None:
        if self._size >= self._segment_bytes:
            self._rotate()
        try:
            written = os.write(self._file, data)
        except OSError as error:
            self._undo(error)
        if written != len(data):
            self._undo(OSError(28, "short write"))
        self._size += written
        self._dirty = True

    async def durable(self) -> None:
        """Wait until everything appended so far would survive a power cut. Raises `SpoolFull`."""
        future = asyncio.get_running_loop().create_future()
        self._asked.put(future)
        await future

    def close(self) -> None:
        """Make everything durable and let another process have the spool."""
        self._write_turn()
        self._closed = True
        self._asked.put(None)
        self._syncer.join()
        _settle(self._waiting(), self._sync())
        os.close(self._file)
        os.close(self._lock)

    def _undo(self, error: OSError) -> None:
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._size)
        raise SpoolFull(error.errno, f"cannot write to the spool: {error.strerror}") from error

    def _rotate(self) -> None:
        path = segment_path(self._folder, self._segment + 1)
        try:
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if self._file < 0:
                raise
            raise SpoolFull(error.errno, f"cannot begin a spool segment: {error.strerror}") from error
        if self._file >= 0:
            # Made durable and closed by the thread: the event loop waits for no disk.
            self._retired.append(self._file)
        self._file, self._size = opened, 0
        self._segment += 1

    def _sync_forever(self) -> None:
        while not self._closed:
            waiting = self._first_waiting()
            if waiting:
                time.sleep(max(0.0, self._synced + GROUP_SECONDS - time.monotonic()))
                waiting += self._waiting()
            if self._dirty:
                self._dirty = False
                self._synced = time.monotonic()
                _settle(waiting, self._sync())
            else:
                _settle(waiting, None)

    def _first_waiting(self) -> list[asyncio.Future[None]]:
        with contextlib.suppress(Empty):
            first = self._asked.get(timeout=SYNC_SECONDS)
            return [first] if first is not None else []
        return []

    def _waiting(self) -> list[asyncio.Future[None]]:
        """Everybody else who has asked by now."""
        waiting = []
        while not self._asked.empty():  # nobody but this thread, and `close` after it, takes anything out
            future = self._asked.get()
            if future is not None:
                waiting.append(future)
        return waiting

    def _sync(self) -> OSError | None:
        current = self._file  # before the retired ones: what was appended until now is in these
        try:
            while self._retired:
                finished = self._retired[0]
                os.fdatasync(finished)
                os.close(self._retired.pop(0))
                if finished == current:  # a rotation meanwhile; what is behind it is synced next time
                    return None
            os.fdatasync(current)
        except OSError as error:
            self._dirty = True
            log.exception("the spool could not be made durable")
            return SpoolFull(error.errno, f"cannot make the spool durable: {error.strerror}")
        return None


def _framed(payloads: Sequence[bytes]) -> bytes:
    """In one frame: of a write that the disk cuts short nothing can be read before it is undone.

    Only what is more than a frame may hold is in several; nobody writes so much while a page or a caller waits.
    """
    together = b"\n".join(payloads)
    return frame(together) if len(together) <= MAX_PAYLOAD else b"".join(map(frame, payloads))


def _settle(waiting: list[asyncio.Future[None]], error: OSError | None) -> None:
    if waiting:
        waiting[0].get_loop().call_soon_threadsafe(_resolve, waiting, error)


def _resolve(waiting: list[asyncio.Future[None]], error: OSError | None) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(None) if error is None else future.set_exception(error)


def _lock(folder: Path) -> int:
    """Hold the folder's lock for this process's life. A dying predecessor gets two seconds to let go."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(20):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        time.sleep(0.1)
    os.close(descriptor)
    raise SpoolBusy(f"another process writes {folder}; give each door process a spool of its own")


def _cut_torn_tail(path: Path) -> None:
    data = path.read_bytes()
    end = 0
    for _, end in frames(data):  # noqa: B007 (only the last end matters)
        pass
    if end < len(data):
        log.warning("cut %d torn bytes off %s", len(data) - end, path.name)
        os.truncate(path, end)
