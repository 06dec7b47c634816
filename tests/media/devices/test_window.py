"""The window, with SDL's driver that draws into memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sdl2
from PIL import Image

from media.devices.virtual_camera import VirtualCamera
from media.devices.window import Window
from media.errors import DeviceError


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_VIDEO_DUMMY_SAVE_FRAMES", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_window_shows_the_picture(memory: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    with Window((64, 48), "test") as window:
        window.show(picture[::-1, ::-1])  # of any memory layout
        window.show(picture)
        window.attend()
        assert not window.closed
    *_, last = sorted(memory.glob("*.bmp"))
    np.testing.assert_array_equal(np.asarray(Image.open(last).convert("RGB")), picture)


def key(symbol: int) -> sdl2.SDL_Event:
    event = sdl2.SDL_Event()
    event.type, event.key.keysym.sym = sdl2.SDL_KEYDOWN, symbol
    return event


def close_button() -> sdl2.SDL_Event:
    event = sdl2.SDL_Event()
    event.type, event.window.event = sdl2.SDL_WINDOWEVENT, sdl2.SDL_WINDOWEVENT_CLOSE
    return event


@pytest.mark.parametrize(
    "event",
    [lambda: key(sdl2.SDLK_ESCAPE), lambda: key(sdl2.SDLK_q), close_button],
    ids=["Esc", "q", "button"],
)
def test_a_user_closes_it(event: Callable[[], sdl2.SDL_Event]) -> None:
    with Window((64, 48), "test") as window:
        sdl2.SDL_PushEvent(key(sdl2.SDLK_a))
        window.attend()
        assert not window.closed
        sdl2.SDL_PushEvent(event())
        window.attend()
        assert window.closed


@pytest.mark.parametrize("driver", [None, "none-such"])
def test_a_computer_without_a_screen_says_so(driver: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    if driver:
        monkeypatch.setenv("SDL_VIDEODRIVER", driver)
    with pytest.raises(DeviceError, match=r"No window can be opened: .+--output"):
        Window((64, 48), "test")


def test_a_virtual_camera_names_its_package() -> None:
    with pytest.raises(DeviceError, match=r"GPL.*pip install pyvirtualcam"):
        VirtualCamera((64, 48), 25)
