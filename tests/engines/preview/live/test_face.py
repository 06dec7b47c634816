from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engines.preview.articulation import Articulation
from engines.preview.engine import PreviewEngine
from engines.preview.lips import MouthPose
from engines.preview.live.face import PreviewFace
from engines.preview.live.hearing import Hearing
from engines.preview.live.lips import LiveLips
from engines.preview.live.prosody import LiveProsody
from engines.preview.mouth import LIVE_WEIGHTS, VoiceToMouth
from engines.preview.options import PreviewOptions
from engines.preview.prosody import Prosody
from media.portrait import Portrait

NOTHING = np.zeros(0, np.float32)
FRAME = 640


def parts(voice: np.ndarray, look_ahead: int) -> Iterator[tuple[np.ndarray, np.ndarray, bool]]:
    for start in range(0, len(voice) - FRAME + 1, FRAME):
        ahead = voice[start + FRAME : start + FRAME + look_ahead]
        yield voice[start : start + FRAME], ahead, len(ahead) < look_ahead


@pytest.fixture
def face(astronaut: Portrait, short: VoiceToMouth) -> PreviewFace:
    return PreviewFace(astronaut, PreviewOptions(), 3, short, 0.08)


@pytest.mark.parametrize(("smoothing", "milliseconds"), [(0.0, 220), (0.3, 300), (1.0, 380)])
def test_with_enough_look_ahead_the_lips_are_those_of_a_video(
    voice: np.ndarray, smoothing: float, milliseconds: int
) -> None:
    options, pause = PreviewOptions(smoothing=smoothing), np.zeros(10 * FRAME, np.float32)
    network = PreviewEngine().network_for(milliseconds / 1000)
    said = np.concatenate([voice, pause])  # a video holds its last row where a session hears silence
    offline = Articulation(options)
    whole = np.concatenate(list(VoiceToMouth().stream(said, 25, len(said) // FRAME)))
    expected = list(offline.step(whole))

    def made(look_ahead: int) -> list[MouthPose]:
        hearing, lips = Hearing(network, 25), LiveLips(options)
        return [
            lips.pose(hearing.rows(heard, ahead, ended=ended, after=lips.ahead))
            for heard, ahead, ended in parts(said, look_ahead)
        ][: len(expected)]

    assert len(expected) >= len(voice) // FRAME
    assert made(milliseconds * 16) == expected
    assert made((milliseconds - 20) * 16) != expected


def test_an_interrupted_mouth_closes_within_200_ms_and_without_a_jump(
    short: VoiceToMouth, voice: np.ndarray
) -> None:
    hearing, lips = Hearing(short, 25), LiveLips(PreviewOptions())
    drops = []
    for heard, ahead, ended in parts(voice, 1280):
        drops.append(lips.pose(hearing.rows(heard, ahead, ended=ended, after=lips.ahead)).drop)
        if drops[-1] > 0.4:
            break
    assert drops[-1] > 0.4, "the voice opens the mouth somewhere"
    usual = np.abs(np.diff(drops)).max()
    lips.interrupt()
    hearing = Hearing(short, 25)
    silence = np.zeros(FRAME, np.float32)
    closing = [drops[-1]]
    for _ in range(5):
        closing.append(lips.pose(hearing.rows(silence, NOTHING, ended=True, after=lips.ahead)).drop)
    assert closing == sorted(closing, reverse=True)
    assert closing[-1] == 0.0
    assert -np.diff(closing).min() < max(1.3 * usual, 0.5 * drops[-1])


def test_after_an_interruption_a_reply_is_as_in_a_new_session(
    astronaut: Portrait, short: VoiceToMouth, voice: np.ndarray
) -> None:
    interrupted, new = (PreviewFace(astronaut, PreviewOptions(), 3, short, 0.08) for _ in range(2))
    for heard, ahead, ended in list(parts(voice, interrupted.look_ahead))[:22]:
        interrupted.listen(heard, ahead, ended=ended)
    interrupted.interrupt()
    for _ in range(6):
        interrupted.listen(np.zeros(FRAME, np.float32), NOTHING, ended=True)
    assert interrupted.pose.mouth.drop == interrupted.pose.mouth.press == 0.0
    reply = voice[4000:]
    for heard, ahead, ended in parts(reply, new.look_ahead):
        for face in (interrupted, new):
            face.listen(heard, ahead, ended=ended)
        # Cheeks belong to the head's movement, which goes on.
        assert replace(interrupted.pose.mouth, smile=0.0) == replace(new.pose.mouth, smile=0.0)
    assert new.pose.mouth.drop > 0.0


def test_idle_faces_breathe_and_blink_and_never_repeat_themselves(face: PreviewFace) -> None:
    poses = []
    for _ in range(25 * 40):
        face.listen(np.zeros(FRAME, np.float32), NOTHING, ended=True)
        poses.append(face.pose)
    shut = np.array([pose.blinks[0] for pose in poses]) > 0.9
    blinks = int((np.diff(shut.astype(int)) == 1).sum())
    assert 4 <= blinks <= 25
    heads = np.array([(p.head.yaw, p.head.pitch, p.head.shift_y) for p in poses])[50:]
    assert (heads.std(axis=0) > 1e-4).all()
    assert np.abs(np.diff(heads, axis=0)).max() < 0.3, "no jumps"
    # No stretch of a second comes again.
    stretches = np.lib.stride_tricks.sliding_window_view(heads[:, 1], 25)[::25]
    distances = np.abs(stretches[:, None] - stretches[None]).max(axis=2)
    assert np.sort(distances + 1e9 * np.eye(len(distances)), axis=None)[0] > 1e-4
    assert all(pose.mouth.drop == 0.0 for pose in poses)


def test_an_idle_picture_is_painted_only_when_it_changes(face: PreviewFace) -> None:
    pictures = [face.paint()]
    for _ in range(100):
        face.listen(np.zeros(FRAME, np.float32), NOTHING, ended=True)
        pictures.append(face.paint())
    changes = [picture for before, picture in pairwise(pictures) if picture is not before]
    assert 5 < len(changes) < 60
    assert all(not picture.flags.writeable for picture in pictures)
    assert all((before != picture).any() for before, picture in pairwise([pictures[0], *changes]))


def test_an_emotion_comes_and_goes_in_flight(face: PreviewFace) -> None:
    def silence(frames: int) -> list[float]:
        seen = []
        for _ in range(frames):
            face.listen(np.zeros(FRAME, np.float32), NOTHING, ended=True)
            seen.append(face.pose.face.get("mouthSmileLeft", 0.0))
        return seen

    assert not any(silence(3))
    face.change(PreviewOptions(emotion="happy"))
    coming = silence(15)
    face.change(PreviewOptions())
    going = silence(15)
    assert coming[-1] > 0.5
    assert going[-1] == 0
    assert max(abs(b - a) for a, b in pairwise([*coming, *going])) <= 0.15


def test_options_glide(face: PreviewFace, voice: np.ndarray) -> None:
    yaws = []
    for number, (heard, ahead, ended) in enumerate(parts(voice, face.look_ahead)):
        if number == 30:
            face.change(PreviewOptions(head_motion=0.0, mouth_opening=0.0))
        face.listen(heard, ahead, ended=ended)
        yaws.append(face.pose.head.yaw)
    assert face.pose.mouth.drop == 0.0
    assert yaws[-1] == 0.0
    assert np.abs(np.diff(yaws)).max() < 0.8


@pytest.mark.parametrize(("name", "value"), [("smoothing", 1.0), ("mouth_opening", 2.0)])
def test_lips_take_on_other_options_without_a_jump(
    astronaut: Portrait, short: VoiceToMouth, voice: np.ndarray, name: str, value: float
) -> None:
    before = PreviewOptions(smoothing=0.0)
    after = before.model_copy(update={name: value})

    def drops(options: PreviewOptions, change_at: int = -1) -> np.ndarray:
        face, made = PreviewFace(astronaut, options, 3, short, 0.08), []
        for number, (heard, ahead, ended) in enumerate(parts(voice, face.look_ahead)):
            if number == change_at:
                face.change(after)
            face.listen(heard, ahead, ended=ended)
            made.append(face.pose.mouth.drop)
        return np.array(made)

    old, new = drops(before), drops(after)
    worst = 10 + int(np.abs(new - old)[10:40].argmax())
    changed = drops(before, worst)
    np.testing.assert_array_equal(changed[:worst], old[:worst])
    assert abs(changed[worst] - old[worst]) < 0.3 * abs(new[worst] - old[worst])
    np.testing.assert_allclose(changed[worst + 12 :], new[worst + 12 :], atol=1e-6)


def test_the_mouth_at_rest_opens_and_shuts_without_a_jump(astronaut: Portrait, short: VoiceToMouth) -> None:
    face = PreviewFace(astronaut, PreviewOptions(), 3, short, 0.08)
    gaps = []
    for number in range(60):
        if number in (10, 35):
            face.change(PreviewOptions(rest_mouth="as_portrait" if number == 10 else "closed"))
        if number == 15:
            face.interrupt()
        face.listen(np.zeros(FRAME, np.float32), NOTHING, ended=True)
        gaps.append(face.pose.mouth.keep_gap)
    assert gaps[9] == 0.0
    assert max(gaps) == pytest.approx(1.0)
    assert gaps[-1] == pytest.approx(0.0)
    assert np.abs(np.diff(gaps)).max() < 0.2, "it takes 0.4 s, or less while an interruption closes the mouth"


def test_blinks_can_be_switched_on(astronaut: Portrait, short: VoiceToMouth) -> None:
    face = PreviewFace(astronaut, PreviewOptions(blink_rate=0.0), 3, short, 0.08)
    lids = []
    for number in range(25 * 24):
        if number == 25 * 4:
            face.change(PreviewOptions())
        face.listen(np.zeros(FRAME, np.float32), NOTHING, ended=True)
        lids.append(face.pose.blinks[0])
    assert max(lids[: 25 * 4]) == 0.0
    assert max(lids) > 0.9


def test_loudness_and_pitch_are_those_of_a_video(voice: np.ndarray) -> None:
    expected = Prosody(voice, 25).read(len(voice) // FRAME)
    live = LiveProsody(25)
    made = np.stack([live.listen(heard, ahead) for heard, ahead, _ in parts(voice, 1280)])
    late = slice(25, None)  # after a second, which both need to learn the speaker's levels
    assert np.corrcoef(made[late, 0], expected[late, 0])[0, 1] > 0.95
    assert np.abs(made[late, 2] - expected[late, 2]).mean() < 0.1
    assert (made[:, 3] > 0).sum() >= 1, "someone who speaks nods"


def test_the_network_is_chosen_by_what_may_be_heard() -> None:
    engine = PreviewEngine()
    far, near = engine.network_for(0.4), engine.network_for(0.08)
    assert far.look_ahead == VoiceToMouth().look_ahead
    assert near.look_ahead == VoiceToMouth(LIVE_WEIGHTS).look_ahead
    assert near.after_hop <= 0.08 < far.after_hop
    assert engine.network_for(0.0) is near
    assert engine.network_for(far.after_hop) is far
    assert engine.network_for(far.after_hop - 0.001) is near
