from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.running import Running, run
from tests.system.processes import free_ports


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product, started once for all journeys."""
    with run(tmp_path_factory.mktemp("journeys") / "var", free_ports()) as found:
        yield found
