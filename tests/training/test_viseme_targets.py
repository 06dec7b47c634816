from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.preview.mouth import FRAME_RATE
from training.visemes import festival, sentences
from training.visemes.espeak import espeak
from training.visemes.flite import say as flite_say
from training.visemes.phoneme import Phoneme
from training.visemes.report import padded, silent_frames
from training.visemes.synthesis import Manner, synthesise, synthesise_with_festival
from training.visemes.table import BILABIAL, CMU, LABIODENTAL, OPEN_VOWELS, SHAPES, SILENCE, letters
from training.visemes.targets import targets
from training.visemes.timing import fit_closures
from training.visemes.voices import FLITE, HELD_OUT_FLITE, HELD_OUT_VARIANTS, VARIANTS, held_out

JAW, CLOSURE, ROUNDING, SPREADING, LIP_TEETH, VOICE, TONGUE = range(7)


def at(seconds: float) -> int:
    return int(seconds * FRAME_RATE)


def phonemes(*parts: tuple[str, float]) -> list[Phoneme]:
    result, now = [], 0.0
    for name, length in parts:
        result.append(Phoneme(name, now, now + length))
        now += length
    return result


sounds = st.lists(
    st.tuples(st.sampled_from([*SHAPES, SILENCE, "aɪ", "tʃ"]), st.floats(0.005, 0.8)), max_size=20
)


@settings(max_examples=80, deadline=None)
@given(parts=sounds)
def test_targets_stay_within_bounds_and_bilabials_close(parts: list[tuple[str, float]]) -> None:
    spoken = phonemes(*parts)
    curves = targets(spoken)
    assert curves.dtype == np.float32
    assert np.isfinite(curves).all()
    assert curves.min() >= 0.0
    assert curves.max() <= 1.0
    for name, start, end in spoken:
        if name in BILABIAL and end - start >= 0.06:
            assert curves[at((start + end) / 2), CLOSURE] > 0.99
        if name in LABIODENTAL and end - start >= 0.06:
            assert curves[at((start + end) / 2), LIP_TEETH] > 0.99
        if name == SILENCE and end - start >= 0.4:
            middle = at(start + 0.25)
            assert curves[middle, CLOSURE] > 0.99
            assert curves[middle, JAW] < 0.01
            assert curves[middle, VOICE] == 0.0


def test_vowels_have_their_shapes() -> None:
    for vowel, channel, least in (("a", JAW, 0.8), ("u", ROUNDING, 0.8), ("i", SPREADING, 0.8)):
        curves = targets(phonemes(("", 0.3), ("t", 0.08), (vowel, 0.2), ("t", 0.08), ("", 0.3)))
        assert curves[48, channel] > least
        assert curves[48, CLOSURE] == 0.0
    wide = targets(phonemes(("t", 0.08), ("a", 0.2), ("t", 0.08)))[:, JAW]
    narrow = targets(phonemes(("t", 0.08), ("i", 0.2), ("t", 0.08)))[:, JAW]
    assert wide.max() > 3 * narrow.max()


def test_the_tongue_is_at_the_teeth_in_its_sounds_only() -> None:
    said = phonemes(
        ("", 0.3), ("n", 0.1), ("a", 0.2), ("k", 0.1), ("l", 0.1), ("i", 0.2), ("θ", 0.1), ("", 0.3)
    )
    curves = targets(said)
    for name, start, end in said:
        assert curves[at((start + end) / 2), TONGUE] == (1.0 if name in "nlθ" and name else 0.0)


def test_lips_come_near_and_do_not_meet_in_an_approximant() -> None:
    """As the b of Spanish "lobo", which espeak-ng writes as a beta."""
    curves = targets(phonemes(("l", 0.1), ("o", 0.15), ("β", 0.1), ("o", 0.15)))
    assert curves[:, CLOSURE].max() == 0.0
    assert curves[at(0.3), JAW] < 0.6 * curves[at(0.17), JAW]


def test_rounding_begins_before_the_vowel() -> None:
    before_u = targets(phonemes(("a", 0.2), ("t", 0.08), ("u", 0.2)))
    before_i = targets(phonemes(("a", 0.2), ("t", 0.08), ("i", 0.2)))
    assert before_u[at(0.25), ROUNDING] > before_i[at(0.25), ROUNDING] + 0.2


def test_lips_stay_together_from_a_pause_into_a_bilabial() -> None:
    curves = targets(phonemes(("a", 0.2), ("", 0.5), ("m", 0.1), ("a", 0.2)))
    assert curves[at(0.42) : at(0.76), CLOSURE].min() > 0.6
    parted = targets(phonemes(("a", 0.2), ("", 0.5), ("n", 0.1), ("a", 0.2)))
    assert parted[at(0.70), CLOSURE] < 0.2


def test_no_phonemes_is_silence() -> None:
    curves = targets([], 0.5)
    assert curves.shape == (50, 7)
    assert curves[:, CLOSURE].min() == 1.0
    assert curves[:, [0, 2, 3, 4, 5]].max() == 0.0


def test_every_cmu_name_and_every_letter_has_a_shape() -> None:
    for name, spelled in CMU.items():
        assert (spelled == SILENCE) == (name in {"pau", "sil", "ssil", "brth", "#", "h#"})
        assert all(letter in SHAPES for letter in spelled)
    assert all(0.0 <= value <= 1.0 for shape in SHAPES.values() for value in shape)
    assert SHAPES.keys() >= OPEN_VOWELS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ˈaɪ", "aɪ"),
        ("ph", "p"),
        ("tɕh", "tɕ"),
        ("h", "h"),
        ("(en)", ""),
        ("", ""),
        ("s.", "ʂ"),
        ("ũ", "u"),
        ("ç", "ɕ"),
    ],
)
def test_names_come_down_to_letters(name: str, expected: str) -> None:
    assert letters(name) == expected


