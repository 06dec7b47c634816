"""The faces of a video that does everything that breaks dubbing."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks.dub_torture import Torture, example_persons, faded, framed, title
from media.dubbing.following import FollowedVideo, FollowingOptions, follow_video
from media.dubbing.following_file import LandmarkFile
from media.dubbing.values import SourceFrame
from media.errors import FacelessVideoError, OutputError, VideoError
from media.faces import mesh_detector
from media.faces.face import Face
from media.faces.views import Depth
from tests.media.dubbing.conftest import Followed

OPEN_FILES = Path("/proc/self/fd")


def part(video: FollowedVideo, tortured: Torture, name: str) -> list[str]:
    start, end = tortured.parts[name]
    return [video.reason(n) or "dubbed" for n in range(start, end)]


def strengths(video: FollowedVideo, tortured: Torture, name: str) -> list[float]:
    start, end = tortured.parts[name]
    return [sum(face.strength for face in video.face_in(n)) for n in range(start, end)]


def test_cuts_are_exact_and_flashes_fades_gaps_and_pans_are_none(
    tortured: Torture, followed: Followed
) -> None:
    assert list(followed("largest").cuts) == tortured.cuts


@pytest.mark.parametrize(
    "name",
    [
        "speech", "after gap", "after fade", "after flash", "after hand", "after turned",
        "other person", "jump cut", "two",
    ],
)  # fmt: skip
def test_a_face_that_is_seen_is_dubbed(tortured: Torture, followed: Followed, name: str) -> None:
    assert set(part(followed("largest"), tortured, name)) == {"dubbed"}
    assert strengths(followed("largest"), tortured, name) == pytest.approx(
        np.ones(len(part(followed("largest"), tortured, name)))
    )


@pytest.mark.parametrize(("name", "reason"), [("title", "no_face"), ("gap", "no_face"), ("flash", "covered")])
def test_frames_without_a_visible_face_pass_through(
    tortured: Torture, followed: Followed, name: str, reason: str
) -> None:
    assert set(part(followed("largest"), tortured, name)) == {reason}


@pytest.mark.parametrize(("name", "reason", "seconds"), [("hand", "covered", 0.4), ("turned", "turned", 0.3)])
def test_a_covered_or_turned_mouth_passes_through_and_the_dub_fades(
    tortured: Torture, followed: Followed, name: str, reason: str, seconds: float
) -> None:
    video = followed("largest")
    reasons = part(video, tortured, name)
    passing = [n for n, why in enumerate(reasons) if why == reason]
    assert passing == list(range(passing[0], passing[-1] + 1))
    assert len(passing) >= seconds * 25
    assert set(reasons) == {"dubbed", reason}
    shown = strengths(video, tortured, name)
    assert shown[passing[0] - 3 : passing[0]] == pytest.approx([1, 2 / 3, 1 / 3])
    assert shown[passing[-1] + 1 : passing[-1] + 4] == pytest.approx([1 / 3, 2 / 3, 1])


def test_the_dub_does_not_fade_at_a_cut(tortured: Torture, followed: Followed) -> None:
    video = followed("largest")
    for cut in tortured.cuts:
        assert sum(face.strength for face in video.face_in(cut)) == 1
    assert strengths(video, tortured, "after gap")[0] == 1


def test_a_face_is_one_track_from_cut_to_cut(tortured: Torture, followed: Followed) -> None:
    video = followed("largest")
    start, end = tortured.cuts[0], tortured.cuts[1]
    assert {face.track for n in range(start, end) for face in video.face_in(n)} == {0}
    assert (video.tracks[0].first, video.tracks[0].last) == (start, end - 1)


def test_faces_are_where_they_are(tortured: Torture, followed: Followed) -> None:
    video = followed("all")
    for known in (tortured.first_person, tortured.second_person):
        for number, place in known.items():
            if video.reason(number) is None:
                apart = [
                    np.linalg.norm(face.landmarks[4, :2] - np.array(place)) for face in video.face_in(number)
                ]
                assert min(apart) < 80, number


def test_a_mouth_that_leaves_the_picture_is_not_dubbed(tortured: Torture, followed: Followed) -> None:
    video = followed("all")
    for number in range(*tortured.parts["pan"]):
        for face in video.face_in(number):
            assert 0 <= face.landmarks[[13, 14], 0].mean() < tortured.frames[0].shape[1]


class Drifting:
    """A mesh that runs away from its face and grows."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def detect(self, image: np.ndarray, min_score: float = 0.5, *, depth: Depth = "tiles") -> list[Face]:
        return [self._face]

    def follow(self, image: np.ndarray, face: Face) -> Face:
        grown = face.scaled(1.1)
        return grown.moved(face.box[0] - grown.box[0] + 10, face.box[1] - grown.box[1])


