"""Each test process has a state folder of its own, chosen before Django reads its settings.

For that, pytest-django must not load them first: `DJANGO_SETTINGS_MODULE` stands here and not in `pyproject.toml`.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile

KEPT = {"CALLSPRING_DATABASE_URL", "CALLSPRING_SPECS"}  # on which database to run; where specifications are

if "callspring.back.settings" in sys.modules:
    raise RuntimeError("Django's settings were loaded before tests/conftest.py: they point at a real state folder")

var = tempfile.mkdtemp(prefix="callspring-tests-")
atexit.register(shutil.rmtree, var, ignore_errors=True)
for name in [name for name in os.environ if name.startswith("CALLSPRING_") or name == "PORT"]:
    if name not in KEPT:
        del os.environ[name]
os.environ["CALLSPRING_VAR"] = var
os.environ["DJANGO_SETTINGS_MODULE"] = "callspring.back.settings"

import django  # noqa: E402 - only now
from django.conf import settings  # noqa: E402

if "sqlite3" in settings.DATABASES["default"]["ENGINE"]:
    # A file, as in production: threads that share a database in memory lock each other out in ways that files do not.
    settings.DATABASES["default"]["TEST"] = {"NAME": f"{var}/tests.sqlite3"}
django.setup()
# Not for the workers of pytest-xdist, which would load the settings before they come to this file.
del os.environ["DJANGO_SETTINGS_MODULE"]

# Here and not where they are used, or each folder would start a browser of its own.
from tests.browser.chromium import allowed_errors, chromium, page, visitor  # noqa: E402

__all__ = ["allowed_errors", "chromium", "page", "visitor"]
