"""Voice notes: re-encoded, refused when hostile, heard only by members, deleted after their retention period."""

import io
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from mapping.out.offboarding import departure
from needs.base.attachments import voice_notes
from needs.base.retention_rules import registry
from needs.doors.retention import own_data
from needs.models import Encounter, VoiceNote
from tests.needs.phone_queue.queue_cases import MET, item, one
from tests.support import Cast, SignedIn
from volunteers.models import AuditEntry, User
from volunteers.people.audit.verbs import Verb
from volunteers.site.web_app import app_shell

pytestmark = pytest.mark.django_db


def recording(seconds: int = 2, container: str = "webm", codec: str = "libopus") -> bytes:
    """Return a tone as a phone records it, with text in its metadata."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as made:
        made.metadata["title"] = "48.866 2.350"
        stream = made.add_stream(codec, rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        wave = (np.sin(np.arange(48_000) * 0.05) * 9000).astype("int16")[None, :]
        for _second in range(seconds):
            frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
            frame.sample_rate = 48_000
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    return out.getvalue()


@pytest.fixture(scope="module")
def tone() -> bytes:
    return recording()


@pytest.fixture
def bob(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.bob)


@pytest.fixture
def met(bob: Client, cast: Cast) -> uuid.UUID:
    thing = item("encounter", MET)
    assert one(bob, cast.bob, thing)["status"] == 201
    return uuid.UUID(thing["id"])


def attach(
    client: Client, user: User, parent: uuid.UUID, data: bytes, *, id: str = "", type: str = "audio/webm"
) -> Any:
    headers = {
        "X-Queue-Id": id or str(uuid.uuid4()),
        "X-Queue-Parent": str(parent),
        "X-Queue-Account": app_shell.account_of(user),
    }
    return client.post("/queue/attach/voice/", data, content_type=type, headers=headers)


@pytest.mark.parametrize(("container", "codec"), [("webm", "libopus"), ("ogg", "libopus"), ("mp4", "aac")])
def test_a_recording_becomes_mono_opus_without_metadata(container: str, codec: str) -> None:
    sent = recording(2, container, codec)
    assert b"48.866" in sent
    seconds, sound = voice_notes.reencode(sent)
    assert seconds == pytest.approx(2, abs=0.1)
    assert b"48.866" not in sound
    assert len(sound) < 12_000
    with av.open(io.BytesIO(sound), format="ogg") as file:
        [stream] = file.streams.audio
        assert len(file.streams) == 1
        assert (stream.codec_context.name, stream.layout.name) == ("opus", "mono")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", voice_notes.Problem.UNREADABLE),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", voice_notes.Problem.UNREADABLE),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", voice_notes.Problem.UNREADABLE),
        (b"\x1a\x45\xdf\xa3" + bytes(5000), voice_notes.Problem.UNREADABLE),
        (b"OggS" + b"\xff" * 5000, voice_notes.Problem.UNREADABLE),
        (b"\x00\x00\x00\x18ftypisom" + b"\xff" * 5000, voice_notes.Problem.UNREADABLE),
        (b"OggS" + bytes(voice_notes.MOST_BYTES), voice_notes.Problem.TOO_LARGE),
    ],
)
def test_hostile_and_broken_files_are_refused(data: bytes, problem: voice_notes.Problem) -> None:
    with pytest.raises(voice_notes.VoiceRefused) as refused:
        voice_notes.reencode(data)
    assert refused.value.problem is problem


def test_more_than_a_minute_is_refused() -> None:
    with pytest.raises(voice_notes.VoiceRefused) as refused:
        voice_notes.reencode(recording(64))
    assert refused.value.problem is voice_notes.Problem.TOO_LONG


def test_a_note_is_stored_once_and_only_members_can_hear_it(
    bob: Client, cast: Cast, signed_in: SignedIn, met: uuid.UUID, tone: bytes
) -> None:
    key = str(uuid.uuid4())
    assert [attach(bob, cast.bob, met, tone, id=key).status_code for _each in range(2)] == [201, 200]
    note = VoiceNote.objects.get()
    address = f"/encounters/{met}/voice/{note.pk}/"
    assert address in bob.get(f"/encounters/{met}/").content.decode()
    heard = bob.get(address)
    assert heard["Content-Type"] == "audio/ogg"
    assert b"".join(heard).startswith(b"OggS")
    entries = AuditEntry.objects.filter(verb=Verb.VOICE_HEARD)
    assert [entry.actor for entry in entries] == [cast.bob.key]
    for stranger in (cast.alice, cast.edith, cast.diane, cast.farid):
        assert signed_in(stranger).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert entries.count() == 1


def test_only_the_author_can_add_notes_and_three_is_the_limit(
    bob: Client, cast: Cast, signed_in: SignedIn, met: uuid.UUID, tone: bytes
) -> None:
    for stranger in (cast.carol, cast.edith):
        assert attach(signed_in(stranger), stranger, met, tone).status_code == 404
    assert [attach(bob, cast.bob, met, tone).status_code for _each in range(4)] == [201, 201, 201, 400]
    assert attach(bob, cast.bob, met, b"%PDF-1.7").status_code == 400
    assert attach(bob, cast.bob, met, tone, type="text/html").status_code == 400


def test_the_note_and_its_file_are_deleted_after_two_weeks(
    bob: Client,
    cast: Cast,
    met: uuid.UUID,
    tone: bytes,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    attach(bob, cast.bob, met, tone)
    note = VoiceNote.objects.get()
    storage, name = note.sound.storage, str(note.sound.name)
    rule = next(each for each in registry.rules() if each.name == "voices")
    for days, there in ((13, True), (15, False)):
        VoiceNote.objects.update(made_at=timezone.now() - timedelta(days=days))
        with django_capture_on_commit_callbacks(execute=True):
            rule.carry_out(timezone.now())
        assert storage.exists(name) is there
    assert not VoiceNote.objects.exists()
    assert Encounter.objects.filter(pk=met).exists()


def test_the_copies_for_a_person_and_an_association_contain_the_notes(
    bob: Client, cast: Cast, met: uuid.UUID, tone: bytes, tmp_path: Path, settings: Settings
) -> None:
    settings.EXPORTS_ROOT = tmp_path
    attach(bob, cast.bob, met, tone)
    name = f"voice/{met}-{VoiceNote.objects.get().pk}.ogg"
    made = departure.ask(cast.maraude, cast.carol)
    departure.pack(made.pk)
    for file in (own_data.account_file(cast.bob), departure.path_of(made)):
        assert zipfile.ZipFile(file).read(name).startswith(b"OggS")
    assert "voice/" not in "".join(zipfile.ZipFile(own_data.account_file(cast.alice)).namelist())
