from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.video_encoder import VideoEncoder
from media.yuv_converter import Piece
from studio.live.socket import LiveHost
from studio.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(outputs=tmp_path / "outputs", history=tmp_path / "history.sqlite", sign=False)


@pytest.fixture
def host(settings: Settings) -> Iterator[LiveHost]:
    host = LiveHost(settings)
    yield host
    assert host.places.taken == 0
    host.close()


@pytest.fixture
def may_write(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Cleared, the encoder of recordings waits."""
    may_write, add = threading.Event(), VideoEncoder.add

    def slowly(encoder: VideoEncoder, piece: Piece) -> None:
        assert may_write.wait(30)
        add(encoder, piece)

    monkeypatch.setattr(VideoEncoder, "add", slowly)
    yield may_write
    may_write.set()
