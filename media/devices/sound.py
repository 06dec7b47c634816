"""The microphone and the speaker: mono sound of 16 bit, through SDL.

SDL keeps a queue for each device, which its own thread fills or plays. So nothing here waits for a device.
"""

from __future__ import annotations

import ctypes

import numpy as np

from media.closeable import Closeable
from media.devices.sdl import SdlSubsystem, reason, sdl
from media.documents.quoting import shown
from media.errors import DeviceError

LONGEST_QUEUE = 30.0
"""Seconds of a microphone's sound that may wait to be read."""
_BYTES = 2  # a sample


class SoundDevice(Closeable):
    """An opened microphone or speaker."""

    kind = ""
    captures = False
    at_once = 0.01
    """Seconds that the device takes or gives at once, about: SDL wants a power of two."""

    def __init__(self, name: str | None, rate: int) -> None:
        """name: of the device, or a part of it that only one has; None for the system's choice. rate: samples
        per second. Raises DeviceError, for a wrong name with the names of all.
        """
        self._sdl, self.rate = sdl(), rate
        self._device = 0
        try:
            self._part = SdlSubsystem(self._sdl.SDL_INIT_AUDIO)
        except RuntimeError as error:
            raise self._unusable(str(error)) from None
        try:
            self._open(None if name is None else _chosen(name, self.kind, self._names()))
        except BaseException:
            self._part.close()
            raise

    def _open(self, name: str | None) -> None:
        size = 1 << max(6, round(np.log2(self.at_once * self.rate)))
        wanted = self._sdl.SDL_AudioSpec(self.rate, self._sdl.AUDIO_S16SYS, 1, size)
        got = self._sdl.SDL_AudioSpec(0, 0, 0, 0)
        raw = None if name is None else name.encode()
        device = self._sdl.SDL_OpenAudioDevice(raw, int(self.captures), wanted, got, 0)
        if not device:
            raise self._unusable(reason())
        self._device, self.buffer = device, int(got.samples)
        """Samples that the device takes at once."""

    def _begin(self) -> None:
        self._sdl.SDL_PauseAudioDevice(self._device, 0)

    def _names(self) -> list[str]:
        count = self._sdl.SDL_GetNumAudioDevices(int(self.captures))
        names = (self._sdl.SDL_GetAudioDeviceName(number, int(self.captures)) for number in range(count))
        return [name.decode(errors="replace") for name in names if name]

    def _unusable(self, why: str) -> DeviceError:
        return DeviceError(
            "No {kind} can be used: {reason}. Connect one, and check that other programs can use it.",
            kind=self.kind,
            reason=why,
        )

    @property
    def waiting(self) -> int:
        """Samples in the queue. Raises DeviceError once the device is gone."""
        if self._sdl.SDL_GetAudioDeviceStatus(self._device) == self._sdl.SDL_AUDIO_STOPPED:
            raise DeviceError("The {kind} was disconnected. Connect it and start again.", kind=self.kind)
        return int(self._sdl.SDL_GetQueuedAudioSize(self._device)) // _BYTES

    def close(self) -> None:
        """Close the device. A second call does nothing."""
        if self._device:
            self._sdl.SDL_CloseAudioDevice(self._device)
            self._device = 0
            self._part.close()


class Microphone(SoundDevice):
    """A microphone."""

    kind, captures = "microphone", True

    def listen(self) -> None:
        """Listen from now on."""
        self._begin()

    def read(self) -> bytes:
        """What has come since the last call, as PCM of 16 bit; nothing if nothing has. Raises DeviceError."""
        waiting = self.waiting
        if waiting > LONGEST_QUEUE * self.rate:
            raise DeviceError(
                "{seconds:.0f} seconds of the microphone's sound wait, because the output does not take it. "
                "Choose a smaller portrait or a faster player.",
                seconds=waiting / self.rate,
            )
        room = ctypes.create_string_buffer(waiting * _BYTES)
        count = self._sdl.SDL_DequeueAudio(self._device, room, len(room)) if waiting else 0
        return room.raw[:count]


class Speaker(SoundDevice):
    """A speaker, which plays what it is given without a pause, and silence when it has nothing."""

    kind = "speaker"
    at_once = 0.02  # with 0.01, a busy computer leaves gaps

    def __init__(self, name: str | None, rate: int) -> None:
        """As a SoundDevice."""
        super().__init__(name, rate)
        self.given = 0
        """Samples."""
        self._begin()

    def play(self, samples: np.ndarray) -> None:
        """Play (n,) int16 after what waits. Raises DeviceError."""
        data = np.ascontiguousarray(samples, np.int16).tobytes()
        if self._sdl.SDL_QueueAudio(self._device, data, len(data)) != 0:
            raise self._unusable(reason())
        self.given += len(samples)

    @property
    def heard(self) -> int:
        """Samples of those given that have been played. Raises DeviceError."""
        waiting = self.waiting
        return max(0, self.given - waiting - self.buffer) if waiting else self.given


def _chosen(name: str, kind: str, names: list[str]) -> str:
    wanted = name.casefold()
    found = [one for one in names if one == name] or [one for one in names if wanted in one.casefold()]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f'"{one}"' for one in found or names) or "none at all"
    if found:
        raise DeviceError(
            "Several devices have {name} in their name: {names}. Give more of it.",
            name=shown(name),
            names=listed,
        )
    raise DeviceError(
        "There is no {kind} called {name}. This computer has {names}.",
        kind=kind,
        name=shown(name),
        names=listed,
    )
