"""Program that re-encodes a recording.

The program reads the file from standard input and writes the seconds, a newline and Ogg Opus to standard output.
voice_notes.py runs it as a separate process, because the input may attack the decoder. The process has little memory
and time, cannot write files, and has no access to settings or secrets.
"""

import io
import resource
import sys

MOST_SECONDS = 60
GRACE = 2  # recording programs stop a little after the limit
MOST_BYTES = 2_000_000
RATE, BITS = 48_000, 24_000
MEMORY, CPU_SECONDS = 1 << 30, 20
TOO_LONG, UNREADABLE = 3, 4  # exit codes
_STARTS = ((0, b"\x1a\x45\xdf\xa3", "matroska"), (0, b"OggS", "ogg"), (4, b"ftyp", "mp4"))


def format_of(data: bytes) -> str:
    """Return the container format that the first bytes indicate; "" for an unknown format.

    Passing this format to the decoder excludes playlists, which fetch other files.
    """
    return next((name for at, start, name in _STARTS if data[at : at + len(start)] == start), "")


def reencode(data: bytes) -> tuple[float, bytes]:
    """Return (seconds, Ogg Opus) of the first audio stream.

    Raises OverflowError if the recording is too long, ValueError if it cannot be used for another reason.
    """
    import av  # imported here, so that the web server never loads the decoders

    container = format_of(data)
    if not container:
        raise ValueError("unknown container")
    out, samples = io.BytesIO(), 0
    with av.open(io.BytesIO(data), "r", format=container) as source, av.open(out, "w", format="ogg") as made:
        if not source.streams.audio:
            raise ValueError("no sound")
        stream = made.add_stream("libopus", rate=RATE, layout="mono", options={"flags": "+bitexact"})
        stream.bit_rate = BITS
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        for frame in source.decode(audio=0):
            for plain in resampler.resample(frame):
                samples += plain.samples
                if samples > (MOST_SECONDS + GRACE) * RATE:
                    raise OverflowError
                plain.pts = None
                made.mux(stream.encode(plain))
        for plain in resampler.resample(None):
            samples += plain.samples
            plain.pts = None
            made.mux(stream.encode(plain))
        made.mux(stream.encode(None))
    if samples < RATE // 10:
        raise ValueError("no sound")
    return samples / RATE, out.getvalue()


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        seconds, sound = reencode(sys.stdin.buffer.read(MOST_BYTES + 1))
    except OverflowError:
        return TOO_LONG
    except Exception:
        return UNREADABLE
    sys.stdout.buffer.write(f"{seconds:.2f}\n".encode() + sound)
    return 0


if __name__ == "__main__":
    sys.exit(main())
