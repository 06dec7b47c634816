"""A generated voice says so in its file, and so does everything made from it."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.decoding.decoding import DIRECT, Decoding
from media.decoding.isolated import IsolatedDecoding
from media.sound.generated import KEY, NAMES, comment_of, facts_in, write_wav
from media.voice import open_voice

FACTS = {"engine": "espeak", "voice": "woman", "language": "en", "speed": 1.5}
TONE = (0.5 * np.sin(np.arange(11025) / 9)).astype(np.float32)


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    written = list(write_wav(tmp_path / "voice.wav", 22050, [TONE, TONE[:333]], FACTS))
    assert written == [11025, 11025 + 333]
    return tmp_path / "voice.wav"


@pytest.mark.parametrize("decoding", [DIRECT, IsolatedDecoding()], ids=["direct", "isolated"])
def test_the_mark_and_the_sound_are_read_back(voice: Path, decoding: Decoding) -> None:
    speech = open_voice(voice, decoding=decoding)
    assert speech.generated == FACTS
    assert speech.duration == pytest.approx((11025 + 333) / 22050)
    assert speech.notes == ("The voice is generated from a text by the speech engine espeak.",)


@pytest.mark.parametrize("ending", ["flac", "m4a", "ogg"])
def test_the_mark_survives_in_files_that_keep_their_tags(voice: Path, tmp_path: Path, ending: str) -> None:
    other = tmp_path / f"voice.{ending}"
    with av.open(str(voice)) as source, av.open(str(other), "w") as target:
        codec = {"flac": "flac", "m4a": "aac", "ogg": "libopus"}[ending]
        stream = target.add_stream(codec, rate=48000)
        target.metadata["comment"] = source.metadata["comment"]
        resampler = av.AudioResampler(stream.format, stream.layout, 48000)
        for frame in source.decode(audio=0):
            for piece in resampler.resample(frame):
                target.mux(stream.encode(piece))
        target.mux(stream.encode())
    assert open_voice(other).generated == FACTS


def test_a_recording_has_no_mark(tmp_path: Path) -> None:
    assert open_voice((22050, TONE)).generated is None


@pytest.mark.parametrize(
    "comment",
    [
        "",
        KEY,
        "{" + KEY,
        json.dumps({KEY: 5}),
        json.dumps({KEY: {"voice": "woman"}}),
        json.dumps({KEY: {"engine": 5}}),
        json.dumps({KEY: {"engine": "x" * 81}}),
        json.dumps({KEY: {"engine": "espeak", "voice": ["woman"]}}),
        json.dumps([KEY]),
    ],
)
def test_an_invalid_mark_is_ignored(comment: str) -> None:
    assert facts_in(comment) is None


@given(st.dictionaries(st.sampled_from(NAMES[1:]), st.text(max_size=80) | st.floats(0, 9) | st.booleans()))
def test_facts_come_back_as_they_were_written(facts: dict[str, object]) -> None:
    whole = {"engine": "espeak", **facts}
    try:
        comment_of(whole).encode("utf-8")
        found = facts_in(comment_of(whole))
    except UnicodeEncodeError:
        return
    assert found in (whole, None)
    assert found is not None or any(isinstance(each, str) and not each.isascii() for each in facts.values())


def test_unknown_facts_are_left_out() -> None:
    assert facts_in(json.dumps({KEY: {"engine": "espeak", "text": "secret"}})) == {"engine": "espeak"}