def test_the_burst_ends_a_stop() -> None:
    rate, rng = 16000, np.random.default_rng(0)
    time = np.arange(rate) / rate
    sound = np.sin(2 * np.pi * 150 * time) * ((time < 0.3) | (time > 0.46))
    sound[6400:7360] = 0.03 * rng.standard_normal(960)
    # As espeak-ng writes it: the silent closure belongs to the vowel, the stop begins with its burst.
    fitted = fit_closures(sound, rate, phonemes(("ˈa", 0.40), ("p", 0.06), ("i", 0.54)))
    assert [entry.name for entry in fitted] == ["a", "p", "h", "i"]
    assert fitted[1].start == pytest.approx(0.30, abs=0.01)
    assert fitted[1].end == pytest.approx(0.40, abs=0.01)
    # As flite writes it: closure, burst and aspiration are all the stop's.
    fitted = fit_closures(sound, rate, phonemes(("a", 0.30), ("p", 0.16), ("i", 0.54)))
    assert fitted[1].end == pytest.approx(0.40, abs=0.015)
    assert fitted[1].start == pytest.approx(0.30, abs=0.01)


@pytest.mark.parametrize("voice", ["espeak:en-us", "espeak:cmn-latn-pinyin+f2", "espeak:de+m3"])
def test_espeak_gives_sound_and_times(voice: str) -> None:
    samples, rate, spoken = synthesise("ma1 ma5 fei1 ma3 bo1 ma4", voice)
    assert rate == 16000
    assert samples.dtype == np.float32
    assert 0.01 < np.abs(samples).max() <= 1.2
    assert sum(entry.name in BILABIAL for entry in spoken) >= 4
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(spoken))
    assert spoken[-1].end == pytest.approx(len(samples) / rate, abs=0.02)


def test_a_shorter_tract_moves_formants_but_not_the_times_by_much() -> None:
    plain, rate, spoken = synthesise("mama papa", "espeak:en-us")
    moved, _, moved_spoken = synthesise("mama papa", "espeak:en-us", Manner(tract=1.15))
    assert [entry.name for entry in spoken] == [entry.name for entry in moved_spoken]
    assert len(moved) == pytest.approx(len(plain), rel=0.15)
    assert moved_spoken[-1].end == pytest.approx(len(moved) / rate, abs=0.02)


def test_unknown_voices_and_engines_are_named() -> None:
    with pytest.raises(ValueError, match="no-such-voice"):
        synthesise("a", "espeak:no-such-voice")
    with pytest.raises(ValueError, match="unknown synthesiser 'siri'"):
        synthesise("a", "siri:x")


def test_flite_is_used_or_missed_with_a_hint() -> None:
    if shutil.which("flite") is None:
        with pytest.raises(OSError, match="flite was not found"):
            flite_say("my baby", "slt")
        return
    samples, rate, spoken = synthesise("My baby may move.", "flite:slt")
    assert sum(entry.name in BILABIAL for entry in spoken) == 5
    assert spoken[-1].end == pytest.approx(len(samples) / rate, abs=0.05)


def test_festival_is_used_or_missed_with_a_hint() -> None:
    if shutil.which("festival") is None:
        assert festival.installed() == []
        with pytest.raises(OSError, match="festival was not found"):
            festival.say_many(["a"], "lp_diphone")
        return
    for voice in festival.installed()[:2]:
        spoken = synthesise_with_festival(['Mama "papa"', "Bibi."], voice)
        assert len(spoken) == 2
        samples, rate, sounds = spoken[0]
        assert sum(entry.name in BILABIAL for entry in sounds) >= 4
        assert sounds[-1].end == pytest.approx(len(samples) / rate, abs=0.05)


def test_nothing_held_out_is_trained_on() -> None:
    assert not set(VARIANTS) & set(HELD_OUT_VARIANTS)
    assert HELD_OUT_FLITE not in FLITE
    rng = np.random.default_rng(0)
    drawn = {write(rng) for write in (sentences.english, sentences.mandarin) for _ in range(300)}
    for group in ("english", "mandarin", "flite"):
        for entry in held_out(group):
            assert entry.text not in drawn
            assert entry.voice.split("+")[-1] in HELD_OUT_VARIANTS or entry.voice == f"flite:{HELD_OUT_FLITE}"
    with pytest.raises(ValueError, match="martian"):
        held_out("martian")


def test_sentences_are_what_their_voices_read() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        assert re.fullmatch(r"[A-Za-z ,.?!]+", sentences.english(rng))
        assert re.fullmatch(r"([a-z]+[1-5],? ?)+", sentences.mandarin(rng))
        assert re.fullmatch(r"[A-Za-z ,]+\.", sentences.invented(rng))


def test_silent_frames_leave_the_edges_out() -> None:
    silent = silent_frames(phonemes(("", 0.5), ("a", 0.5), ("", 0.5)), 150)
    assert np.flatnonzero(silent).tolist() == [*range(40), *range(120, 150)]


def test_a_held_out_sentence_is_padded_with_silence() -> None:
    samples, spoken = padded(held_out("mandarin")[0])
    assert not samples[:8000].any()
    assert not samples[-8000:].any()
    assert spoken[0].start >= 0.44


@pytest.mark.parametrize(("write", "voice"), [(sentences.french, "fr"), (sentences.rounded, "de")])
def test_texts_for_voices_that_round_their_front_vowels_hold_them(
    write: Callable[[np.random.Generator], str], voice: str
) -> None:
    rng = np.random.default_rng(1)
    said = {
        letter for _ in range(12) for word in espeak().spell(write(rng), voice) for letter in "".join(word)
    }
    assert said & set("yʏ")
    assert said & set("øœ")
