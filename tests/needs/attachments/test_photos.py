"""Photos: re-encoded without metadata, hostile files refused with a message, deleted after their retention period."""

import io
import struct
import uuid
import zipfile
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from needs.base.attachments import photos
from needs.base.attachments.photos import PhotoRefused, Problem
from needs.doors.retention import runner
from needs.models import NeedPhoto
from tests.needs.triage.triage_cases import reported
from tests.support import City

GPS = 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 120, 40)).save(out, kind, **options)
    return out.getvalue()


def with_position() -> bytes:
    """Return a photo as a phone takes it: with position, model and comment, rotated by 90°."""
    exif = Image.Exif()
    exif[0x0110] = "Telephone of somebody"
    exif[0x0112] = 6  # rotated by 90°
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 51.0, 57.6), 3: "E", 4: (2.0, 21.0, 0.0)})
    return picture(exif=exif, comment=b"48.866 2.350")


def why(data: bytes) -> Problem:
    with pytest.raises(PhotoRefused) as refused:
        photos.reencode(io.BytesIO(data))
    assert str(refused.value.message)
    return refused.value.problem


def test_the_position_and_everything_else_that_was_hidden_is_gone() -> None:
    sent = with_position()
    assert dict(Image.open(io.BytesIO(sent)).getexif().get_ifd(GPS))
    made = photos.reencode(io.BytesIO(sent))
    opened: Any = Image.open(io.BytesIO(made))
    assert opened.format == "JPEG"
    assert not dict(opened.getexif())
    assert not {"exif", "comment", "icc_profile", "photoshop", "xmp"} & opened.info.keys()
    for word in (b"Telephone", b"48.866", b"Exif"):
        assert word not in made


def test_a_photo_is_turned_upright_and_made_smaller() -> None:
    assert Image.open(io.BytesIO(photos.reencode(io.BytesIO(with_position())))).size == (480, 640)
    wide = photos.reencode(io.BytesIO(picture(size=(4000, 1000))))
    assert Image.open(io.BytesIO(wide)).size == (1600, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_common_formats_are_accepted(kind: str) -> None:
    assert Image.open(io.BytesIO(photos.reencode(io.BytesIO(picture(kind))))).format == "JPEG"


def test_a_jpeg_with_a_second_still_is_accepted() -> None:
    out = io.BytesIO()
    first, second = (Image.new("RGB", (64, 48), colour) for colour in ("red", "blue"))
    first.save(out, "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(photos.reencode(io.BytesIO(out.getvalue())))).size == (64, 48)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "ICO"])
def test_other_formats_are_refused(kind: str) -> None:
    assert why(picture(kind)) is Problem.WRONG_TYPE


@pytest.mark.parametrize("data", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7 and more"])
def test_a_file_that_is_not_a_picture_is_refused(data: bytes) -> None:
    assert why(data) is Problem.WRONG_TYPE


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_decompression_bomb_is_refused_before_it_is_opened() -> None:
    side = 30_000  # 900 million pixels in a few hundred bytes
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + _chunk(b"IEND", b"")
    )
    assert len(bomb) < 1000
    assert why(bomb) is Problem.TOO_MANY_PIXELS


def test_a_picture_past_the_limit_of_pixels_is_refused_although_its_file_is_small() -> None:
    sent = picture("PNG", (10_000, 6_000))
    assert len(sent) < photos.MOST_BYTES
    assert why(sent) is Problem.TOO_MANY_PIXELS


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animated_picture_is_refused(kind: str) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue", "green")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    assert why(out.getvalue()) is Problem.ANIMATED


def test_a_photo_that_is_an_archive_too_is_refused() -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    assert why(picture() + box.getvalue()) is Problem.TWO_FILES


@pytest.mark.parametrize("hidden", [b"<script>alert(1)</script>", b"<HTML><body>", b"<?php system(1); ?>"])
def test_a_photo_that_is_also_a_web_page_is_refused(hidden: bytes) -> None:
    assert why(picture(comment=hidden)) is Problem.TWO_FILES


def test_a_damaged_photo_and_one_that_is_too_large_are_refused() -> None:
    sent = picture(size=(800, 800))
    assert why(sent[: len(sent) // 2]) is Problem.DAMAGED
    assert why(picture() + b"\0" * photos.MOST_BYTES) is Problem.TOO_LARGE


def stored(days: float = 0) -> NeedPhoto:
    need = reported()
    photos.add_first(need.pk, photos.reencode(io.BytesIO(picture())))
    NeedPhoto.objects.filter(need=need).update(made_at=timezone.now() - timedelta(days=days))
    return NeedPhoto.objects.get(need=need)


def test_photos_are_deleted_after_two_weeks_with_their_files(
    city: City, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    old, young = stored(15), stored(13)
    storage = old.image.storage
    assert storage.exists(str(old.image.name))
    with django_capture_on_commit_callbacks(execute=True):
        assert runner.run().counts["photos"] == 1
    assert list(NeedPhoto.objects.all()) == [young]
    assert not storage.exists(str(old.image.name))
    assert storage.exists(str(young.image.name))
    assert runner.run().counts["photos"] == 0


def test_the_file_is_deleted_with_its_need(
    city: City, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = stored()
    with django_capture_on_commit_callbacks(execute=True):
        photo.need.delete()
    assert not photo.image.storage.exists(str(photo.image.name))


def test_a_report_sent_again_keeps_its_one_photo(city: City) -> None:
    photo = stored()
    photos.add_first(photo.need_id, photos.reencode(io.BytesIO(picture())))
    assert NeedPhoto.objects.get() == photo
    assert uuid.UUID(str(photo.image.name).rpartition("/")[2].removesuffix(".jpg")) == photo.pk
