"""Attack 6: look for camera metadata in a shown photo and in everything stored on disk."""

import io
import os
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin

from needs.models import NeedPhoto
from tests.needs.crises.crisis_cases import opened
from tests.support import Cast, SignedIn

MARKS = (b"48.867312", b"Telephone of Zebulon", b"Exif", b"ns.adobe.com/xap", b"GPSLatitude", b"hidden words", b"EXIF")
GPS = 0x8825


def _exif() -> Image.Exif:
    """Return EXIF data with a position, the telephone's name, and a thumbnail of the whole picture."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "48.867312", "Telephone of Zebulon"
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 52.0, 2.3), 3: "E", 4: (2.0, 21.0, 4.4)})
    return exif


def _with_thumbnail(jpeg: bytes) -> bytes:
    """Return the picture with a thumbnail in its metadata, as cameras add it."""
    small = io.BytesIO()
    Image.new("RGB", (32, 24), "red").save(small, "JPEG", comment=b"hidden words")
    block = b"JFXX\x00\x10" + small.getvalue()
    return jpeg[:2] + b"\xff\xe0" + (len(block) + 2).to_bytes(2, "big") + block + jpeg[2:]


def photo(kind: str) -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", (320, 240), (30, 120, 200))
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">ns.adobe.com/xap GPSLatitude 48.867312</x:xmpmeta>'
    if kind == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", "hidden words 48.867312")
        picture.save(out, kind, exif=_exif(), pnginfo=words)
    elif kind == "WEBP":
        picture.save(out, kind, exif=_exif(), xmp=xmp)
    else:
        picture.save(out, kind, exif=_exif(), xmp=xmp, comment=b"hidden words")
        return _with_thumbnail(out.getvalue())
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_comes_back_without_what_the_camera_wrote(
    kind: str, cast: Cast, signed_in: SignedIn, tmp_path: Path
) -> None:
    sent = photo(kind)
    assert sum(mark in sent for mark in MARKS) >= 3, "the attack has nothing to find"
    crisis = opened(cast.diane)
    form = {
        "id": str(uuid.uuid4()), "category": crisis.categories.all()[1].pk, "place_text": "under the bridge",
        "latitude": "48.866", "longitude": "2.35", "urgency": "now", "persons": "2", "text": "two people", "contact": "",
        "photo": SimpleUploadedFile("Zebulon 48.867312.jpg", sent, "image/jpeg"),
    }  # fmt: skip
    assert Client().post(f"/crisis/{crisis.slug}/", form).status_code == 302
    row = NeedPhoto.objects.get()
    answer = signed_in(cast.carol).get(reverse("needs:photo", args=[row.pk]))
    assert answer.status_code == 200
    body = answer.getvalue()
    assert [mark for mark in MARKS if mark in body] == []
    assert "Zebulon" not in str(answer.headers)
    shown: Any = Image.open(io.BytesIO(body))
    assert not dict(shown.getexif())
    assert not dict(shown.getexif().get_ifd(GPS))
    assert body.count(b"\xff\xd8\xff") == 1, "a second picture is inside"
    assert _kept_on_disk() == []
    for who in (cast.alice, cast.greta, cast.bob):
        assert signed_in(who).get(reverse("needs:photo", args=[row.pk])).status_code == 404


def _kept_on_disk() -> list[str]:
    """Return files below the media folder that contain a mark, in their name or content."""
    found = []
    for folder, _folders, names in os.walk(settings.MEDIA_ROOT):
        for name in names:
            path = Path(folder, name)
            if "Zebulon" in name or any(mark in path.read_bytes() for mark in MARKS):
                found.append(str(path))
    return found
