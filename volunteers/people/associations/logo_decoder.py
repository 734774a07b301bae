"""Program that redraws a logo.

The program reads a picture from standard input and writes a PNG of at most MOST_SIDE pixels per side to standard
output. association_profile.py runs it as a separate process, because the input may attack the decoder: the process has
little memory and time, cannot write files, and has no access to settings or secrets.
"""

import io
import resource
import sys

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 16_000_000
MOST_SIDE = 600
FORMATS = ("JPEG", "PNG", "WEBP")
MEMORY, CPU_SECONDS = 1 << 29, 10
TOO_BIG, UNREADABLE = 3, 4  # exit codes


def redraw(data: bytes) -> bytes:
    """Return the picture as a new PNG without metadata; raise OverflowError if it has too many pixels."""
    from PIL import Image, ImageOps  # imported here, so that the limits apply to the decoders

    Image.MAX_IMAGE_PIXELS = None  # the limit below is stricter
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise OverflowError
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((MOST_SIDE, MOST_SIDE))
        shown = upright.convert("RGBA")
    drawn = Image.new("RGBA", shown.size)  # a new picture has no metadata
    drawn.paste(shown)
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        picture = redraw(sys.stdin.buffer.read(MOST_BYTES + 1))
    except OverflowError:
        return TOO_BIG
    except Exception:
        return UNREADABLE
    sys.stdout.buffer.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
