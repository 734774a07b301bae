"""A process that decodes many files: it imports the decoders once, and decodes each file in a fork with the limits."""

import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from solidarity.lib.border_files import border_decoder

_CODE = """
import importlib.util, json, os, struct, sys
import pyogrio, shapely
spec = importlib.util.spec_from_file_location("border_decoder", sys.argv[1])
decoder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(decoder)
while head := sys.stdin.buffer.read(8):
    seconds, length = struct.unpack("<II", head)
    data = sys.stdin.buffer.read(length)
    reading, writing = os.pipe()
    if not os.fork():
        decoder.load()  # a database of PROJ that was opened before would be useless in the fork
        decoder.lock_up(seconds)
        os.write(writing, b"+")
        said = json.dumps(decoder.answer(data)).encode()
        while said:
            said = said[os.write(writing, said):]
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.wait()
    sys.stdout.buffer.write(struct.pack("<I", len(said)) + said)
    sys.stdout.buffer.flush()
"""


class DecoderProcess:
    """The running process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def decode(self, data: bytes, cpu_seconds: int = border_decoder.CPU_SECONDS) -> dict[str, Any] | None:
        """Return the decoder's answer; None if a limit ended it."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(struct.pack("<II", cpu_seconds, len(data)) + data)
        self.process.stdin.flush()
        (length,) = struct.unpack("<I", self.process.stdout.read(4))
        said = self.process.stdout.read(length)
        assert said.startswith(b"+"), "the limits could not be set"
        try:
            answer: dict[str, Any] = json.loads(said[1:])
        except ValueError:
            return None
        return answer


@contextmanager
def running() -> Iterator[DecoderProcess]:
    """Run the process while the block runs."""
    command = [sys.executable, "-I", "-c", _CODE, border_decoder.__file__]
    environment = {"OPENBLAS_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1"}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
    ) as process:
        yield DecoderProcess(process)
        assert process.stdin is not None
        process.stdin.close()
