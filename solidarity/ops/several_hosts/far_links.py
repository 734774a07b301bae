"""Slow lines to a server: each byte arrives later, and a line can stop for a while. This kernel has no netem, so the
bytes pass through this process."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

DELAY = 0.01  # seconds in each direction
AGAIN = 0.2  # seconds between two questions whether a server is back
BLOCK = 1 << 16


class FarLinks:
    """Relays by port. delay: seconds that bytes need in each direction. stalled_until: time.monotonic() before which
    nothing passes. A relay refuses connections while its server does: PostgreSQL's clients try the next host only then.
    """

    def __init__(self) -> None:
        self.delay = DELAY
        self.stalled_until = 0.0
        self._loop = asyncio.new_event_loop()
        self._servers: dict[int, asyncio.Server] = {}  # by port

    @contextlib.contextmanager
    def running(self, address: str, targets: dict[int, tuple[str, int]]) -> Iterator[None]:
        """Relay from the ports of an address to other servers inside the block."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        try:
            for port, target in targets.items():
                asyncio.run_coroutine_threadsafe(self._listen(address, port, target), self._loop).result(10)
            yield
        finally:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)
            self._loop.close()

    def stall(self, seconds: float) -> None:
        """Let nothing pass for some seconds."""
        self.stalled_until = time.monotonic() + seconds

    async def _end(self) -> None:
        for server in self._servers.values():
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, address: str, port: int, target: tuple[str, int]) -> None:
        async def carry(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
            reached = await _reached(target)
            if reached is None:
                back.close()
                await self._wait_for(address, port, target)
                return
            far, there = reached
            for end in (back, there):
                _watch(end)
            try:
                await asyncio.gather(self._pump(near, there), self._pump(far, back))
            except OSError:
                pass
            finally:
                there.close()
                back.close()

        self._servers[port] = await asyncio.start_server(carry, address, port)

    async def _wait_for(self, address: str, port: int, target: tuple[str, int]) -> None:
        """Listen again when the server answers again."""
        if not self._servers[port].is_serving():
            return  # another connection found that first
        self._servers[port].close()
        while (reached := await _reached(target)) is None:
            await asyncio.sleep(AGAIN)
        reached[1].close()
        await self._listen(address, port, target)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(BLOCK):
                await asyncio.sleep(self.delay + max(0.0, self.stalled_until - time.monotonic()))
                sink.write(data)
                await sink.drain()
        finally:
            sink.close()


async def _reached(target: tuple[str, int]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    try:
        return await asyncio.wait_for(asyncio.open_connection(*target), 5)
    except (OSError, TimeoutError):
        return None


def _watch(end: asyncio.StreamWriter) -> None:
    """Notice a host that was cut off, as the application does: otherwise the relay would hide it from the other end."""
    link: socket.socket = end.get_extra_info("socket")
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        (socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 2), (socket.TCP_KEEPCNT, 3), (socket.TCP_USER_TIMEOUT, 10_000),
    ):  # fmt: skip
        link.setsockopt(socket.IPPROTO_TCP, option, value)
