"""The sounds of a company's call flows: kept as blobs, and published as files for the doors."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, User
from callspring.carriers.outside import clean
from callspring.flows.sound_file import examine
from callspring.flows.steps import Dial, Flow, HangUp, Menu, Prompt, Say, Step, Voicemail, every_step
from callspring.scenarios.models import Sound
from callspring.stores.blobs.files import FileBlobs
from callspring.stores.blobs.port import NoSuchBlob

MOST_SOUNDS = 200  # of a company
TITLE_LENGTH = 80


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


def _key(name: str) -> str:
    """By content, so two companies with the same file have one blob."""
    return f"sounds/{name.replace('.', '-')}"


def _blobs() -> FileBlobs:
    return FileBlobs(settings.CONFIG.blobs)
