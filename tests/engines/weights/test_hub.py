"""A Hub that does not answer is reported within seconds, and any answer counts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.weights.catalogue import WeightFolder
from engines.weights.download import download
from engines.weights.hub import check_hub
from engines.weights.received_pieces import on_each_piece
from media.errors import WeightsMissing
from tests.engines.weights.test_download import GENERATOR
from tests.studio.hub import Hub


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Hub that accepts connections and never answers."""
    from huggingface_hub import constants

    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield


@pytest.mark.usefixtures("silent")
def test_a_silent_hub_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match=r"no answer from http://127\.0\.0\.1:\d+ within 0\.2 seconds"):
        check_hub(0.2)
    monkeypatch.setattr("engines.weights.hub.check_hub.__defaults__", (0.2,))
    with pytest.raises(WeightsMissing, match=r"no answer from .* HF_ENDPOINT to a mirror"):
        list(download([GENERATOR], WeightFolder(tmp_path, "top")))


def test_a_closed_port_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{port}")
    with pytest.raises(OSError, match="refused"):
        check_hub()


def test_every_piece_is_heard_before_the_client_reports_one(hub: Hub) -> None:
    from huggingface_hub import constants, get_session

    address = f"{constants.ENDPOINT}/jdh-algo/JoyVASA/resolve/main/a.bin"
    pieces: list[int] = []
    for _ in range(2):  # the client is shared, and is listened to once
        hub.stalls["a.bin"] = 100_000
        with on_each_piece(lambda: pieces.append(1)), get_session().stream("GET", address) as answer:
            begun = len(pieces)
            next(answer.iter_raw())
            assert len(pieces) == begun + 1
    with get_session().stream("GET", address) as answer:
        answer.read()
    assert len(pieces) == 2  # no one listens any more


def test_a_refusal_is_an_answer(hub: Hub) -> None:
    hub.refuses = True
    check_hub()
