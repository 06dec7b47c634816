"""`portrait` judges and edits a portrait; `animate` makes the same changes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cli
from media.faces.animal_points import AnimalPoints

ASTRONAUT = Path(__file__).resolve().parents[1] / "examples" / "portraits" / "astronaut.png"


def test_a_portrait_is_judged_and_written_without_its_background(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "woman.png"
    arguments = ["portrait", str(ASTRONAUT), "--shape", "9:16", "--background", "transparent", "-o", str(out)]
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert "288x512 pixels" in said
    assert "size" in said
    with Image.open(out) as image:
        assert (image.mode, image.size) == ("RGBA", (288, 512))
        opacity = np.asarray(image)[:, :, 3]
    assert opacity[130, 144] > 240
    assert opacity.min() < 20
    assert cli.main(["portrait", str(ASTRONAUT), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["light"] in ("good", "fair")
    assert facts["findings"]["mouth"]["level"] == "good"


def test_an_animals_points_are_proposed_as_flags(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cat, found = str(ASTRONAUT.with_name("cat.png")), [0.0, -0.5]

    def propose(_: np.ndarray, most: int = 5) -> tuple[AnimalPoints, ...]:
        return tuple(AnimalPoints((100.2, 50), (140, 51), (120, 90 - 10 * score), score) for score in found)

    monkeypatch.setattr("media.animal_search.propose_points", propose)
    lines = ["--anchors 100,50 140,51 120,90", "--anchors 100,50 140,51 120,95"]
    assert cli.main(["portrait", cat, "--proposals"]) == 0
    assert capsys.readouterr().out.splitlines() == lines
    assert cli.main(["portrait", cat, "--proposals", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["proposals"]) == 2
    assert cli.main(["portrait", cat, "--animation-mode", "animal"]) == 2
    error, *others = capsys.readouterr().err.splitlines()
    assert error.endswith(f"on the command line as {lines[0]}")
    assert others == ["Other proposals:", f"  {lines[1]}"]
    found.clear()
    assert cli.main(["portrait", cat, "--proposals"]) == 2
    assert "Nothing in the portrait looks like an animal's face." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["-o", "x.gif"], "written as .png, .jpg or .webp"),
        (["-o", "x.jpg", "--background", "transparent"], "JPEG has no transparency"),
        (["--crop", "0,0", "900,900"], "outside the portrait of 512x512"),
        (["--turn", "30"], "not by 30"),
        (["--animation-mode", "robot"], "human or animal"),
    ],
)
def test_bad_requests_are_refused_in_one_line(
    more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["portrait", str(ASTRONAUT), *more]) == 2
    assert message in capsys.readouterr().err


def test_a_portrait_without_a_face_to_judge_has_no_light(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey = tmp_path / "grey.png"
    Image.new("RGB", (200, 160), (128, 128, 128)).save(grey)
    points = ["--animation-mode", "animal", "--anchors", "70,60", "130,60", "100,110"]
    assert cli.main(["portrait", str(grey), *points]) == 0
    assert capsys.readouterr().out.endswith("grey.png: 200x160 pixels in the video\n")
    assert cli.main(["portrait", str(grey), *points, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["light"] is None


def test_the_original_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine, link = tmp_path / "me.png", tmp_path / "link.png"
    mine.write_bytes(ASTRONAUT.read_bytes())
    link.symlink_to(mine)
    for out in (mine, link):
        assert cli.main(["portrait", str(mine), "--shape", "9:16", "-o", str(out)]) == 2
        assert "is the portrait itself. Choose another name." in capsys.readouterr().err
    assert mine.read_bytes() == ASTRONAUT.read_bytes()


def test_animate_takes_the_same_changes(
    tmp_path: Path, voice_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))
    out = tmp_path / "out.mp4"
    edits = ["--crop", "100,0", "400,280", "--shape", "1:1", "--background", "blur"]
    assert cli.main(["animate", str(ASTRONAUT), str(voice_file), "-o", str(out), *edits, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["size"] == [280, 280]
    assert result["portrait_edit"] == {"crop": [100, 0, 400, 280], "shape": "1:1", "background": "blur"}
    transparent = [*edits[:-1], "transparent"]
    assert cli.main(["animate", str(ASTRONAUT), str(voice_file), "-o", str(out), *transparent]) == 2
    assert "no transparency" in capsys.readouterr().err
