"""Whatever a child sends, the server reads a message or reports an error, in limited memory."""

from __future__ import annotations

import json
import socket
import struct
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.decoding.messages import MOST_HEADER, Channel, Ended, Garbled, NoAnswerInTime

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def received(data: bytes, most: int = 1000) -> tuple[dict[str, object], bytearray]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return Channel(ours).receive(most, 5.0)


def framed(header: bytes, body: bytes = b"") -> bytes:
    return struct.pack("!I", len(header)) + header + body


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises((Ended, Garbled)):
        received(data)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_header(value: object) -> None:
    told = json.dumps(value).encode()
    if isinstance(value, dict) and type(value.get("bytes")) is int and value["bytes"] == 0:
        assert received(framed(told))[1] == b""
    else:
        with pytest.raises((Ended, Garbled)):
            received(framed(told))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(), st.integers() | st.text()), st.binary(max_size=1000))
def test_what_is_sent_comes_back(header: dict[str, object], body: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Channel(theirs).send(header, body)
        told, came = Channel(ours).receive(1000, 5.0)
    assert told == header | {"bytes": len(body)}
    assert bytes(came) == body


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (struct.pack("!I", MOST_HEADER + 1), "a header of 65537 bytes"),
        (struct.pack("!I", 2**32 - 1), "a header of 4294967295 bytes"),
        (framed(b'{"bytes": 1001}'), "1001 bytes where 1000 are taken"),
        (framed(b'{"bytes": -1}'), "without a size"),
        (framed(b'{"bytes": true}'), "without a size"),
        (framed(b'{"bytes": 1.0}'), "without a size"),
        (framed(b'{"bytes": ' + b"9" * 5000 + b"}"), "not JSON"),
        (framed(b"[" * 60_000), "not JSON"),
        (framed(b"\xff\xfe"), "not JSON"),
    ],
)
def test_lies_about_size(data: bytes, why: str) -> None:
    with pytest.raises(Garbled, match=why):
        received(data)


def test_silent_and_slow_senders_time_out() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(NoAnswerInTime):
            Channel(ours).receive(10, 0.05)
        over = threading.Event()

        def trickle() -> None:
            while not over.wait(0.01):
                theirs.sendall(b"\0")

        sender = threading.Thread(target=trickle)
        sender.start()
        try:
            with pytest.raises((NoAnswerInTime, Garbled)):
                Channel(ours).receive(10, 0.3)
        finally:
            over.set()
            sender.join()


def test_a_closed_receiver_is_reported() -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs, pytest.raises(Ended):
        Channel(theirs).send({}, bytes(10_000_000))
