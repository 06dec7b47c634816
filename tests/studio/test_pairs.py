from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from media.errors import InputError, OptionError
from studio.pairs import Made, PairProgress, make_pairs, read_pairs
from studio.settings import Settings
from tests.fake_engine import FakeWorld


@pytest.fixture
def listed(tmp_path: Path, portrait_file: Path, voice_file: Path) -> Callable[[str], Path]:
    """Writes a list; P and V stand for a portrait and a voice."""

    def write(text: str) -> Path:
        path = tmp_path / "list.csv"
        filled = text.replace("P", str(portrait_file)).replace("V", str(voice_file))
        path.write_text(filled, encoding="utf-8")
        return path

    return write


LINES = "portrait,voice,name,group,seed\nP,V,one,a,\nP,V,two,b,7\nP,missing.wav,three,b,0\n"


def made(path: Path, out: Path, settings: Settings, engine: str = "fake") -> list[Made]:
    events = make_pairs(read_pairs(path), out, engine=engine, settings=settings)
    return [event for event in events if isinstance(event, Made)]


def test_every_line_becomes_a_video_in_its_group(
    listed: Callable[[str], Path], world: FakeWorld, tmp_path: Path, settings: Settings
) -> None:
    done = made(listed(LINES), tmp_path / "out", settings)
    assert [one.path.relative_to(tmp_path / "out").as_posix() for one in done] == [
        "videos/a/one.mp4", "videos/b/two.mp4", "videos/b/three.mp4"
    ]  # fmt: skip
    assert [one.path.is_file() for one in done] == [True, True, False]
    assert "missing.wav" in done[2].error
    assert [one.pair.seed for one in done] == [0, 7, 0]


def test_a_list_that_was_stopped_goes_on(
    listed: Callable[[str], Path], world: FakeWorld, tmp_path: Path, settings: Settings
) -> None:
    path, out = listed("portrait,voice,name\nP,V,one\nP,V,two\n"), tmp_path / "out"
    events = make_pairs(read_pairs(path), out, engine="fake", settings=settings)
    for event in events:
        if isinstance(event, PairProgress) and event.pair.name == "two":
            break
    events.close()
    assert [file.name for file in (out / "videos" / "all").iterdir()] == ["one.mp4"]
    before = world.batches
    written = (out / "videos" / "all" / "one.mp4").stat().st_mtime_ns
    assert [one.error for one in made(path, out, settings)] == ["", ""]
    once = world.batches - before
    assert (out / "videos" / "all" / "one.mp4").stat().st_mtime_ns == written
    made(path, out, settings)
    assert world.batches == before + once


def test_another_seed_makes_the_video_again(
    listed: Callable[[str], Path], world: FakeWorld, tmp_path: Path, settings: Settings
) -> None:
    out = tmp_path / "out"
    made(listed("portrait,voice,name,seed\nP,V,one,0\n"), out, settings)
    before = world.batches
    made(listed("portrait,voice,name,seed\nP,V,one,1\n"), out, settings)
    assert world.batches > before


def test_progress_never_goes_back_and_tells_the_time_left(
    listed: Callable[[str], Path], world: FakeWorld, tmp_path: Path, settings: Settings
) -> None:
    events = make_pairs(read_pairs(listed(LINES)), tmp_path / "out", engine="fake", settings=settings)
    told = [event for event in events if isinstance(event, PairProgress)]
    fractions = [event.fraction for event in told]
    assert fractions == sorted(fractions)
    assert told[-1].seconds_left is not None


def test_an_engine_that_does_not_exist_stops_the_list(
    listed: Callable[[str], Path], tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(OptionError, match="no engine"):
        made(listed(LINES), tmp_path / "out", settings, engine="nothing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("portrait\nP\n", "needs the columns"),
        ("portrait,voice\n", "0 lines"),
        ("portrait,voice\nP,\n", "with a value in each line"),
        ("portrait,voice,name\nP,V,../../up\n", "cannot be the name"),
        ("portrait,voice,group\nP,V,..\n", "cannot be the name"),
        ("portrait,voice,seed\nP,V,-1\n", "whole number"),
        (f"portrait,voice,seed\nP,V,{'9' * 5000}\n", "whole number"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(listed: Callable[[str], Path], text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_pairs(listed(text))


def test_a_bad_line_is_told_and_stops_no_other(
    listed: Callable[[str], Path], world: FakeWorld, tmp_path: Path, settings: Settings
) -> None:
    text = (
        "portrait,voice,name,seed\nP,V,one,\nP,V,one,1\n~nobodyhere/a.png,V,two,\n"
        f"P,{'v' * 5000}.wav,three,\nP,V,four,-1\nP,,five,\nP,V,a/b,\nP,V,six,2\n"
    )
    done = made(listed(text), tmp_path / "out", settings)
    assert [one.path.stem for one in done if not one.error] == ["one", "six"]
    told = [(one.pair.name, one.error) for one in done if one.error]
    assert [name for name, _ in told] == [f"line {number}" for number in range(3, 9)]
    for (_, error), said in zip(
        told,
        ("line 2 already", "no home", "5004 bytes", "whole number", "what voice", "the name of"),
        strict=True,
    ):
        assert said in error
        assert len(error) < 300


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_pairs(tmp_path / "absent.csv")
