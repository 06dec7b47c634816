"""A recorded performance drives a portrait, alone or with a voice; what it lacks follows the voice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cli
from engines.emotion.shapes import EMOTION_SHAPES
from engines.performing import Performing
from engines.preview.engine import PreviewEngine
from engines.preview.options import PreviewOptions
from engines.preview.pose import Pose
from media.errors import OptionError, PerformanceError
from media.performance.reading import read_performance
from media.voice import Voice, open_voice, silent_speech
from studio.curves import curve_request, write_curves
from studio.events import Chunk, Finished
from studio.given_performance import GivenPerformance
from studio.job import Job
from studio.provenance.inspection import inspect_video
from studio.render_cache import fingerprint
from studio.run import run
from studio.settings import Settings

OPTIONS = PreviewOptions(fps=25)


@pytest.fixture(scope="module")
def engine() -> PreviewEngine:
    return PreviewEngine()


@pytest.fixture
def take(tmp_path: Path, voice_file: Path) -> Path:
    path = tmp_path / "take.livelink.csv"
    list(write_curves(curve_request(voice_file, path, fps=25, seed=5), path, Settings()))
    return path


def poses(
    engine: PreviewEngine,
    speech: Voice,
    path: Path | None = None,
    options: PreviewOptions = OPTIONS,
    *,
    mouth: bool = True,
) -> list[Pose]:
    performing = Performing(read_performance(path), mouth) if path is not None else None
    return list(engine.poses(speech, options, speech.frames(25), 5, performing))


def test_own_curves_give_the_pose_that_they_were_made_from(
    engine: PreviewEngine, take: Path, voice_file: Path
) -> None:
    speech = open_voice(voice_file)
    meant = poses(engine, speech)
    made = poses(engine, silent_speech(speech.duration), take)
    assert len(made) == len(meant)
    for one, other in zip(made, meant, strict=True):
        for part in ("drop", "press", "rounding", "spreading", "lip_teeth"):
            assert getattr(one.mouth, part) == pytest.approx(getattr(other.mouth, part), abs=0.01)
        assert one.head.yaw == pytest.approx(other.head.yaw, abs=0.05)
        assert one.blinks == pytest.approx(other.blinks, abs=0.01)
        assert one.brow == pytest.approx(other.brow, abs=0.02)
        assert (one.gaze_x, one.gaze_y) == pytest.approx((other.gaze_x, other.gaze_y), abs=0.01)


def test_what_a_file_lacks_follows_the_voice(engine: PreviewEngine, tmp_path: Path, voice_file: Path) -> None:
    path = tmp_path / "jaw.csv"
    path.write_text("time,JawOpen\n" + "".join(f"{i / 25},0.35\n" for i in range(60)))
    speech = open_voice(voice_file)
    meant, made = poses(engine, speech), poses(engine, speech, path)
    assert all(pose.mouth.drop == pytest.approx(0.5, abs=0.02) for pose in made)
    assert [pose.head for pose in made] == [pose.head for pose in meant]
    assert [pose.blinks for pose in made] == [pose.blinks for pose in meant]
    assert poses(engine, speech, path, mouth=False) == meant


def test_strong_expressions_move_the_whole_face(engine: PreviewEngine, tmp_path: Path) -> None:
    path = tmp_path / "smile.csv"
    path.write_text("time,MouthSmileLeft,MouthSmileRight,BrowDownLeft\n0,0.9,0.9,0.8\n1,0.9,0.9,0.8\n")
    pose = poses(engine, silent_speech(1.0), path)[3]
    assert pose.mouth.smile == pytest.approx(0.4)
    assert pose.face["mouthSmileLeft"] == pytest.approx(0.5, abs=0.05)
    assert pose.face["browDownLeft"] == pytest.approx(0.8, abs=0.01)
    assert "browDownRight" not in pose.face


def test_a_list_of_cues_leaves_brows_and_smiles_to_the_voice(
    engine: PreviewEngine, tmp_path: Path, voice_file: Path
) -> None:
    path = tmp_path / "cues.tsv"
    path.write_text("0.00\tX\n0.20\tD\n30.00\tX\n")
    speech = open_voice(voice_file)
    happy = PreviewOptions(fps=25, emotion="happy")
    meant, made = poses(engine, speech, options=happy), poses(engine, speech, path, happy)
    assert max(pose.face.get("mouthSmileLeft", 0.0) for pose in meant) > 0.3
    for one, other in zip(made, meant, strict=True):
        assert (one.brow, one.mouth.smile) == (other.brow, other.mouth.smile)
        for name in ("mouthSmileLeft", "cheekSquintLeft", "browOuterUpLeft"):
            assert one.face.get(name) == other.face.get(name)
    plain = poses(engine, speech, path)
    assert all(pose.mouth.drop == pytest.approx(0.6 / 0.7, abs=0.05) for pose in plain[8:])
    assert all(
        0 < one.mouth.drop - other.mouth.drop < 0.13 for one, other in zip(made[8:], plain[8:], strict=True)
    )


def test_after_its_end_the_face_passes_to_the_voice(
    engine: PreviewEngine, tmp_path: Path, voice_file: Path
) -> None:
    path = tmp_path / "short.csv"
    path.write_text("time,JawOpen\n" + "".join(f"{i / 25},0.7\n" for i in range(5)))
    speech = open_voice(voice_file)
    meant, made = poses(engine, speech), poses(engine, speech, path)
    assert made[4].mouth.drop == pytest.approx(1.0, abs=0.02)
    assert made[13:] == meant[13:]
    for at in range(6, 12):
        low, high = sorted((meant[at].mouth.drop, 1.0))
        assert low < made[at].mouth.drop < high


def test_a_head_that_was_recorded_from_the_side_faces_as_the_portrait(
    engine: PreviewEngine, tmp_path: Path
) -> None:
    path = tmp_path / "side.csv"
    path.write_text(
        "time,JawOpen,HeadYaw\n" + "".join(f"{i / 25},0,{0.5 + 0.02 * (i % 2)}\n" for i in range(50))
    )
    turns = [pose.head.yaw for pose in poses(engine, silent_speech(2.0), path)]
    assert max(map(abs, turns)) < 1.2
    assert max(turns) - min(turns) > 1.0


def test_turns_emotions_and_marks_are_added_to_what_was_recorded(
    engine: PreviewEngine, tmp_path: Path
) -> None:
    path = tmp_path / "take.csv"
    names = "time,JawOpen,BrowInnerUp,MouthSmileLeft,MouthSmileRight,EyeLookOutLeft,EyeLookInRight,HeadYaw"
    path.write_text(names + "\n" + "".join(f"{i / 25},0.35,0.9,0.6,0.6,0.4,0.4,-0.05\n" for i in range(60)))
    silence = silent_speech(2.0)
    plain = poses(engine, silence, path)
    set_up = PreviewOptions(fps=25, head_yaw=5.0, head_pitch=3.0, gaze_x=0.2, emotion="happy 0.5")
    moved = poses(engine, silence, path, set_up)
    assert moved[40].head.yaw == pytest.approx(plain[40].head.yaw + 5.0, abs=0.01)
    assert moved[40].head.pitch == pytest.approx(plain[40].head.pitch - 3.0, abs=0.01)
    assert moved[40].gaze_x == pytest.approx(plain[40].gaze_x + 0.2, abs=0.01)
    assert moved[40].face["cheekSquintLeft"] > 0.3
    assert moved[40].face["mouthSmileLeft"] > plain[40].face["mouthSmileLeft"] + 0.2
    assert moved[40].face["browInnerUp"] == plain[40].face["browInnerUp"]
    tracks = {
        "mouth_opening": [[0, 1], [1, 0]],
        "head_motion": [[0, 1], [1, 0]],
        "expression": [[0, 1], [1, 0]],
        "gaze_x": [[0, 0], [1, -0.3]],
        "headYaw": [[0.5, 0], [1, 6]],
        "surprised": [[0, 0], [1, 1]],
    }
    marks = json.dumps({"tracks": [{"name": name, "keys": keys} for name, keys in tracks.items()]})
    marked = poses(engine, silence, path, PreviewOptions(fps=25, marks=marks))
    assert marked[0].mouth.drop == plain[0].mouth.drop > 0.4
    assert marked[45].head.yaw == pytest.approx(-6.0, abs=0.01)  # the picture's left
    assert marked[45].gaze_x == pytest.approx(plain[45].gaze_x - 0.3, abs=0.01)
    assert marked[45].face["eyeWideLeft"] == pytest.approx(EMOTION_SHAPES["surprised"]["eyeWide"], abs=0.01)
    assert marked[45].mouth.smile == 0.0
    assert marked[45].mouth.drop == 0.0  # an emotion parts no lips that are closed


def test_a_performance_alone_makes_a_video_with_its_length(
    take: Path, portrait_file: Path, settings: Settings
) -> None:
    given = GivenPerformance(file=take)
    events = list(run(Job(portrait=portrait_file, performance=given), settings))
    assert isinstance(events[-1], Finished)
    result = events[-1].result
    assert result.duration == pytest.approx(read_performance(take).duration, abs=0.01)
    assert result.speech == take.name
    frames = np.concatenate([event.frames for event in events if isinstance(event, Chunk)])
    assert np.abs(frames.astype(int) - frames[0]).max() > 30
    facts = inspect_video(result.path).facts
    assert facts is not None
    assert facts["performance"]["mouth"] == "file"
    assert len(facts["performance"]["sha256"]) == 64
    assert take.name not in str(facts)


def test_the_command_says_what_does_not_fit(
    take: Path, portrait_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out" / "talk.mp4"
    output.parent.mkdir()
    wrong = [
        (["--performance", str(tmp_path / "none.csv")], "There is no performance"),
        ([str(voice_file), "--angles", "deg"], "are for a recorded performance"),
        (["--performance", str(take), "--mouth", "voice"], "there is none"),
        (["--performance", str(take), "--mouth", "nose"], "mouth"),
        (["--performance", str(take), "--rate", "0"], "The frame rate is"),
        (["--performance", str(voice_file)], "cannot be used as a performance"),
        (["--performance", str(take), "--engine", "joyhallo"], "cannot follow a recorded performance"),
        ([str(voice_file), "--performance", str(take), "--stereo-voices"], "drives one face by itself"),
    ]
    for arguments, reason in wrong:
        assert cli.main(["animate", str(portrait_file), *arguments, "-o", str(output)]) == 2
        assert reason in capsys.readouterr().err
    assert list(output.parent.iterdir()) == []


def test_the_file_decides_the_video(take: Path, portrait_file: Path, settings: Settings) -> None:
    job = Job(portrait=portrait_file, performance=GivenPerformance(file=take))
    copy = take.with_name("other.csv")
    copy.write_bytes(take.read_bytes())
    same = Job(portrait=portrait_file, performance=GivenPerformance(file=copy))
    assert fingerprint(job, settings) == fingerprint(same, settings)
    copy.write_bytes(take.read_bytes().replace(b"0.1", b"0.2"))
    assert fingerprint(job, settings) != fingerprint(same, settings)
    degrees = Job(portrait=portrait_file, performance=GivenPerformance(file=take, angles="deg"))
    assert fingerprint(job, settings) != fingerprint(degrees, settings)
    with pytest.raises(OptionError, match="voice is missing"):
        Job(portrait=portrait_file)


def test_a_performance_longer_than_a_voice_may_be_is_refused(
    take: Path, portrait_file: Path, settings: Settings
) -> None:
    short = settings.model_copy(update={"max_seconds": 0.5})
    with pytest.raises(PerformanceError, match=r"at most 0\.5 s are taken"):
        list(run(Job(portrait=portrait_file, performance=GivenPerformance(file=take)), short))
