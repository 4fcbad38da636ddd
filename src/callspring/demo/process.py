"""Runs the demo shop and its sandbox phone under uvicorn."""

from __future__ import annotations

import logging

import uvicorn

from callspring.config import Config
from callspring.demo.keepsake import read_keepsake
from callspring.demo.mails import is_here
from callspring.demo.shop import make_app


def serve(config: Config) -> int:
    """Serve until told to stop. Returns the process's exit code. Raises `ValueError` before the demo was seeded."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    keepsake = read_keepsake(config)
    app = make_app(
        doors_url=config.doors_url,
        company_key=keepsake.company_key,
        business_number=keepsake.business_number,
        books=config.sandbox_books,
        # Whoever can reach the shop from elsewhere would read the sign-in links in them.
        mails=config.mails if is_here(config.host) else None,
    )
    uvicorn.run(app, host=config.host, port=config.shop_port, lifespan="on", log_level="warning", access_log=False)
    return 0
