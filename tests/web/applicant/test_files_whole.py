"""Files and long texts arrive whole, wherever their lines break and whatever they are called."""

from __future__ import annotations

import io
import random
import re

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from marketplace.web.protection.body_sizes import MOST_FILE_BYTES, MOST_TEXT_BYTES
from tests.support.entering import Applicant

PIECE = 64 * 1024
"""What the reader of forms takes in hand at a time."""
MEGABYTE = 1024 * 1024


def noise(size: int, seed: int) -> bytes:
    return b"%PDF-1.7\n" + random.Random(seed).randbytes(size - 9)


def send_file(person: Applicant, content: bytes, name: str = "营业执照 扫描件（盖章）.pdf") -> str:
    """Send a licence with its file, and return the answer's file as the applicant gets it back."""
    file = FileStorage(io.BytesIO(content), name)
    fields = {"number": "A-1", "issued_by": "局", "expires_on": "2029-05-31"}
    person.heavy("licences/business", expect=303, file=file, **fields)
    row = next(one for one in person.case().document["licences"] if one["kind"] == "business")
    with person.browser.client.get(f"/apply/documents/{row['document_id']}") as answer:
        assert answer.status_code == 200
        assert answer.data == content
        return answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("size", "seed"),
    [(100_000, 1), (MEGABYTE, 2), (2 * MEGABYTE + 77, 3), (4 * MEGABYTE, 4), (10 * MEGABYTE, 5)],
)
def test_a_file_of_any_bytes_is_kept_as_it_was_given(
    person: Applicant, size: int, seed: int
) -> None:
    said = send_file(person, noise(size, seed))
    assert "%E8%90%A5%E4%B8%9A%E6%89%A7%E7%85%A7" in said


@pytest.mark.parametrize("line", [b"\r\n", b"\n", b"\r", b"\r\n--", b"\r\n--a"])
def test_a_line_break_may_fall_anywhere_near_the_end_of_a_piece(
    person: Applicant, line: bytes
) -> None:
    """The form's own head moves the pieces by some hundred bytes: every distance is tried."""
    content = bytearray(noise(20 * PIECE, 6))
    for piece in range(1, 20):
        for place in range(piece * PIECE - 2000, piece * PIECE, 31 + piece):
            content[place : place + len(line)] = line
    send_file(person, bytes(content))


def test_a_file_of_nothing_but_line_breaks_is_kept(person: Applicant) -> None:
    send_file(person, b"%PDF-1.7" + b"\r\n" * (2 * MEGABYTE))


def test_texts_beside_a_file_are_limited_all_the_same(person: Applicant) -> None:
    for texts in (
        {"issued_by": "x" * (MOST_TEXT_BYTES + 1)},
        {f"more_{number}": "x" * 30_000 for number in range(20)},
    ):
        person.heavy("licences/business", expect=413, **texts)
    larger = FileStorage(io.BytesIO(b"%PDF" * MOST_FILE_BYTES), "s.pdf")
    person.heavy("licences/business", expect=413, file=larger)
    assert "licences" not in person.case().document


def test_a_form_of_many_long_chinese_texts_is_taken(person: Applicant) -> None:
    sites = {
        f"site_{number}_{name}": text * 20
        for number in range(20)
        for name, text in (("name", "白桦院子"), ("address", "二道白河镇白桦路"))
    }
    slopes = {f"site_{number}_slope": "north" for number in range(20)}
    person.place(sites="20", **sites, **slopes)
    assert len(person.case().document["sites"]) == 20


def test_a_photograph_of_several_megabytes_reaches_its_step(person: Applicant, app: Flask) -> None:
    """Beyond the limit of other forms, and refused for what it is."""
    person.browser.open(person.url("photos"))
    version = re.search(r'name="version" value="(\d+)"', person.browser.page)
    assert version is not None
    given = {
        "csrf_token": person.browser.token,
        "version": version[1],
        "alt_zh": "木屋门前的白桦林",
        "photo": FileStorage(io.BytesIO(noise(3 * MEGABYTE, 9)), "雪景.jpg"),
    }
    boundary, body = encode_multipart(given)
    answer = app.test_client().post(person.url("photos"), data=body)
    assert answer.status_code == 400  # nobody signed in, no token
    answer = person.browser.client.post(
        person.url("photos"), data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert answer.status_code == 422
    assert "不是能用的照片" in answer.get_data(as_text=True)
