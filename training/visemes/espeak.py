"""espeak-ng through ctypes: samples together with the time of every phoneme.

The library comes from the `espeakng-loader` wheel (no root needed) or, where that is not installed, from
the system. Phonemes arrive in the library's event callback (event type 7), as IPA.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import lru_cache

import numpy as np

from training.visemes.phoneme import Phoneme

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_RETRIEVAL, _PHONEME_EVENTS, _IPA, _DO_NOT_EXIT = 1, 0x0001, 0x0002, 0x8000
_LIST_END, _PHONEME, _UTF8 = 0, 7, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_SPELLED_IPA, _PARTED_BY = 0x02, ord("_") << 8


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


class Espeak:
    """One loaded espeak-ng, to be used from one thread.

    The library keeps its voice in process-wide state, and a little of it lasts from one sentence to the
    next: the same sentence may come a few samples longer the second time. What has to be the same to the
    bit is spoken in the same order by a fresh process.
    """

    def __init__(self, library: str, data: str | None) -> None:
        self._lib = ctypes.CDLL(library)
        self.rate: int = self._lib.espeak_Initialize(
            _RETRIEVAL, 0, data.encode() if data else None, _PHONEME_EVENTS | _IPA | _DO_NOT_EXIT
        )
        if self.rate <= 0:
            raise RuntimeError(
                f"espeak-ng from {library} did not start; is its data folder complete ({data})?"
            )
        self._sound: list[np.ndarray] = []
        self._starts: list[tuple[str, float]] = []
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._seed = getattr(self._lib, "espeak_ng_SetRandSeed", None)
        self._callback = _CALLBACK(self._receive)
        self._lib.espeak_SetSynthCallback(self._callback)

    def _receive(self, wav, count: int, events: int | None) -> int:
        if wav and count > 0:
            self._sound.append(np.ctypeslib.as_array(wav, shape=(count,)).copy())
        at = events or 0
        while at:
            event = _Event.from_address(at)
            if event.type == _LIST_END:
                break
            if event.type == _PHONEME:
                name = event.id.string.decode("utf-8", "ignore")
                self._starts.append((name, event.audio_position / 1000.0))
            at += ctypes.sizeof(_Event)
        return 0

    def _choose(self, voice: str) -> None:
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")

    def spell(self, text: str, voice: str) -> list[list[str]]:
        """The words of `text` as sounds in IPA, as `voice` would read them, with marks of stress and length.

        Raises ValueError for a voice that the library does not have.
        """
        self._choose(voice)
        words: list[list[str]] = []
        at = ctypes.c_char_p(text.encode())
        while at.value:  # a clause at a time
            clause = self._lib.espeak_TextToPhonemes(ctypes.byref(at), _UTF8, _SPELLED_IPA | _PARTED_BY)
            for word in (clause or b"").decode("utf-8", "ignore").split():
                words.append([sound for sound in word.split("_") if sound])
        return words

    def say(
        self, text: str, voice: str, *, words_per_minute: int = 165, pitch: int = 50, pitch_range: int = 50
    ) -> tuple[np.ndarray, list[Phoneme]]:
        """Speak `text` with `voice` ("en-us+f2").

        Returns (n,) float32 samples in -1..1 at `self.rate` and the phonemes with start and end in seconds.
        Raises ValueError for a voice that the library does not have.
        """
        self._choose(voice)
        for parameter, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._lib.espeak_SetParameter(parameter, int(value), 0)
        self._sound, self._starts = [], []
        # The noise in rough and breathy voices is drawn anew from the clock otherwise.
        if self._seed is not None:
            self._seed(ctypes.c_long(1))
        raw = text.encode()
        self._lib.espeak_Synth(raw, len(raw) + 1, 0, 0, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()
        sound = np.concatenate(self._sound) if self._sound else np.zeros(0, np.int16)
        end = len(sound) / self.rate
        ends = [start for _, start in self._starts[1:]] + [end]
        phonemes = [
            Phoneme(name, start, stop)
            for (name, start), stop in zip(self._starts, ends, strict=True)
            if stop > start
        ]
        return sound.astype(np.float32) / 32768.0, phonemes


@lru_cache(maxsize=1)
def espeak() -> Espeak:
    """The library of this process. Raises OSError with a hint where there is none."""
    try:
        import espeakng_loader
    except ImportError:
        name = ctypes.util.find_library("espeak-ng")
        if name is None:
            raise OSError(
                "espeak-ng was not found: pip install espeakng-loader, or install libespeak-ng1"
            ) from None
        return Espeak(name, None)
    return Espeak(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
