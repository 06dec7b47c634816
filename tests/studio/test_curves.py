"""A voice becomes curves in every format, or a message and no file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cli
from media.errors import OptionError
from media.performance.blendshapes import BLENDSHAPES
from media.performance.formats import FORMATS
from media.performance.reading import read_performance
from studio.curves import curve_request, write_curves
from studio.settings import Settings

VOICE = sorted((Path(__file__).resolve().parents[2] / "examples" / "voices").glob("*.*"))[0]


def test_every_format_is_written_and_lasts_as_long_as_the_voice(tmp_path: Path) -> None:
    for kind in FORMATS:
        target = tmp_path / f"take.{kind.mark}{kind.ending}"
        steps = write_curves(curve_request(VOICE, target), target, Settings())
        while True:
            try:
                assert 0 <= next(steps) <= 1
            except StopIteration as end:
                written = end.value
                break
        found = read_performance(target, rate=written.fps)
        assert abs(found.duration - written.duration) <= 1.01 / written.fps, kind.name
        jaw = found.at(np.arange(0, written.duration, 0.02))[0][:, BLENDSHAPES.index("jawOpen")]
        assert jaw.max() > 0.2
        assert jaw.min() < 0.05
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"take.{kind.mark}{kind.ending}" for kind in FORMATS
    )


def test_the_same_seed_gives_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / f"{number}.livelink.csv" for number in range(3)]
    for path, seed in zip(paths, "112", strict=True):
        arguments = ["curves", str(VOICE), "-o", str(path), "--seed", seed, "--fps", "25", "--json"]
        assert cli.main(arguments) == 0
        facts = json.loads(capsys.readouterr().out)
        assert (facts["format"], facts["fps"]) == ("live-link-face", 25)
    assert paths[0].read_bytes() == paths[1].read_bytes() != paths[2].read_bytes()


def test_head_and_blinks_can_be_switched_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "take.livelink.csv"
    flags = ["--head-motion", "0", "--blink-rate", "0", "--expression", "0", "--eye-motion", "0"]
    assert cli.main(["curves", str(VOICE), "-o", str(path), *flags]) == 0
    assert "Live Link Face CSV" in capsys.readouterr().out
    found = read_performance(path)
    assert not found.rotations.any()
    assert not found.values[:, [BLENDSHAPES.index(name) for name in ("eyeBlinkLeft", "browInnerUp")]].any()
    assert found.values[:, BLENDSHAPES.index("jawOpen")].max() > 0.2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([str(VOICE), "-o", "{}/take.json"], "does not say which format it is"),
        ([str(VOICE), "-o", "{}/take.csv", "--format", "fbx"], "There is no format 'fbx'"),
        ([str(VOICE), "-o", "{}/take.vrma", "--fps", "5"], "takes 12 to 60"),
        ([str(VOICE), "-o", "{}/take.dat", "--fps", "12"], "takes 24 to 100"),
        ([str(VOICE), "-o", "{}/take.vrma", "--fps", "29.97"], "takes 12 to 60"),
        (["{}/none.wav", "-o", "{}/take.vrma"], "There is no voice"),
        ([__file__, "-o", "{}/take.vrma"], "sound"),
        ([str(VOICE), "-o", "{}/no/take.vrma"], "There is no folder"),
        ([str(VOICE), "-o", "{}/take.vrma", "--seed", "-1"], "seed"),
        ([str(VOICE), "-o", "{}/take.vrma", "--head-motion", "9"], "0 to 2"),
    ],
)
def test_what_cannot_be_done_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    filled = [one.format(tmp_path) if "{}" in one else one for one in arguments]
    assert cli.main(["curves", *filled]) == 2
    assert reason in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_stopping_leaves_no_file(tmp_path: Path) -> None:
    target = tmp_path / "take.livelink.csv"
    steps = write_curves(curve_request(VOICE, target), target, Settings())
    next(steps)
    assert len(list(tmp_path.iterdir())) == 1
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_the_voice_is_never_overwritten(tmp_path: Path) -> None:
    voice = tmp_path / "voice.xml"
    voice.write_bytes(VOICE.read_bytes())
    with pytest.raises(Exception, match="is the voice itself"):
        next(write_curves(curve_request(voice, voice), voice, Settings()))
    assert voice.read_bytes() == VOICE.read_bytes()
    with pytest.raises(OptionError, match="frame rate of vrma"):
        curve_request(voice, tmp_path / "a.vrma", fps="many")


def test_the_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["curves", "--help"]) == 0
    said = "".join(capsys.readouterr().out.split())
    assert [kind.name for kind in FORMATS if kind.name.replace(" ", "") not in said] == []
