"""A window that shows pictures, through SDL. Use it in the main thread, which some systems demand."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from media.closeable import Closeable
from media.devices.sdl import SdlSubsystem, reason, sdl
from media.errors import DeviceError

PART_OF_SCREEN = 0.9
"""A larger picture is reduced to that."""


class Window(Closeable):
    """A window with a picture in it, which keeps its shape when the user changes the window's size.

    It says `closed` after its close button, Esc or q.
    """

    def __init__(self, size: tuple[int, int], title: str) -> None:
        """size: of the pictures, (width, height). Raises DeviceError without a screen."""
        self._sdl = sdl()
        self._size, self.closed = size, False
        self._window: Any = None
        self._renderer: Any = None
        try:
            self._part = SdlSubsystem(self._sdl.SDL_INIT_VIDEO)
        except RuntimeError as error:
            raise _unusable(str(error)) from None
        try:
            self._check_screen()
            self._open(title)
        except BaseException:
            self._end()
            raise

    def _check_screen(self) -> None:
        """Without a screen, SDL draws into memory. That is for those who ask for it."""
        driver = self._sdl.SDL_GetCurrentVideoDriver()
        if driver in (b"offscreen", b"dummy") and not self._sdl.SDL_GetHint(self._sdl.SDL_HINT_VIDEODRIVER):
            raise _unusable("this computer has no screen, or DISPLAY is not set")

    def _open(self, title: str) -> None:
        sdl2, (width, height) = self._sdl, self._size
        anywhere, flags = sdl2.SDL_WINDOWPOS_CENTERED, sdl2.SDL_WINDOW_RESIZABLE
        self._window = sdl2.SDL_CreateWindow(title.encode(), anywhere, anywhere, *self._fitting(), flags)
        if not self._window:
            raise _unusable(reason())
        # By the processor: a copy is quick, and without a graphics card OpenGL would take cores for it.
        self._renderer = sdl2.SDL_CreateRenderer(self._window, -1, sdl2.SDL_RENDERER_SOFTWARE)
        if not self._renderer:
            raise _unusable(reason())
        sdl2.SDL_SetHint(sdl2.SDL_HINT_RENDER_SCALE_QUALITY, b"linear")
        sdl2.SDL_RenderSetLogicalSize(self._renderer, width, height)
        self._texture = sdl2.SDL_CreateTexture(
            self._renderer, sdl2.SDL_PIXELFORMAT_RGB24, sdl2.SDL_TEXTUREACCESS_STREAMING, width, height
        )
        if not self._texture:
            raise _unusable(reason())

    def _fitting(self) -> tuple[int, int]:
        width, height = self._size
        room = self._sdl.SDL_Rect()
        if self._sdl.SDL_GetDisplayUsableBounds(0, room) != 0 or room.w < 1 or room.h < 1:
            return self._size
        scale = min(1.0, PART_OF_SCREEN * room.w / width, PART_OF_SCREEN * room.h / height)
        return max(1, round(scale * width)), max(1, round(scale * height))

    def show(self, picture: np.ndarray) -> None:
        """Show a picture, (H, W, 3) uint8 RGB, of the window's size. Raises DeviceError."""
        picture = np.ascontiguousarray(picture)
        pixels = ctypes.c_void_p(picture.ctypes.data)
        if self._sdl.SDL_UpdateTexture(self._texture, None, pixels, picture.strides[0]) != 0:
            raise _unusable(reason())
        self._present()

    def _present(self) -> None:
        self._sdl.SDL_RenderClear(self._renderer)
        self._sdl.SDL_RenderCopy(self._renderer, self._texture, None, None)
        self._sdl.SDL_RenderPresent(self._renderer)

    def attend(self) -> None:
        """See what the user and the desktop want of the window. Call it at least every tenth of a second."""
        sdl2, event = self._sdl, self._sdl.SDL_Event()
        while sdl2.SDL_PollEvent(event):
            if event.type == sdl2.SDL_QUIT:
                self.closed = True
            elif event.type == sdl2.SDL_KEYDOWN:
                key = event.key.keysym.sym
                self.closed = self.closed or key in (sdl2.SDLK_ESCAPE, sdl2.SDLK_q)
            elif event.type == sdl2.SDL_WINDOWEVENT:
                what = event.window.event
                self.closed = self.closed or what == sdl2.SDL_WINDOWEVENT_CLOSE
                if what == sdl2.SDL_WINDOWEVENT_EXPOSED:
                    self._present()

    def close(self) -> None:
        """Close the window. A second call does nothing."""
        if self._window:
            self._end()

    def _end(self) -> None:
        if self._renderer:
            self._sdl.SDL_DestroyRenderer(self._renderer)  # with its texture
        if self._window:
            self._sdl.SDL_DestroyWindow(self._window)
        self._window = self._renderer = None
        self._part.close()


def _unusable(why: str) -> DeviceError:
    return DeviceError(
        "No window can be opened: {reason}. Start it on a desktop, or name a file with --output.", reason=why
    )
