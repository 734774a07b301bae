"""Photos of needs: re-encoded before storage, so that nothing of the original file remains.

The result is a JPEG of at most MOST_SIDE pixels per side, without position, thumbnail, comment or colour profile.
"""

import io
import threading
import uuid
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from functools import partial
from typing import Any, BinaryIO, cast

from django.core.files.base import ContentFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from needs.models import Need, NeedPhoto
from solidarity.lib.http import large_files

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 25_000_000
MOST_SIDE = 1600
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
TYPES = ("image/jpeg", "image/png", "image/webp")
MOST_PHOTOS = 3  # per report
ACCEPT = ",".join(TYPES)  # HEIC is not listed, so phones convert their photos to JPEG
_decoding = threading.Lock()  # the server decodes only one picture at any moment, to limit memory
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_FOREIGN = (b"<script", b"<html", b"<!doctype", b"<svg", b"<?php")


class Problem(Enum):
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    TOO_MANY_PIXELS = "too_many_pixels"
    ANIMATED = "animated"
    TWO_FILES = "two_files"
    DAMAGED = "damaged"
    TOO_MANY = "too_many"


MESSAGES: dict[Problem, str | Promise] = {
    Problem.TOO_LARGE: _("The photo is larger than 5 MB. Take it again with a lower quality, or send without it."),
    Problem.WRONG_TYPE: _("We cannot read this photo. Choose a JPEG, PNG or WebP picture, or send without it."),
    Problem.TOO_MANY_PIXELS: _("The picture is too big to open safely. Choose a smaller one, or send without it."),
    Problem.ANIMATED: _("The picture is animated. Choose a still one, or send without it."),
    Problem.TWO_FILES: _("We cannot accept this picture: another file is hidden in it. Choose another one."),
    Problem.TOO_MANY: _("A report can have one photo. Choose the one that helps most, or send without it."),
    Problem.DAMAGED: _("The photo is damaged and cannot be opened. Choose another one, or send without it."),
}


class PhotoRefused(Exception):
    """A refused photo; ``problem`` is the reason."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem

    @property
    def message(self) -> str | Promise:
        return MESSAGES[self.problem]


def reencode(file: BinaryIO | Any) -> bytes:
    """Return the picture as a new JPEG. Raises PhotoRefused; never decodes more than MOST_PIXELS."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise PhotoRefused(Problem.TOO_LARGE)
    with warnings.catch_warnings(), _whole_files_only():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _reencoded(data)
        except PhotoRefused:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            raise PhotoRefused(Problem.TOO_MANY_PIXELS) from None
        except UnidentifiedImageError:
            raise PhotoRefused(Problem.WRONG_TYPE) from None
        except Exception:  # hostile bytes can raise anything in a decoder
            raise PhotoRefused(Problem.DAMAGED) from None


@contextmanager
def _whole_files_only() -> Iterator[None]:
    """Make Pillow refuse truncated files, even if another library allowed them for the whole process."""
    with _decoding:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _reencoded(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise PhotoRefused(Problem.TOO_MANY_PIXELS)
        # Phones add a second picture to their JPEGs (MPO), which is not an animation; only PNG and WebP can be
        # animated.
        if opened.format in ("PNG", "WEBP") and getattr(opened, "n_frames", 1) > 1:
            raise PhotoRefused(Problem.ANIMATED)
        if _is_polyglot(data):
            raise PhotoRefused(Problem.TWO_FILES)
        opened.draft("RGB", (MOST_SIDE, MOST_SIDE))  # decode a JPEG at the needed size only
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((MOST_SIDE, MOST_SIDE))
        shown = upright.convert("RGBA")
    canvas = Image.new("RGB", shown.size, "white")  # a new picture has no metadata
    canvas.paste(shown, mask=shown.getchannel("A"))
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _is_polyglot(data: bytes) -> bool:
    """Return whether the file is also a valid web page, document or archive."""
    lower = data.lower()
    archive = zipfile.is_zipfile(io.BytesIO(data)) or any(mark in data for mark in _ARCHIVES)
    return archive or b"%pdf-" in lower[:1024] or any(mark in lower for mark in _FOREIGN)


# --- storing and deleting ------------------------------------------------------------------------------------------


def add_first(need: uuid.UUID, jpeg: bytes) -> None:
    """Store the first photo of a need, in the caller's transaction. Do nothing if the need already has a photo."""
    if not NeedPhoto.objects.filter(need=need).exists():
        photo = NeedPhoto(need_id=need)
        photo.image.save(f"{photo.pk}.jpg", ContentFile(jpeg))


def add(need: uuid.UUID, jpeg: bytes) -> bool:
    """Add a photo to a need, in the caller's transaction. Return False when it has MOST_PHOTOS."""
    Need.objects.select_for_update(of=("self",)).get(pk=need)  # serialises concurrent uploads
    if NeedPhoto.objects.filter(need=need).count() >= MOST_PHOTOS:
        return False
    photo = NeedPhoto(need_id=need)
    photo.image.save(f"{photo.pk}.jpg", ContentFile(jpeg))
    return True


def delete_file(instance: NeedPhoto, **_signal: Any) -> None:
    """Delete the file of a deleted row. Receiver of post_delete."""
    if instance.image.name:
        transaction.on_commit(partial(instance.image.storage.delete, instance.image.name))


class CappedUploadHandler(FileUploadHandler):
    """Drop files larger than MOST_BYTES, or than the view takes (large_files), but read the other fields.
    ``request.too_large`` names the dropped fields."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen = 0
        self.most = large_files.most_bytes(cast(HttpRequest, self.request), MOST_BYTES)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.seen += len(raw_data)
        if self.seen > self.most:
            request: Any = self.request
            request.too_large = {*getattr(request, "too_large", ()), self.field_name}
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
