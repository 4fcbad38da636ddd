"""Each test process has a state folder of its own, chosen before Django reads its settings.

For that, pytest-django must not load them first: `DJANGO_SETTINGS_MODULE` stands here and not in `pyproject.toml`.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile

import pytest

# Modules and thousands of tests are no garbage: to look through them again and again took a fifth of all time.
gc.disable()

# On which database to run, what a fresh one is copied from (scripts/test.py); where specifications are.
KEPT = {"CALLSPRING_DATABASE_URL", "CALLSPRING_TEST_TEMPLATE", "CALLSPRING_SPECS"}

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
import hypothesis  # noqa: E402
from django.conf import settings  # noqa: E402

ON_SQLITE = "sqlite3" in settings.DATABASES["default"]["ENGINE"]
# A database with all migrations done (a file, or its name on the server): to copy it is quicker by seconds than to do
# them again in each process. Migrations are run on the copy too; a stale one is brought up to date.
TEMPLATE = os.environ.get("CALLSPRING_TEST_TEMPLATE")
if ON_SQLITE:
    # A file, as in production: threads that share a database in memory lock each other out in ways that files do not.
    settings.DATABASES["default"]["TEST"] = {"NAME": f"{var}/tests.sqlite3"}
elif TEMPLATE:
    settings.DATABASES["default"]["TEST"] = {"TEMPLATE": TEMPLATE}
# The real hasher is slow by design: a third of a second for each password that a story sets or somebody types.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
django.setup()
# Not for the workers of pytest-xdist, which would load the settings before they come to this file.
del os.environ["DJANGO_SETTINGS_MODULE"]

# How fast this machine is proves nothing: an example that is tried on a busy one may take seconds.
hypothesis.settings.register_profile("callspring", deadline=None)
hypothesis.settings.load_profile("callspring")

# Here and not where they are used, or each folder would start a browser of its own.
from tests.browser.chromium import allowed_errors, chromium, page, visitor  # noqa: E402

__all__ = ["allowed_errors", "chromium", "page", "visitor"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever starts a browser or a system says so in its own file: scripts/test.py reads no others for those."""
    for item in items:
        for mark in ("browser", "system"):
            if item.get_closest_marker(mark) and f"mark.{mark}" not in item.path.read_text("utf-8"):
                raise pytest.UsageError(f"{item.nodeid}: write pytest.mark.{mark} into this file")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """From here on there is garbage. What was collected until now stays, and need not be looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as the doors do
    gc.enable()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:  # noqa: ARG001
    """Puts the copy where the database of this process will be looked for."""
    if TEMPLATE and ON_SQLITE:
        shutil.copyfile(TEMPLATE, settings.DATABASES["default"]["TEST"]["NAME"])


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Whether a database that is there already is taken: only the copy."""
    return bool(TEMPLATE and ON_SQLITE)
