"""A local IMAP server over TLS, with its own certificate."""

import asyncio
import ssl
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer, SocketInfo  # type: ignore[attr-defined]

USER, PASSWORD = "demouser", "demopass"


def certificate(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 with its key into one file; return the file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "imap.pem"
    file.write_bytes(made.public_bytes(pem) + secret)
    return file


@contextmanager
def imap_server(pem: Path) -> Iterator[int]:
    """Run the server inside the block; yield its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    loop, ready, port = asyncio.new_event_loop(), threading.Event(), []

    async def serve(stop: asyncio.Event) -> None:
        arguments = Namespace(
            host="127.0.0.1", port=0, debug=False, cert=str(pem), key=str(pem), tls=False, proxy_protocol=None,
            passlib_cfg=None, inherited_sockets=None, demo_data=False, demo_user=USER, demo_password=PASSWORD,
        )  # fmt: skip
        backend, config = await DictBackend.init(arguments, secure_auth=False)
        config.apply_context()
        imap = IMAPServer(backend.login, config)
        held = set()  # keep references, because the loop itself has only weak references to tasks

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            own = (asyncio.current_task(), writer)
            held.add(own)
            try:
                await imap(reader, writer, SocketInfo.get(writer, None))
            finally:
                held.discard(own)

        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
        port.append(server.sockets[0].getsockname()[1])
        stops.append(stop)
        ready.set()
        await stop.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    stops: list[asyncio.Event] = []
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(asyncio.Event())), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield port[0]
    finally:
        loop.call_soon_threadsafe(stops[0].set)
        thread.join(5)
        loop.close()
