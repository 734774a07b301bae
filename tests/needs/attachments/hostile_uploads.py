"""Hostile files, made in memory. They are sent as photos, but they are no photos, or they are also something else."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from PIL import Image, ImageCms, PngImagePlugin

from needs.base.attachments.photos import MOST_BYTES, Problem

GPS = 0x8825
SECRETS = (b"Telephone of somebody", b"48.866", b"a secret place", b"Karim", b"XMP", b"Exif", b"8BIM", b"ICC_PROFILE")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser sends it. problem: the reason why it is refused. made: the content, or a function that makes
    it."""

    name: str
    made: bytes | Callable[[], bytes]
    file: str = "photo.jpg"
    type: str = "image/jpeg"
    problem: Problem = Problem.WRONG_TYPE

    @property
    def data(self) -> bytes:
        return self.made if isinstance(self.made, bytes) else self.made()


def picture(kind: str = "JPEG", size: tuple[int, int] = (320, 240), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 120, 40)).save(out, kind, **options)
    return out.getvalue()


def archive() -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as inside:
        inside.writestr("run.js", "alert(1)")
    return box.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@cache
def png_bomb(side: int = 30_000) -> bytes:
    """Return a complete PNG of hundreds of millions of pixels in less than a megabyte."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packed = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 1)
    body = b"".join(packed.compress(row) for _each in range(side)) + packed.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


@cache
def text_bomb() -> bytes:
    """Return a small picture with a text that unpacks to 200 MB."""
    packed = zlib.compressobj(9)
    body = b"".join(packed.compress(b"\0" * 1_000_000) for _each in range(200)) + packed.flush()
    whole = picture("PNG", (8, 8))
    return whole[:33] + _chunk(b"zTXt", b"note\0\0" + body) + whole[33:]


@cache
def tiff_bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "TIFF", compression="tiff_adobe_deflate")
    return out.getvalue()


def jpeg_that_says(width: int, height: int) -> bytes:
    """Return a JPEG with a wrong size in its header."""
    data = bytearray(picture())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def moving(kind: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def hostile() -> list[Upload]:
    """Return every file that must be refused."""
    whole = picture(size=(800, 600))
    noise = random.Random(5).randbytes(4000)
    return [
        Upload("JPEG and ZIP", picture() + archive(), problem=Problem.TWO_FILES),
        Upload("ZIP before a JPEG", archive() + picture()),
        Upload("PNG and ZIP", picture("PNG") + archive(), "photo.png", "image/png", Problem.TWO_FILES),
        Upload("JPEG and RAR", picture() + b"Rar!\x1a\x07\x01\x00" + noise, problem=Problem.TWO_FILES),
        Upload("JPEG and 7z", picture() + b"7z\xbc\xaf\x27\x1c" + noise, problem=Problem.TWO_FILES),
        Upload("GIF and script", b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;alert(1)", "photo.gif", "image/gif"),
        Upload("JPEG with a page behind it", picture() + b"<html><script>alert(1)</script>", problem=Problem.TWO_FILES),
        Upload("JPEG with a page in its comment", picture(comment=b"<HTML>"), problem=Problem.TWO_FILES),
        Upload("JPEG with PHP", picture(comment=b"<?php system($_GET[0]); ?>"), problem=Problem.TWO_FILES),
        Upload(
            "WebP with SVG behind it",
            picture("WEBP") + b"<svg onload=alert(1)>",
            "a.webp",
            "image/webp",
            Problem.TWO_FILES,
        ),
        Upload("PDF head before a JPEG", b"%PDF-1.7\n" + picture()),
        Upload("JPEG with a PDF head", picture(comment=b"%PDF-1.7 obj"), problem=Problem.TWO_FILES),
        Upload("PDF", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF", "photo.pdf", "application/pdf"),
        Upload("page", b"<!doctype html><script>alert(1)</script>", "photo.html", "text/html"),
        Upload("SVG", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "photo.svg", "image/svg+xml"),
        Upload("SVG called JPEG", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"),
        Upload("program", b"\x7fELF" + noise, "photo.jpg.exe", "application/x-msdownload"),
        Upload("nothing but noise", noise),
        Upload("GIF called JPEG", picture("GIF")),
        Upload("TIFF called PNG", picture("TIFF"), "photo.png", "image/png"),
        Upload("BMP", picture("BMP"), "photo.bmp", "image/bmp"),
        Upload("PNG bomb", png_bomb, "photo.png", "image/png", Problem.TOO_MANY_PIXELS),
        Upload("PNG with a text bomb", text_bomb, "photo.png", "image/png", Problem.DAMAGED),
        Upload("TIFF bomb", tiff_bomb, "photo.tif", "image/tiff"),
        Upload("26 Mpx", partial(picture, "PNG", (6500, 4001)), "photo.png", "image/png", Problem.TOO_MANY_PIXELS),
        Upload("JPEG that says 65000 × 65000", jpeg_that_says(65_000, 65_000), problem=Problem.TOO_MANY_PIXELS),
        Upload("half a JPEG", whole[: len(whole) // 2], problem=Problem.DAMAGED),
        Upload("half a PNG", picture("PNG", (800, 600))[:600], "photo.png", "image/png", Problem.DAMAGED),
        Upload("moving PNG", moving("PNG"), "photo.png", "image/png", Problem.ANIMATED),
        Upload("moving WebP", moving("WEBP"), "photo.webp", "image/webp", Problem.ANIMATED),
        Upload("moving GIF", moving("GIF"), "photo.gif", "image/gif"),
        Upload("6 MB", picture() + b"\0" * 6_000_000, problem=Problem.TOO_LARGE),
        Upload("a byte too many", picture().ljust(MOST_BYTES + 1, b"\0"), problem=Problem.TOO_LARGE),
    ]


def with_metadata() -> dict[str, bytes]:
    """Return valid photos that have place, time, device and author in every metadata field."""
    exif = Image.Exif()
    exif[0x0110], exif[0x010E], exif[0x9286] = "Telephone of somebody", "a secret place", "48.866 2.350"
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 51.0, 57.6), 3: "E", 4: (2.0, 21.0, 0.0)})
    with_thumb = exif.tobytes() + picture(size=(64, 48))
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Karim, 48.866 XMP</x:xmpmeta>"
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    iptc = b"\x1c\x02\x78\x00\x0ea secret place"
    app13 = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(iptc)) + iptc
    jpeg = picture(exif=with_thumb, icc_profile=icc, xmp=xmp, comment=b"Karim 48.866")
    jpeg = jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(app13) + 2) + app13 + jpeg[2:]
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "a secret place 48.866")
    words.add_itxt("XML:com.adobe.xmp", xmp.decode())
    behind = picture() + b"ftypmp42 Karim 48.866"  # a phone's motion photo: a video appended to the picture
    return {
        "JPEG": jpeg,
        "PNG": picture("PNG", pnginfo=words, exif=exif.tobytes(), icc_profile=icc),
        "WebP": picture("WEBP", exif=exif.tobytes(), icc_profile=icc, xmp=xmp),
        "film behind a still": behind,
    }


def marks_of(jpeg: bytes) -> list[int]:
    """Return the markers of a JPEG's segments before the image data, and 0 for each byte sequence after the end of the
    file."""
    marks, at = [], 2
    assert jpeg[:2] == b"\xff\xd8"
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        marks.append(jpeg[at + 1])
        at += 2 + int(struct.unpack(">H", jpeg[at + 2 : at + 4])[0])
    return marks + ([] if jpeg.endswith(b"\xff\xd9") else [0])
