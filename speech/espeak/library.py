"""espeak-ng through ctypes: its sound as it is produced, and the IPA spelling of texts.

The library and its voices come from the wheel `espeakng-loader`, which needs no root. Only the process of
`speech.espeak.program`, and the training of the mouth network, load it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from typing import Any

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_RETRIEVAL, _PHONEME_EVENTS, _IPA, _DO_NOT_EXIT = 1, 0x0001, 0x0002, 0x8000
_LIST_END, _PHONEME, _UTF8 = 0, 7, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_SPELLED_IPA, _PARTED_BY = 0x02, ord("_") << 8

Heard = Callable[[str, float], None]
"""Receives a phoneme in IPA, and the second at which it begins."""
Take = Callable[[bytes], None]
"""Receives a block of sound: 16-bit mono samples in native byte order."""


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class EspeakLibrary:
    """One loaded espeak-ng, for use from one thread.

    The library keeps its voice in process-wide state, and some of it lasts from one sentence to the next: the
    same sentence may be a few samples longer the second time. For identical bits, use a fresh process and the
    same order.
    """

    def __init__(self, library: str, data: str | None) -> None:
        """Raises OSError if the library cannot be loaded, RuntimeError if it does not start."""
        self._lib = ctypes.CDLL(library)
        self.rate: int = self._lib.espeak_Initialize(
            _RETRIEVAL, 0, data.encode() if data else None, _PHONEME_EVENTS | _IPA | _DO_NOT_EXIT
        )
        if self.rate <= 0:
            raise RuntimeError(
                f"espeak-ng from {library} did not start; is its data folder complete ({data})?"
            )
        self._take: Take = lambda samples: None
        self._heard: Heard = lambda phoneme, at: None
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._seed = getattr(self._lib, "espeak_ng_SetRandSeed", None)
        self._callback = _CALLBACK(self._receive)
        self._lib.espeak_SetSynthCallback(self._callback)

    def _receive(self, wav: Any, count: int, events: int | None) -> int:
        if wav and count > 0:
            self._take(ctypes.string_at(wav, 2 * count))
        at = events or 0
        while at:
            event = _Event.from_address(at)
            if event.type == _LIST_END:
                break
            if event.type == _PHONEME:
                self._heard(event.id.string.decode("utf-8", "ignore"), event.audio_position / 1000.0)
            at += ctypes.sizeof(_Event)
        return 0

    def choose(self, voice: str) -> None:
        """Use a voice such as "en-us+f2". Raises ValueError for an unknown voice."""
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")

    def spell(self, text: str) -> list[list[str]]:
        """The words of `text` as sounds in IPA, as the voice reads them, with stress and length."""
        words: list[list[str]] = []
        at = ctypes.c_char_p(text.encode())
        while at.value:  # a clause at a time
            clause = self._lib.espeak_TextToPhonemes(ctypes.byref(at), _UTF8, _SPELLED_IPA | _PARTED_BY)
            for word in (clause or b"").decode("utf-8", "ignore").split():
                words.append([sound for sound in word.split("_") if sound])
        return words

    def say(
        self,
        text: str,
        take: Take,
        heard: Heard = lambda phoneme, at: None,
        *,
        words_per_minute: int = 165,
        pitch: int = 50,
        pitch_range: int = 50,
    ) -> None:
        """Speak `text`: pass the sound to `take` block by block, and every phoneme to `heard`."""
        for parameter, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._lib.espeak_SetParameter(parameter, int(value), 0)
        self._take, self._heard = take, heard
        # Otherwise the noise in rough and breathy voices depends on the clock.
        if self._seed is not None:
            self._seed(ctypes.c_long(1))
        raw = text.encode()
        self._lib.espeak_Synth(raw, len(raw) + 1, 0, 0, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()


def place() -> tuple[str, str | None]:
    """The library's file and the folder of its voices. Raises OSError with a hint if it is missing."""
    try:
        import espeakng_loader
    except ImportError:
        name = ctypes.util.find_library("espeak-ng")
        if name is None:
            raise OSError(
                "espeak-ng was not found: pip install espeakng-loader, or install libespeak-ng1"
            ) from None
        return name, None
    return espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
