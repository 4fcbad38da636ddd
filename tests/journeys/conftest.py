from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.carriers.twilio_account import TwilioAccount
from tests.journeys.running import Running, run
from tests.system.processes import free_ports


@pytest.fixture(scope="session")
def twilio_to_be() -> TwilioAccount:
    """All there is of Twilio for these journeys. It has an address and does not answer before `twilio` is asked for."""
    return TwilioAccount()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, twilio_to_be: TwilioAccount) -> Iterator[Running]:
    """The product, started once for all journeys."""
    var, apis = tmp_path_factory.mktemp("journeys") / "var", f"twilio={twilio_to_be.url}"
    with run(var, free_ports(), CALLSPRING_CARRIER_APIS=apis) as found:
        yield found


@pytest.fixture(scope="session")
def twilio(twilio_to_be: TwilioAccount) -> Iterator[TwilioAccount]:
    """Twilio, answering: every request is held against its specification."""
    with twilio_to_be:
        yield twilio_to_be
