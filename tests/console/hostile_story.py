"""A company at which everybody who can write anything writes hostile text: visitors, callers, the carrier, its people.

What comes from outside comes through the doors (their ASGI application, signed webhooks, the spool, the ingester);
what people write is sent by their browsers; what the carrier says comes from its API.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.locks import LOCK_EX  # noqa: F401
from django.test import Client, override_settings
from django.utils import timezone
from twilio.request_validator import RequestValidator

from callspring.accounts.models import Company, Membership, User
from callspring.doors.app import Doors
from callspring.inbox.models import Thread
from callspring.ingest.run import Ingester
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.numbers.actions import adopt
from callspring.numbers.models import Connection
from callspring.scenarios.actions import track_campaign, track_users
from callspring.scenarios.publishing import publish_company
from callspring.sites.models import Site
from tests.carriers.twilio_account import Answer, TwilioAccount
from tests.carriers.twilio_requests import leg_event, question, recorded, recording_report, text_in
from tests.console.hostile import HOSTILE, marked
from tests.console.pages import Pages
from tests.doors import CHROME
from tests.stories import TARGET

DOORS = "https://calls.example.com"
SHORT = 80
