"""The sounds of a company's call flows: kept as blobs, and published as files for the doors."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, User
from callspring.carriers.outside import clean
from callspring.flows.sound_file import examine
from callspring.flows.steps import Dial, Flow, HangUp, Menu, Prompt, Say, Step, Voicemail, every_step
from callspring.numbers.models import Number
from callspring.scenarios.models import FlowVersion, Scenario, Sound
from callspring.stores.blobs.files import FileBlobs
from callspring.stores.blobs.port import NoSuchBlob

MOST_SOUNDS = 200  # of a company
TITLE_LENGTH = 80
UNUSED_DAYS = 60  # after which a sound that nothing plays is removed
_NAME = re.compile(r"[0-9a-f]{32}\.(?:wav|mp3)")


def keep(company: Company, content: bytes, title: str, author: User | None) -> Sound:
    """Keep a WAV or MP3 file; the same content is kept once. Raises `ValueError` with a sentence for people."""
    found = examine(content)
    name = f"{hashlib.blake2b(content, digest_size=16).hexdigest()}.{found.kind}"
    known = Sound.objects.filter(company=company, name=name).first()
    if known is not None:
        return known
    if Sound.objects.filter(company=company).count() >= MOST_SOUNDS:
        raise ValueError(_("You have %(most)d recordings already. Use one of them.") % {"most": MOST_SOUNDS})
    _blobs().put(_key(name), (content,))
    title = " ".join(clean(title, TITLE_LENGTH).split()) or _("Recording")
    about = {"title": title, "seconds": found.seconds, "author": author, "at": timezone.now()}
    with transaction.atomic():
        return Sound.objects.get_or_create(company=company, name=name, defaults=about)[0]


def sounds(company: Company) -> list[Sound]:
    """All of a company, newest first."""
    return list(Sound.objects.filter(company=company))


def find(company: Company, name: str) -> Sound | None:
    """One by its file's name; None for what the company does not have."""
    return Sound.objects.filter(company=company, name=name).first()


def content(sound: Sound) -> bytes:
    """The file. Raises `NoSuchBlob`."""
    with _blobs().open(_key(sound.name)) as file:
        return file.read()


def prompts(step: Step) -> list[Prompt]:
    """What a step, without those within it, lets people hear."""
    match step:
        case Say(prompt=prompt) | Menu(prompt=prompt) | Voicemail(greeting=prompt) | HangUp(message=prompt):
            return [prompt]
        case Dial():
            return [prompt for prompt in (step.whisper, step.announcement) if prompt is not None]
    return []


def played(flow: Flow) -> set[str]:
    """The names of the sounds that a flow plays."""
    heard = (prompt for step in every_step(flow.steps) for prompt in prompts(step))
    return {prompt.sound for prompt in heard if prompt.sound}


def publish_sounds(names: Iterable[str]) -> None:
    """Put files where the doors play them from; done before the flow that plays them is published.

    Raises `NoSuchBlob`, and `OSError` when the disk takes no more.
    """
    folder: Path = settings.CONFIG.sounds
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if not (folder / name).exists():
            draft = folder / f".{secrets.token_hex(8)}"
            with _blobs().open(_key(name)) as file:
                draft.write_bytes(file.read())
            draft.replace(folder / name)


def restore_sounds() -> None:
    """Put every sound's file where the doors play it from, that is not there: after a backup was brought back, say.

    One whose content is gone too is left out.
    """
    for name in Sound.objects.order_by().values_list("name", flat=True).distinct():
        try:
            publish_sounds([name])
        except NoSuchBlob:
            continue


def named_in(flows: Iterable[Any]) -> set[str]:
    """The names of all sounds that stand anywhere in flows as they are stored."""
    return {name for flow in flows for name in _NAME.findall(json.dumps(flow))}


def unused(company: Company, now: datetime) -> list[Sound]:
    """Sounds that were kept long ago and that no flow plays, neither one that is published nor a version of one."""
    old = list(Sound.objects.filter(company=company, at__lt=now - timedelta(days=UNUSED_DAYS)))
    if not old:
        return []
    flows = chain(
        FlowVersion.objects.filter(company=company).values_list("flow", flat=True).iterator(),
        Scenario.objects.filter(company=company).values_list("flow", flat=True).iterator(),
        Number.objects.filter(company=company, flow__isnull=False).values_list("flow", flat=True).iterator(),
    )
    wanted = named_in(flows)
    return [sound for sound in old if sound.name not in wanted]


def remove(sound: Sound) -> None:
    """Forget a sound, and its file where no other company has the same."""
    sound.delete()
    if Sound.objects.filter(name=sound.name).exists():
        return
    try:
        kept = content(sound)
    except NoSuchBlob:
        return
    _blobs().delete(_key(sound.name))
    (settings.CONFIG.sounds / sound.name).unlink(missing_ok=True)
    # Somebody may have sent the same file while it was being removed.
    if Sound.objects.filter(name=sound.name).exists():
        _blobs().put(_key(sound.name), (kept,))


def _key(name: str) -> str:
    """By content, so two companies with the same file have one blob."""
    return f"sounds/{name.replace('.', '-')}"


def _blobs() -> FileBlobs:
    return FileBlobs(settings.CONFIG.blobs)
