"""Voice notes of encounters: encoded anew by a process of their own, heard by members, deleted in time."""

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

from needs.attachments import voice_decoder
from needs.models import Encounter, VoiceNote

MOST_BYTES = voice_decoder.MOST_BYTES
TYPES = ("audio/webm", "audio/ogg", "audio/mp4")
MOST_NOTES = 3  # of one encounter
PATIENCE = 30  # seconds


class Problem(Enum):
    """What can be wrong with a recording."""

    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    TOO_MANY = "too_many"


WORDS: dict[Problem, str | Promise] = {
    Problem.TOO_LARGE: _("The recording is larger than 2 MB. Record a shorter one."),
    Problem.TOO_LONG: _("The recording is longer than a minute. Record a shorter one."),
    Problem.UNREADABLE: _("This is no recording that we can read. Record it again, or write it down."),
    Problem.TOO_MANY: _("This encounter has three voice notes already."),
}


class VoiceRefused(Exception):
    """A recording that is not taken; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem

    @property
    def words(self) -> str | Promise:
        return WORDS[self.problem]


def reencode(data: bytes) -> tuple[float, bytes]:
    """(seconds, Ogg with Opus at 24 kbit/s, mono, without the file's own words). Raises VoiceRefused."""
    if len(data) > MOST_BYTES:
        raise VoiceRefused(Problem.TOO_LARGE)
    if not voice_decoder.format_of(data):
        raise VoiceRefused(Problem.UNREADABLE)
    command = [sys.executable, "-I", str(settings.ROOT / "needs" / "attachments" / "voice_decoder.py")]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, check=False, env={}, cwd="/")  # noqa: S603
    except subprocess.TimeoutExpired:
        raise VoiceRefused(Problem.UNREADABLE) from None
    if done.returncode == voice_decoder.TOO_LONG:
        raise VoiceRefused(Problem.TOO_LONG)
    seconds, line, sound = done.stdout.partition(b"\n")
    if done.returncode != 0 or not line or not sound.startswith(b"OggS"):
        raise VoiceRefused(Problem.UNREADABLE)
    return float(seconds), sound


def add(encounter: uuid.UUID, seconds: float, sound: bytes) -> bool:
    """One more note of an encounter, in the caller's transaction; False when it has MOST_NOTES."""
    Encounter.objects.select_for_update(of=("self",)).get(pk=encounter)
    if VoiceNote.objects.filter(encounter=encounter).count() >= MOST_NOTES:
        return False
    note = VoiceNote(encounter_id=encounter, seconds=max(1, round(seconds)))
    note.sound.save(f"{note.pk}.ogg", ContentFile(sound))
    return True


def drop_file(instance: VoiceNote, **_signal: Any) -> None:
    """The file goes with its row, whatever deleted the row. Receiver of post_delete."""
    if instance.sound.name:
        transaction.on_commit(partial(instance.sound.storage.delete, instance.sound.name))
