"""What the scanner's port promises, with a clamd on a loopback port."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from marketplace.kernel.scanner import ClamdScanner, NoScanner, ScannerDown
from marketplace.kernel.starting import CannotStart
from marketplace.settings import Settings
from tests.support import clamd


def test_it_is_sent_every_byte_and_its_verdict_is_read() -> None:
    content = b"%PDF-1.7" + bytes(range(256)) * 2000
    with clamd.running() as running:
        scanner = ClamdScanner(running.address)
        assert scanner.is_clean(content)
        assert not scanner.is_clean(content + clamd.EICAR_LIKE)
        assert scanner.is_clean(b"")
    assert running.seen == [content, content + clamd.EICAR_LIKE, b""]


@pytest.mark.parametrize(
    "answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK maybe\0", b"\xff\0"]
)
def test_an_answer_that_is_no_verdict_lets_nothing_pass(answer: bytes) -> None:
    with clamd.running() as running:
        running.answer = answer
        with pytest.raises(ScannerDown):
            ClamdScanner(running.address).is_clean(b"scan")


def test_nobody_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"127.0.0.1:{door.getsockname()[1]}"
    for nowhere in (address, f"unix:{tmp_path / 'clamd.ctl'}"):
        with pytest.raises(ScannerDown):
            ClamdScanner(nowhere).is_clean(b"scan")


def test_without_one_everything_passes() -> None:
    assert NoScanner().is_clean(clamd.EICAR_LIKE)


@pytest.mark.parametrize("address", ["clamd", "clamd:", ":3310", "host:port", "/run/clamd.ctl"])
def test_an_address_that_cannot_be_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(CannotStart, match="SNOWBIRD_SCANNER"):
        Settings(scanner=address)
