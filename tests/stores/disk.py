"""A disk that takes no more, without filling one."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

# Far above what a test runner's own capture files hold: while the limit is in force it binds them too.
LIMIT = 1_500_000


@contextmanager
def files_end_at(size: int = LIMIT) -> Iterator[None]:
    """No file of this process can grow past `size` bytes: writes are short, then refused, like on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