def test_a_mesh_that_leaves_the_picture_is_given_up(tmp_path: Path, tortured: Torture) -> None:
    picture = tortured.frames[tortured.parts["speech"][0]]
    detector = Drifting(mesh_detector().detect(picture)[0])
    frames = [SourceFrame(n, Fraction(n, 25), picture) for n in range(40)]
    with follow_video(frames, tmp_path, FollowingOptions("all"), detector=detector) as video:
        for track in video.tracks:
            for number in (track.first, track.last):
                size = np.ptp(video.raw_landmarks(track.number, number)[:, :2], axis=0)
                assert size.max() <= 2 * max(picture.shape)
        assert len(video.tracks) > 1


def test_frames_can_be_asked_in_any_order(followed: Followed) -> None:
    video = followed("all")
    forwards = [video.face_in(n) for n in range(video.frames)]
    for n in reversed(range(video.frames)):
        for there, again in zip(forwards[n], video.face_in(n), strict=True):
            assert there.landmarks.dtype == np.float32
            np.testing.assert_array_equal(there.landmarks, again.landmarks)
    for outside in (-1, video.frames):
        with pytest.raises(IndexError):
            video.face_in(outside)


def test_a_track_names_frames_for_its_teeth_and_its_closed_lips(followed: Followed) -> None:
    video = followed("largest")
    first = video.tracks[0]
    assert first.open_frame is not None
    assert first.closed_frame is not None
    gaps = []
    for number in (first.open_frame, first.closed_frame):
        (face,) = video.face_in(number)
        gaps.append(np.linalg.norm(face.landmarks[13] - face.landmarks[14]))
    assert gaps[0] > 5 * gaps[1]


def test_reasons_are_counted(tortured: Torture, followed: Followed) -> None:
    counts = followed("largest").reasons()
    assert sum(counts.values()) == len(tortured.frames)
    assert set(counts) == {"dubbed", "no_face", "covered", "turned"}


def test_a_still_face_stays_still(tortured: Torture, tmp_path: Path) -> None:
    """The mesh swings to and fro on a frozen frame; what it swings by must not reach the dub."""
    still = tortured.frames[tortured.parts["speech"][0]]
    frames = [SourceFrame(n, Fraction(n, 25), still) for n in range(16)]
    with follow_video(frames, tmp_path) as video:
        smooth = np.stack([video.face_in(n)[0].landmarks[:, :2] for n in range(4, 12)])
        raw = np.stack([video.raw_landmarks(0, n)[:, :2] for n in range(4, 12)])
    moved, raw_moved = (np.linalg.norm(np.diff(p, axis=0), axis=2).mean() for p in (smooth, raw))
    assert raw_moved > 0.1
    assert moved < 0.25 * raw_moved


def test_uneven_times_do_not_shift_a_moving_face(tmp_path: Path, tortured: Torture) -> None:
    """A face that moves at a steady speed lies on its line at any spacing of the frames."""
    picture = tortured.frames[tortured.parts["speech"][0]]
    times = [Fraction(n, 25) + Fraction(n * n % 5, 200) for n in range(16)]
    frames = [
        SourceFrame(n, time, np.roll(picture, round(100 * float(time)), axis=1))
        for n, time in enumerate(times)
    ]
    with follow_video(frames, tmp_path) as video:
        nose = np.array([video.face_in(n)[0].landmarks[4, 0] for n in range(16)])
    seconds = np.array([float(time) for time in times])
    off = nose - np.polyval(np.polyfit(seconds, nose, 1), seconds)
    assert np.polyfit(seconds, nose, 1)[0] == pytest.approx(100, rel=0.05)
    assert np.abs(off).max() < 1.0


def test_a_small_jump_within_a_shot_is_not_smoothed_away(tmp_path: Path) -> None:
    person, _ = example_persons()
    pictures = [framed(person[0], 300, (240 + 20 * (n >= 8), 160), (70, 82, 60)) for n in range(16)]
    frames = [SourceFrame(n, Fraction(n, 25), picture) for n, picture in enumerate(pictures)]
    with follow_video(frames, tmp_path) as video:
        nose = [float(video.face_in(n)[0].landmarks[4, 0]) for n in range(16)]
    assert np.ptp(nose[:8]) < 1
    assert np.ptp(nose[8:]) < 1
    assert nose[8] - nose[7] == pytest.approx(20, abs=1.5)


