"""SDL, which opens windows and sound devices, from the optional packages pysdl2 and pysdl2-dll."""

from __future__ import annotations

import warnings
from typing import Any

from media.errors import DeviceError


def sdl() -> Any:
    """The module `sdl2`. Raises DeviceError if it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says which library it found
            import sdl2
    except ImportError:
        raise DeviceError(
            "A window, a speaker and a microphone need the packages pysdl2 and pysdl2-dll, which are not "
            "installed. Install them with: pip install -r requirements/desktop.txt"
        ) from None
    return sdl2


def reason() -> str:
    """Why SDL's last call failed."""
    return str(sdl().SDL_GetError().decode(errors="replace")) or "no reason is known"


class SdlSubsystem:
    """A part of SDL, video or audio, for as long as something of it is used. Close it after that."""

    def __init__(self, part: int) -> None:
        """part: an SDL_INIT_* number. Raises RuntimeError with SDL's reason."""
        self._sdl, self._part = sdl(), part
        # Its own handlers would take Ctrl-C away from the program.
        self._sdl.SDL_SetHint(self._sdl.SDL_HINT_NO_SIGNAL_HANDLERS, b"1")
        if self._sdl.SDL_InitSubSystem(part) != 0:
            raise RuntimeError(reason())

    def close(self) -> None:
        """Give it back. SDL ends it when its last user does."""
        self._sdl.SDL_QuitSubSystem(self._part)
