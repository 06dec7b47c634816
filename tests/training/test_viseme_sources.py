from __future__ import annotations

import gzip
import io
import os
import tarfile
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from engines.preview.features import SAMPLE_RATE
from media.errors import DatasetError
from speech.kokoro import pinyin
from training.visemes import russian, sentences, zhuyin
from training.visemes.natural import is_measurable, measured
from training.visemes.packages import Package, fetched
from training.visemes.recordings import read_sound, recordings, spell
from training.visemes.sources import NEURAL, RECORDED, Source
from training.visemes.table import letters


def client(folder: Path, name: str, script: str) -> None:
    """An executable `name` that is found first."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def test_a_package_is_fetched_once_and_stays(bin_folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "voice-1.0.0.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo("package/said.txt")
        entry.size = 5
        tar.addfile(entry, io.BytesIO(b"hello"))
    calls = tmp_path / "calls"
    client(bin_folder, "npm", f'echo "$@" >> {calls}; cp {archive} .')
    package, cache = Package("npm", "voice", "1.0.0"), tmp_path / "cache"
    folder = fetched(package, cache)
    assert (folder / "package" / "said.txt").read_text() == "hello"
    client(bin_folder, "npm", "exit 1")  # without a network
    assert fetched(package, cache) == folder
    assert calls.read_text().split() == ["pack", "--silent", "voice@1.0.0"]


def test_a_registry_that_refuses_is_reported_with_the_command(bin_folder: Path, tmp_path: Path) -> None:
    client(bin_folder, "apt-get", "echo 'E: Unable to locate package voice' >&2; exit 100")
    with pytest.raises(DatasetError, match=r"Unable to locate.*apt-get download -q voice"):
        fetched(Package("debian", "voice"), tmp_path / "cache")
    assert list((tmp_path / "cache" / "packages").iterdir()) == []


def test_a_damaged_archive_is_reported(bin_folder: Path, tmp_path: Path) -> None:
    client(bin_folder, "npm", "echo nothing > voice-1.tgz")
    with pytest.raises(DatasetError, match=r"voice-1\.tgz is damaged"):
        fetched(Package("npm", "voice", "1"), tmp_path / "cache")


def test_a_missing_client_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatasetError, match="needs npm, which is not installed"):
        fetched(Package("npm", "voice", "1"), tmp_path / "cache")


def tone(path: Path, codec: str, seconds: float = 0.5) -> None:
    """A tone at 16 kHz in a file that holds it as `codec`."""
    samples = (0.3 * 32767 * np.sin(np.arange(int(seconds * SAMPLE_RATE)) * 0.2)).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    if codec == "wav":
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, len(samples), "NONE", ""))
            file.writeframes(samples.tobytes())
        return
    with av.open(str(path), "w", format=codec) as box:
        stream = box.add_stream(codec, rate=SAMPLE_RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.rate = SAMPLE_RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            box.mux(packet)


def test_prompts_are_read_with_their_texts(tmp_path: Path) -> None:
    names = ("sounds", "texts")
    source = Source("x", "", "", "asterisk", tuple(Package("debian", n) for n in names), "", "training", "it")
    sounds = tmp_path / "packages" / "sounds" / "usr/share/asterisk/sounds/it_IT_m"
    for name in ("added", "digits/1", "beep", "lost"):
        tone(sounds / f"{name}.g722", "g722")
    texts = tmp_path / "packages" / "texts" / "usr/share/doc/texts"
    texts.mkdir(parents=True)
    lines = "; a list\nadded: Bambino.\ndigits/1: uno\nbeep: [suono]\nlost: cos? e citt?\nmissing: ciao\n"
    (texts / "core-sounds-it.txt.gz").write_bytes(gzip.compress(lines.encode()))
    found = {one.key: one for one in recordings(source, tmp_path)}
    assert set(found) == {"added", "digits/1"}
    assert letters(found["added"].words[0][0]) == "b"
    samples = read_sound(found["added"].path)
    assert len(samples) == pytest.approx(0.5 * SAMPLE_RATE, abs=400)
    assert 0.2 < np.abs(samples[2000:-2000]).max() < 0.4


def test_a_voice_for_unit_selection_comes_with_labels(tmp_path: Path) -> None:
    source = Source("x", "", "", "festvox", (Package("debian", "voice"),), "", "training")
    voice = tmp_path / "packages" / "voice" / "usr/share/festival/voices/russian/x"
    tone(voice / "wav" / "ru_0001.wav", "wav")
    (voice / "lab").mkdir()
    (voice / "lab" / "ru_0001.lab").write_text(
        "#\n0.1 125 pau\n0.2 125 mm\n0.3 125 aa\n0.35 125 pau\n0.4 125 t\n0.5 125 #\n"
    )
    (voice / "lab" / "ru_0002.lab").write_text("#\n0.1 125 a\n")  # without its sound
    (one,) = recordings(source, tmp_path)
    assert one.words == [["m", "a"], ["t"]]
    assert one.labels is not None
    assert one.labels[0] == ("m", 0.1, 0.2)
    assert one.labels[2] == ("t", 0.35, 0.4)


def test_packages_that_hold_nothing_are_reported(tmp_path: Path) -> None:
    (tmp_path / "packages" / "voice").mkdir(parents=True)
    source = Source("x", "", "", "syllables", (Package("debian", "voice"),), "", "measuring")
    with pytest.raises(DatasetError, match="contain no recordings"):
        list(recordings(source, tmp_path))


def test_texts_are_spelled_in_bare_sounds() -> None:
    words = spell("Mamma, più pane!", "it")
    assert [word[0] for word in words] == ["m", "p", "p"]
    assert all(letters(sound) == sound or sound.startswith("t") for word in words for sound in word)


def test_every_syllable_of_mandarin_has_sounds() -> None:
    rng = np.random.default_rng(0)
    for _ in range(400):
        for symbol in pinyin.symbols(sentences.mandarin(rng)):
            assert len(symbol.text) == 1
            assert not symbol.sound or letters(symbol.sound)


@pytest.mark.parametrize(
    ("syllable", "sounds"),
    [
        ("ma1", ["m", "a"]),
        ("pian4", ["p", "j", "ɛ", "n"]),
        ("zhi1", ["tʂ", "ɨ"]),
        ("xue2", ["ɕ", "ɥ", "e"]),
        ("yuan2", ["ɥ", "ɛ", "n"]),
        ("wo3", ["w", "o"]),
        ("nü3", ["n", "y"]),
        ("you3", ["j", "o", "ʊ"]),
    ],
)
def test_pinyin_is_taken_apart(syllable: str, sounds: list[str]) -> None:
    assert [symbol.sound for symbol in pinyin.symbols(syllable) if symbol.sound] == sounds


@pytest.mark.parametrize("wrong", ["hello", "ma", "ma7", "bx1", "1"])
def test_invalid_pinyin_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        pinyin.symbols(wrong)


@pytest.mark.parametrize(
    ("name", "sounds"),
    [
        ("ㄇㄚ3", ["m", "a"]),
        ("ㄅ", ["p", "o"]),
        ("ㄓ", ["tʂ", "ɨ"]),
        ("ㄐㄧㄢ4", ["tɕ", "j", "ɛ", "n"]),
        ("ㄨ", ["u"]),
        ("ㄩㄥ", ["j", "ʊ", "ŋ"]),
        ("README", []),
    ],
)
def test_zhuyin_is_taken_apart(name: str, sounds: list[str]) -> None:
    assert zhuyin.sounds(name) == sounds


def test_russian_labels_are_letters_of_the_table() -> None:
    for name in "a aa ae ay oo uu ur yy j ch sch sh zh mm pp b hh gg ll".split():
        assert letters(russian.spelled(name)) == russian.spelled(name) != ""
    assert russian.spelled("pau") == russian.spelled("#") == ""


def test_nothing_that_is_measured_is_trained_on() -> None:
    packages = {
        use: {p for s in RECORDED if s.use == use for p in s.packages} for use in ("training", "measuring")
    }
    assert not packages["training"] & packages["measuring"]
    assert not {v for g in NEURAL for v in g.training} & {v for g in NEURAL for v in g.measuring}
    assert sum(group.share for group in NEURAL) == pytest.approx(1.0)


def test_every_voice_has_a_spelling() -> None:
    for spelling in {source.spelling for source in RECORDED} | {group.spelling for group in NEURAL}:
        if spelling not in ("", "pinyin"):
            assert letters(spell("mama", spelling)[0][0]) == "m"


def test_only_sound_that_asks_for_nothing_but_a_name_is_trained_on() -> None:
    for source in RECORDED:
        if source.use == "training":
            assert not any(word in source.licence for word in ("SA", "GPL"))


def test_groups_of_voices_have_names(tmp_path: Path) -> None:
    assert not is_measurable("recorded", tmp_path)
    assert not is_measurable("neural", tmp_path)
    with pytest.raises(ValueError, match="sung"):
        measured("sung", tmp_path)
