"""An edited video states what its sources state, and names them in its manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media.gif_file import add_comment, read_gif
from media.video import VideoReader
from studio.clips.edit import UNSIGNED
from studio.clips.export import export
from studio.clips.join import join
from studio.provenance.inspection import inspect_video
from studio.settings import Settings
from tests.studio.clips.sources import FACTS, last, levels, make_video


@pytest.mark.parametrize("ending", ["mp4", "gif"])
def test_the_label_and_the_signature_are_carried_over(
    clock: Path, tmp_path: Path, settings: Settings, ending: str
) -> None:
    edited = last(export(clock, tmp_path / f"out.{ending}", settings=settings))
    assert edited.signed
    found = inspect_video(edited.path)
    assert found.facts is not None
    assert found.facts["ai_generated"] is True
    assert {name: found.facts[name] for name in FACTS} == FACTS
    assert found.facts["edit"]["operation"] == "export"
    assert found.settings_hold is True
    assert found.manifest is not None
    assert (found.manifest.state, found.manifest.problems) == ("valid", ())
    assert found.manifest.source_type == "trainedAlgorithmicMedia"
    ingredients = active(edited.path, f"{'video' if ending == 'mp4' else 'image'}/{ending}")["ingredients"]
    assert [(one["relationship"], "active_manifest" in one) for one in ingredients] == [("parentOf", True)]


def test_a_webm_has_the_label_and_a_note_on_the_signature(
    clock: Path, tmp_path: Path, settings: Settings
) -> None:
    edited = last(export(clock, tmp_path / "out.webm", settings=settings))
    assert not edited.signed
    assert edited.notes == (UNSIGNED,)
    found = inspect_video(edited.path)
    assert found.facts is not None
    assert found.facts["ai_generated"] is True
    assert found.settings_hold is True
    again = last(export(edited.path, tmp_path / "again.mp4", settings=settings))
    assert again.signed
    assert inspect_video(again.path).facts is not None


def test_joined_takes_are_components(clock: Path, tmp_path: Path, settings: Settings) -> None:
    plain = make_video(tmp_path / "plain.mp4", levels((96, 64)), seconds=1.0, facts=None)
    edited = last(join([clock, plain], tmp_path / "out.mp4", settings=settings))
    found = inspect_video(edited.path)
    assert found.facts is not None
    assert found.facts["ai_generated"] is True
    assert len(found.facts["edit"]["source_sha256"]) == 2
    assert found.manifest is not None
    assert found.manifest.state == "valid"
    ingredients = active(edited.path, "video/mp4")["ingredients"]
    assert [one["relationship"] for one in ingredients] == ["componentOf", "componentOf"]
    assert ["active_manifest" in one for one in ingredients] == [True, False]


def test_a_video_that_is_not_generated_gets_no_label(tmp_path: Path, settings: Settings) -> None:
    source = tmp_path / "filmed.mp4"
    make_video(tmp_path / "bare.mp4", levels((96, 64)), seconds=0.4, facts=None)
    with av.open(str(tmp_path / "bare.mp4")) as old, av.open(str(source), "w") as new:
        new.metadata.update({"title": "Holiday", "artist": "Ada"})
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    edited = last(export(source, tmp_path / "out.mp4", settings=settings))
    tags = VideoReader(edited.path).metadata
    assert (tags["title"], tags["artist"]) == ("Holiday", "Ada")
    assert "ai_generated" not in str(tags)
    manifest = inspect_video(edited.path).manifest
    assert manifest is not None
    assert manifest.source_type == ""


def test_no_names_of_files_get_into_an_edit(clock: Path, tmp_path: Path, settings: Settings) -> None:
    edited = last(join([clock, clock], tmp_path / "result.mp4", settings=settings))
    data = edited.path.read_bytes()
    for name in (clock.name, "result.mp4", str(tmp_path)):
        assert name.encode() not in data


def test_signing_can_be_switched_off(clock: Path, tmp_path: Path, settings: Settings) -> None:
    off = settings.model_copy(update={"sign": False})
    edited = last(export(clock, tmp_path / "out.mp4", settings=off))
    assert (edited.signed, edited.notes, edited.incomplete) == (False, (), ())
    assert inspect_video(edited.path).facts is not None


def active(path: Path, kind: str) -> dict[str, Any]:
    import c2pa

    with path.open("rb") as file:
        report = json.loads(c2pa.Reader(kind, file).json())
    return dict(report["manifests"][report["active_manifest"]])


def test_a_gif_keeps_its_frames_when_it_gets_a_comment(tmp_path: Path) -> None:
    from PIL import Image

    pictures = [Image.fromarray(np.full((8, 9, 3), level, np.uint8)) for level in (10, 90, 200)]
    path = tmp_path / "a.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=40, loop=0)
    before = read_gif(path)
    text = "Grüße " * 300
    add_comment(path, text)
    after = read_gif(path)
    assert (before.frames, before.comment, before.whole) == (3, "", True)
    assert (after.frames, after.comment, after.whole) == (3, text, True)
    with Image.open(path) as gif:
        assert gif.n_frames == 3
        gif.seek(2)
        assert np.asarray(gif.convert("L")).mean() == pytest.approx(200, abs=1)
    path.write_bytes(path.read_bytes()[:-6])
    assert not read_gif(path).whole
