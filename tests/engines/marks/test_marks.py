"""Marks in time: how they are read, and what a face does with them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.joyvasa.motion.driving import Driver
from engines.joyvasa.options import JoyVasaOptions
from engines.marks.course import Course
from engines.preview.engine import PreviewEngine
from engines.preview.marked import breathes
from engines.preview.options import MARKABLE, PreviewOptions
from engines.preview.pose import Pose
from media.errors import OptionError
from media.portrait import open_portrait
from media.voice import open_voice
from studio.batch.listing import read_lines
from studio.options import make_options
from tests.engines.joyvasa.test_edits import motion
from tests.engines.joyvasa.test_retargeting import SOURCE

VOICE = Path(__file__).resolve().parents[3] / "examples" / "voices" / "english-woman.wav"
FRAMES = 60


def marks(**tracks: list[list[float]]) -> str:
    return json.dumps({"version": 1, "tracks": [{"name": n, "keys": keys} for n, keys in tracks.items()]})


def test_equal_marks_make_equal_jobs() -> None:
    one = PreviewOptions(marks='{"tracks": [{"name": "joy", "keys": [[0, 0], [1, 0.5]]}]}')
    two = make_options("preview", {"marks": [{"name": "happy", "keys": [[0.0, 0.0], [1.0, 0.5]]}]})
    assert one == two
    assert PreviewOptions(marks=one.marks) == one
    assert PreviewOptions(marks='{"tracks": []}') == PreviewOptions()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "tracks"),
        (marks(hapy=[[0, 1]]), "marks take happy"),
        (marks(fps=[[0, 25]]), "moves nothing"),
        (marks(gaze_x=[[0, 3]]), "takes -1 to 1"),
        (marks(headYaw=[[0, 90]]), "takes -30 to 30"),
        (marks(happy=[[1, 0], [0.5, 1]]), "sort the keys"),
        (marks(happy=[[0, 1]], joy=[[0, 1]]), "twice"),
        (marks(happy=[]), 'no "keys"'),
        (marks(happy=[[i / 100, 0] for i in range(1001)]), "at most 1000"),
        ('{"version": 2, "tracks": []}', 'version" is 2'),
    ],
)
def test_marks_that_cannot_be_used_are_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        make_options("preview", {"marks": text})


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), st.lists, max_leaves=8))
def test_anything_is_read_or_refused(value: Any) -> None:
    try:
        made = make_options("preview", {"marks": {"tracks": [{"name": "happy", "keys": value}]}})
    except OptionError:
        return
    assert "happy" in made.model_dump()["marks"]


def test_values_follow_their_keys_and_never_jump() -> None:
    text = json.dumps(
        {
            "tracks": [
                {"name": "happy", "ease": "step", "keys": [[0, 0], [1, 1]]},
                {"name": "gaze_x", "keys": [[0, 1], [2, -1]]},
                {"name": "headYaw", "unit": "rad", "keys": [[0, 0.2]]},
            ]
        }
    )
    course = Course(PreviewOptions(marks=text).marks, MARKABLE, 25)
    seen = []
    for _ in range(FRAMES):
        course.step()
        seen.append((course.emotions["happy"], course.options["gaze_x"], course.turns[0]))
    happy, gaze, yaw = np.array(seen).T
    assert happy[24] == 0
    assert happy[40] == pytest.approx(1)
    assert np.abs(np.diff(happy)).max() <= 0.15 + 1e-9
    assert gaze[25] == pytest.approx(0, abs=0.05)
    assert yaw[0] == 0
    assert yaw[-1] == pytest.approx(np.degrees(0.2), abs=0.01)


def test_turns_by_the_names_of_options_go_where_the_options_turn() -> None:
    for option, turn in (("head_yaw", "headYaw"), ("head-pitch", "headPitch")):
        assert PreviewOptions(marks=marks(**{option: [[0.0, 0.0], [1.0, 5.0]]})) == PreviewOptions(
            marks=marks(**{turn: [[0.0, 0.0], [1.0, -5.0]]})
        )
    with pytest.raises(OptionError, match="headRoll"):
        PreviewOptions(marks=marks(head_roll=[[0, 1]]))


def poses(**options: Any) -> list[Pose]:
    engine = PreviewEngine()
    speech = open_voice((16_000, open_voice(VOICE).samples[: FRAMES * 640]))
    return list(engine.poses(speech, PreviewOptions(**options), FRAMES, 1))


def test_preview_does_what_the_marks_say() -> None:
    plain = poses()
    marked = poses(
        marks=marks(
            happy=[[0, 0], [1, 1]], headYaw=[[1, 0], [2, 8]], gaze_x=[[0, 0], [1, 1]], mouth_opening=[[0, 0]]
        )
    )
    assert not any(pose.mouth.drop for pose in marked)
    assert max(pose.mouth.drop for pose in plain) > 0.2
    assert marked[30].face["mouthSmileLeft"] > 0.5
    assert marked[-1].head.yaw < plain[-1].head.yaw - 4  # to the person's right
    assert marked[40].gaze_x > plain[40].gaze_x + 0.3
    assert [a.blinks for a in marked] == [b.blinks for b in plain]
    turns = [abs(b.head.yaw - a.head.yaw) for a, b in pairwise(marked)]
    assert max(turns) < 3.0


def test_a_turn_that_begins_takes_the_head_on_from_where_its_option_has_it() -> None:
    marked = poses(head_yaw=15.0, head_motion=0.0, marks=marks(headYaw=[[0, 0], [1, 0], [2, 10]]))
    yaw = [pose.head.yaw for pose in marked]
    assert yaw[25] == pytest.approx(15.0)
    assert yaw[-1] == pytest.approx(5.0, abs=0.1)
    assert max(abs(b - a) for a, b in pairwise(yaw)) < 1.0
    nodded = poses(head_pitch=-15.0, head_motion=0.0, marks=marks(headYaw=[[0, 0], [2, 1]]))
    assert {round(pose.head.pitch, 4) for pose in nodded} == {15.0}


def test_a_body_moves_if_the_option_or_marks_say_so() -> None:
    assert breathes(PreviewOptions(breathing=0, marks=marks(breathing=[[0, 0], [1, 1]])))
    assert breathes(PreviewOptions(breathing=0.5, marks=marks(happy=[[0, 1]])))
    assert not breathes(PreviewOptions(breathing=0, marks=marks(happy=[[0, 1]])))


def test_marks_that_repeat_the_options_change_nothing() -> None:
    repeated = marks(mouth_opening=[[0, 0.7]], head_motion=[[0, 0.5]], blink_rate=[[0, 1]])
    assert poses(marks=repeated) == poses(mouth_opening=0.7, head_motion=0.5)


def test_every_number_that_changes_in_flight_may_have_marks() -> None:
    for model in (PreviewOptions, JoyVasaOptions):
        fields = model.model_fields
        live = {
            name
            for name, field in fields.items()
            if (field.json_schema_extra or {}).get("live") and field.annotation is float  # type: ignore[union-attr]
        }
        assert live - {"head_yaw", "head_pitch"} == set(model.markable)  # these are turns


def test_marks_calm_the_mouth_between_sounds() -> None:
    sharp, soft = poses(smoothing=0.0), poses(smoothing=1.0)
    assert sharp != soft
    assert poses(marks=marks(smoothing=[[0, 0.0]])) == sharp
    assert poses(marks=marks(smoothing=[[0, 1.0]])) == soft
    later = poses(smoothing=0.5, marks=marks(smoothing=[[0, 0.0], [0.5, 0.0], [1.0, 1.0]]))
    assert len(later) == len(sharp)
    assert later[:12] == sharp[:12]
    assert later[30:] == soft[30:]


def keypoints(**options: Any) -> np.ndarray:
    """(30, 21, 3), driven in two pieces."""
    unchanged: dict[str, Any] = {"flag_stitching": False, "silence_closes_mouth": 0.0}
    source: Any = SimpleNamespace(pose=SOURCE, lip_ratio=None)
    mode: Any = None
    driver, whole = Driver(mode, source, JoyVasaOptions(**unchanged, **options), 0), motion(30)
    return np.concatenate([driver.keypoints(whole[part], np.ones(30)) for part in (slice(20), slice(20, 30))])


def test_joyvasa_does_what_the_marks_say() -> None:
    plain = keypoints()
    np.testing.assert_allclose(keypoints(marks=marks(smile=[[0, 0.5]])), keypoints(smile=0.5), atol=1e-6)
    later = keypoints(marks=marks(surprised=[[0.5, 0], [0.6, 1]], headYaw=[[0.5, 0], [1, 10]]))
    np.testing.assert_allclose(later[:12], plain[:12], atol=1e-6)
    assert np.abs(later[-1] - plain[-1]).max() > 0.02


def test_joyvasa_blinks_when_marks_say_so() -> None:
    plain, often = keypoints(), keypoints(blink=1.0)
    np.testing.assert_allclose(keypoints(marks=marks(blink=[[0, 1.0]])), often, atol=1e-6)
    np.testing.assert_allclose(keypoints(marks=marks(blink=[[0, 0.0]])), plain, atol=1e-6)
    np.testing.assert_allclose(keypoints(marks=marks(blink=[[0, -0.5]])), keypoints(blink=-0.5), atol=1e-6)


def test_a_list_names_a_file_of_marks_or_contains_them(tmp_path: Path) -> None:
    (tmp_path / "marks.csv").write_text("name,seconds,value\nhappy,0,0\nhappy,1,0.5\n")
    inline = {"tracks": [{"name": "happy", "keys": [[0, 0], [1, 0.5]]}]}
    lines = [
        {"portrait": "a.png", "voice": "v.wav", "name": str(i), "marks": given}
        for i, given in enumerate(("marks.csv", inline, "gone.csv"))
    ]
    path = tmp_path / "list.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    first, second, third = read_lines(path, tmp_path / "out", engine="preview")
    assert first.job is not None
    assert second.job is not None
    assert first.job.options == second.job.options
    assert third.job is None
    assert "gone.csv" in third.reason


def test_a_live_session_has_no_marks() -> None:
    portrait = open_portrait(VOICE.parents[1] / "portraits" / "astronaut.png")
    with pytest.raises(OptionError, match="finished recording"):
        PreviewEngine().live(portrait, PreviewOptions(marks=marks(happy=[[0, 1]])), 0, 0.08)
