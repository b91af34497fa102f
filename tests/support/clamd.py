"""A clamd on a loopback port: takes INSTREAM as the real one does, and finds what it is told to."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

EICAR_LIKE = b"harmful-for-the-tests"


@dataclass
class Clamd:
    """What it was sent, and how it answers."""

    address: str
    seen: list[bytes] = field(default_factory=list)
    answer: bytes | None = None
    """What it says whatever it is sent; ``None`` looks for ``EICAR_LIKE``."""

    def serve(self, link: socket.socket) -> None:
        """Take one file and answer."""
        with link, link.makefile("rb") as lines:
            assert lines.read(10) == b"zINSTREAM\0"
            content = b""
            while length := struct.unpack(">I", lines.read(4))[0]:
                content += lines.read(length)
            self.seen.append(content)
            found = b"Test-Signature FOUND" if EICAR_LIKE in content else b"OK"
            link.sendall(self.answer if self.answer is not None else b"stream: " + found + b"\0")


@contextmanager
def running() -> Iterator[Clamd]:
    """Answer at a port of its own until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        clamd = Clamd(f"127.0.0.1:{door.getsockname()[1]}")
        stopping = threading.Event()

        def serve() -> None:
            while not stopping.is_set():
                link, _ = door.accept()
                if stopping.is_set():
                    link.close()
                else:
                    clamd.serve(link)

        thread = threading.Thread(target=serve, name="clamd", daemon=True)
        thread.start()
        try:
            yield clamd
        finally:
            stopping.set()
            socket.create_connection(door.getsockname()).close()
            thread.join(timeout=10)
