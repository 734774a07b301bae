"""Ports for servers that this process starts."""

import socket


def free_port() -> int:
    """Return a free port of this machine. Another program may take it before the caller does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
