"""The profile and the logo of an association."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import Settings

from tests.support import Cast, SignedIn
from volunteers.models import Association
from volunteers.people.associations import association_profile, logo_decoder
from volunteers.people.associations.association_profile import LogoRefused, Problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


def address(cast: Cast) -> str:
    return f"/me/associations/{cast.maraude.slug}/profile/"


def logo_address(cast: Cast) -> str:
    return f"/me/associations/{cast.maraude.slug}/logo.png"


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300), **options: object) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)  # type: ignore[arg-type]
    return SimpleUploadedFile("logo", out.getvalue())


def test_a_dispatcher_writes_the_profile_and_its_logo_is_redrawn(cast: Cast, signed_in: SignedIn) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    carol = signed_in(cast.carol)
    sent = {"about": "Coffee", "website": "", "contact": "contact@maraude.example", "logo": picture("JPEG", exif=exif)}
    assert carol.post(address(cast), sent).status_code == 302
    own = Association.objects.get(pk=cast.maraude.pk)
    assert (own.about, own.contact) == ("Coffee", "contact@maraude.example")
    answer = carol.get(logo_address(cast))
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    with Image.open(io.BytesIO(content)) as shown:
        assert (shown.format, shown.size) == ("PNG", (600, 200))
    assert b"taken at home" not in content
    assert answer["Content-Type"] == "image/png"


def test_a_new_logo_replaces_the_file_and_a_tick_removes_it(
    cast: Cast, signed_in: SignedIn, tmp_path: Path, django_capture_on_commit_callbacks: object
) -> None:
    carol = signed_in(cast.carol)
    form = {"about": "", "website": "", "contact": ""}
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        carol.post(address(cast), {**form, "logo": picture()})
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        carol.post(address(cast), {**form, "logo": picture(size=(10, 10))})
    assert len(list((tmp_path / "logos").iterdir())) == 1
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        carol.post(address(cast), {**form, "without_logo": "on"})
    assert list((tmp_path / "logos").iterdir()) == []
    assert carol.get(logo_address(cast)).status_code == 404


def test_only_its_dispatchers_write_it(cast: Cast, signed_in: SignedIn) -> None:
    for user in (cast.bob, cast.edith, cast.diane, cast.farid, cast.greta):
        assert signed_in(user).get(address(cast)).status_code == 404
        assert signed_in(user).post(address(cast), {"about": "mine"}).status_code == 404
    assert Association.objects.get(pk=cast.maraude.pk).about == ""


def bomb() -> bytes:
    """A small PNG that says it has 30,000 × 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem.UNREADABLE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", Problem.UNREADABLE),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", Problem.UNREADABLE),
        (b"GIF89a\x01\x00\x01\x00", Problem.UNREADABLE),
        (bomb(), Problem.TOO_BIG),
        (b"x" * (logo_decoder.MOST_BYTES + 1), Problem.TOO_LARGE),
    ],
    ids=["empty", "svg", "postscript", "gif", "bomb", "large"],
)
def test_hostile_pictures_are_refused(content: bytes, problem: Problem) -> None:
    with pytest.raises(LogoRefused) as refused:
        association_profile.redrawn(SimpleUploadedFile("logo.png", content))
    assert refused.value.problem is problem


def test_a_refused_logo_is_explained_and_nothing_typed_is_lost(cast: Cast, signed_in: SignedIn) -> None:
    sent = {"about": "Coffee", "website": "", "contact": "", "logo": SimpleUploadedFile("logo.png", b"not a picture")}
    answer = signed_in(cast.carol).post(address(cast), sent)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "We cannot read this logo." in page
    assert "Coffee" in page
