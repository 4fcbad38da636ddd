from __future__ import annotations

import subprocess
import sys

from callspring.visits.drops import DROP_REASONS, Drop


def test_every_reason_is_explained_in_words_of_its_own() -> None:
    assert set(DROP_REASONS) == set(Drop)
    assert len(set(DROP_REASONS.values())) == len(Drop)
    assert all(text.endswith(".") for text in DROP_REASONS.values())


def test_reasons_are_fit_for_a_header_and_the_record() -> None:
    for drop in Drop:
        assert drop.value == drop.name.lower()
        assert len(drop) <= 24


def test_the_pure_modules_leave_django_alone() -> None:
    names = [
        "address",
        "bots",
        "client_ip",
        "continuity",
        "device",
        "drops",
        "location",
        "sites",
        "sources",
        "touch",
    ]
    code = "import sys;" + ";".join(f"import callspring.visits.{name}" for name in names)
    code += ";print([name for name in sys.modules if name.partition('.')[0] in {'django', 'ninja'}])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
