"""Videos that several tests edit; none changes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.studio.clips.sources import bursts, face_at, levels, make_video


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """3 s of 96x64 pixels, whose brightness and tone change at every second."""
    path = tmp_path_factory.mktemp("clips") / "clock.mp4"
    return make_video(path, levels((96, 64)), sound=bursts(3.0))


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """A head of 180 pixels at the right of a wide frame of 640x360, with a tone."""
    path = tmp_path_factory.mktemp("clips") / "wide.mp4"
    return make_video(path, face_at((640, 360), 430, 180), seconds=1.6, sound=bursts(1.6))