def test_nothing_stays_in_the_folder(tmp_path: Path, tortured: Torture) -> None:
    start = tortured.parts["speech"][0]

    def cancelled() -> Iterator[SourceFrame]:
        for n in range(3):
            yield SourceFrame(n, Fraction(n, 25), tortured.frames[start + n])
        raise KeyboardInterrupt

    open_files = len(list(OPEN_FILES.iterdir()))
    with pytest.raises(KeyboardInterrupt):
        follow_video(cancelled(), tmp_path)
    assert len(list(OPEN_FILES.iterdir())) == open_files
    assert not list(tmp_path.iterdir())


def test_a_video_without_a_face_or_a_frame_is_refused(tmp_path: Path) -> None:
    frames = [SourceFrame(n, Fraction(n, 25), title("No one")) for n in range(5)]
    with pytest.raises(FacelessVideoError, match="5 frames"):
        follow_video(frames, tmp_path)
    with pytest.raises(VideoError, match="no frames"):
        follow_video([], tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_face_upside_down_is_not_dubbed_on_its_forehead(tmp_path: Path, tortured: Torture) -> None:
    pictures = [tortured.frames[tortured.parts["speech"][0] + n][::-1, ::-1].copy() for n in range(6)]
    assert mesh_detector().detect(pictures[0]), "the detector takes the forehead for a face"
    frames = [SourceFrame(n, Fraction(n, 25), picture) for n, picture in enumerate(pictures)]
    with pytest.raises(FacelessVideoError, match="the right way up"):
        follow_video(frames, tmp_path)


def test_a_shot_that_begins_behind_a_hand_is_dubbed_once_it_is_gone(
    tmp_path: Path, tortured: Torture
) -> None:
    hand = [tortured.frames[tortured.parts["hand"][0] + 5 + n % 8] for n in range(14)]
    free = tortured.frames[slice(*tortured.parts["after hand"])]
    frames = [SourceFrame(n, Fraction(n, 25), picture) for n, picture in enumerate([*hand, *free])]
    with follow_video(frames, tmp_path, FollowingOptions(fade=0)) as video:
        assert [video.reason(n) for n in range(video.frames)] == ["covered"] * 14 + [None] * len(free)


def test_lips_in_the_dark_are_not_covered(tmp_path: Path, tortured: Torture) -> None:
    start = tortured.parts["speech"][0]
    frames = [SourceFrame(n, Fraction(n, 25), faded(tortured.frames[start + n], 0.08)) for n in range(6)]
    with follow_video(frames, tmp_path) as video:
        assert [video.reason(n) for n in range(6)] == [None] * 6


def test_one_frame_is_enough(tmp_path: Path, tortured: Torture) -> None:
    frame = SourceFrame(0, Fraction(0), tortured.frames[tortured.parts["speech"][0]])
    with follow_video([frame], tmp_path) as video:
        assert [face.strength for face in video.face_in(0)] == [1.0]


def test_a_small_mouth_passes_through(tmp_path: Path, tortured: Torture) -> None:
    frames = [
        SourceFrame(n, Fraction(n, 25), tortured.frames[tortured.parts["two"][0] + n]) for n in range(3)
    ]
    options = FollowingOptions("all", smallest_mouth=40)
    with follow_video(frames, tmp_path, options) as video:
        assert [len(video.face_in(n)) for n in range(3)] == [1, 1, 1]
    with follow_video(frames, tmp_path, FollowingOptions("all", smallest_mouth=90)) as video:
        assert [video.reason(n) for n in range(3)] == ["small"] * 3


def test_landmarks_are_kept_to_a_hundredth_of_a_pixel(tmp_path: Path) -> None:
    points = np.random.default_rng(1).uniform(-300, 2000, (20, 478, 3)).astype(np.float32)
    file = LandmarkFile(tmp_path)
    kept = [file.add(one) for one in points]
    for number in (19, 0, 7):
        *middle, reach = kept[number]
        read = file.read(number, np.array(middle), reach)
        assert np.abs(read - points[number]).max() <= reach / 65534 + 2e-4
    file.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as raised:
        LandmarkFile(tmp_path / "missing")
    assert os.strerror(errno.ENOENT) in str(raised.value)
