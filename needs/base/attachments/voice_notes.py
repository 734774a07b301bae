"""Voice notes of encounters: re-encoded by a separate process before storage."""

import subprocess
import sys
import uuid
from enum import Enum
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.base.attachments import voice_decoder
from needs.models import Encounter, VoiceNote

MOST_BYTES = voice_decoder.MOST_BYTES
TYPES = ("audio/webm", "audio/ogg", "audio/mp4")
MOST_NOTES = 3  # per encounter
TIMEOUT_S = 30


class Problem(Enum):
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    TOO_MANY = "too_many"


MESSAGES: dict[Problem, str | Promise] = {
    Problem.TOO_LARGE: _("The recording is larger than 2 MB. Record a shorter one."),
    Problem.TOO_LONG: _("The recording is longer than a minute. Record a shorter one."),
    Problem.UNREADABLE: _("We cannot read this recording. Record it again, or write a note instead."),
    Problem.TOO_MANY: _("This encounter has three voice notes already."),
}


class VoiceRefused(Exception):
    """A refused recording; ``problem`` is the reason."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem

    @property
    def message(self) -> str | Promise:
        return MESSAGES[self.problem]


def reencode(data: bytes) -> tuple[float, bytes]:
    """Return (seconds, Ogg with mono Opus at 24 kbit/s, without metadata). Raises VoiceRefused."""
    if len(data) > MOST_BYTES:
        raise VoiceRefused(Problem.TOO_LARGE)
    if not voice_decoder.format_of(data):
        raise VoiceRefused(Problem.UNREADABLE)
    command = [sys.executable, "-I", str(settings.ROOT / "needs" / "base" / "attachments" / "voice_decoder.py")]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT_S, check=False, env={}, cwd="/")  # noqa: S603
    except subprocess.TimeoutExpired:
        raise VoiceRefused(Problem.UNREADABLE) from None
    if done.returncode == voice_decoder.TOO_LONG:
        raise VoiceRefused(Problem.TOO_LONG)
    seconds, line, sound = done.stdout.partition(b"\n")
    if done.returncode != 0 or not line or not sound.startswith(b"OggS"):
        raise VoiceRefused(Problem.UNREADABLE)
    return float(seconds), sound


def add(encounter: uuid.UUID, seconds: float, sound: bytes) -> bool:
    """Add a note to an encounter, in the caller's transaction. Return False if the encounter already has MOST_NOTES."""
    Encounter.objects.select_for_update(of=("self",)).get(pk=encounter)
    if VoiceNote.objects.filter(encounter=encounter).count() >= MOST_NOTES:
        return False
    note = VoiceNote(encounter_id=encounter, seconds=max(1, round(seconds)))
    note.sound.save(f"{note.pk}.ogg", ContentFile(sound))
    return True


def delete_file(instance: VoiceNote, **_signal: Any) -> None:
    """Delete the file of a deleted row. Receiver of post_delete."""
    if instance.sound.name:
        transaction.on_commit(partial(instance.sound.storage.delete, instance.sound.name))
