"""Two faces of one portrait, each with its own voice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

import cli
from engines.base import Note, Step
from media.errors import OptionError, PortraitError
from media.partial_frames import PartialFrames
from media.portrait import Portrait, open_portrait
from media.sound_stream import open_sound
from media.two_faces import FaceDivide, overlap_of, two_faces
from media.video import VideoReader
from media.voice import open_voice
from studio.batch.listing import read_lines
from studio.duet import Duet, animate_both
from studio.estimate import Estimate
from studio.events import Finished
from studio.job import Job
from studio.provenance.inspection import inspect_video
from studio.provenance.origin import Origin
from studio.render_cache import fingerprint
from studio.run import run
from studio.settings import Settings
from tests.conftest import write_voice
from tests.fake_engine import FakeOptions, FakeWorld
from tests.media.test_two_voices import tone, write_stereo

STILL = {"head_motion": 0.0, "blink_rate": 0.0, "expression": 0.0}


@pytest.fixture(scope="module")
def couple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A larger face on the left, and a smaller one on the right."""
    woman = data.astronaut()[:320, 60:380]
    picture = np.full((320, 620, 3), 128, np.uint8)
    picture[:, :320] = woman
    picture[30:290, 340:600] = np.asarray(Image.fromarray(woman).resize((260, 260)))
    path = tmp_path_factory.mktemp("couple") / "couple.png"
    Image.fromarray(picture).save(path)
    return path


@pytest.fixture(scope="module")
def opened(couple: Path) -> Portrait:
    return open_portrait(couple)


def made(job: Job, settings: Settings) -> Finished:
    (finished,) = (event for event in run(job, settings) if isinstance(event, Finished))
    return finished


def movement(video: Path, portrait: Portrait) -> np.ndarray:
    """(faces, frames): how far each mouth is from the portrait's, face 0 first."""
    frames = np.stack(list(VideoReader(video))).astype(int)
    moved = []
    for face in portrait.faces:
        x0, y0, x1, y1 = (round(side) for side in face.box)
        mouth = slice((y0 + 2 * y1) // 3, y1), slice(x0, x1)
        still = np.asarray(portrait.image, int)[mouth]
        moved.append(np.abs(frames[(slice(None), *mouth)] - still).mean(axis=(1, 2, 3)))
    return np.stack(moved)


def test_each_face_moves_in_its_own_speech_and_both_are_heard(
    couple: Path, opened: Portrait, tmp_path: Path, settings: Settings
) -> None:
    first = write_voice(tmp_path / "a.wav", seconds=1.2)
    second = write_voice(tmp_path / "b.wav", seconds=1.2, pitch=240)
    job = Job(portrait=couple, voice=first, second_voice=second, options=STILL, output=tmp_path / "two.mp4")
    result = made(job, settings).result
    assert result.duration == pytest.approx(2.4)
    assert result.frames == 60
    assert not any("is animated" in note for note in result.notes)
    moved = movement(result.path, opened)
    speaks, listens = slice(5, 28), slice(36, 60)
    assert np.ptp(moved[0, speaks]) > 5 * np.ptp(moved[1, speaks])
    assert np.ptp(moved[1, listens]) > 5 * np.ptp(moved[0, listens])
    sound, blocks = open_sound(result.path)
    samples = np.concatenate(list(blocks))[:, 0]
    for begin in (0.3, 1.5):
        part = samples[round(begin * sound.rate) : round((begin + 0.7) * sound.rate)]
        assert np.sqrt((part**2).mean()) > 0.05
    facts = inspect_video(result.path).facts
    assert facts is not None
    assert facts["second_voice"] == {"start": None, "face_index": None, "channels": False}
    assert Origin.from_facts(facts).second_voice == facts["second_voice"]
    assert result.motion is None


def test_the_channels_of_one_file_go_from_left_to_right(
    couple: Path, opened: Portrait, tmp_path: Path, settings: Settings
) -> None:
    quiet = np.zeros(16_000)
    syllables = tone(1.0, 180) * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * np.arange(16_000) / 16_000))
    path = write_stereo(
        tmp_path / "talk.wav", np.concatenate([quiet, syllables]), np.concatenate([syllables, quiet])
    )
    job = Job(portrait=couple, voice=path, stereo_voices=True, options=STILL, output=tmp_path / "talk.mp4")
    moved = movement(made(job, settings).result.path, opened)
    assert np.ptp(moved[1, 3:24]) > 5 * np.ptp(moved[0, 3:24])
    assert np.ptp(moved[0, 28:50]) > 5 * np.ptp(moved[1, 28:50])
    sound, _ = open_sound(tmp_path / "talk.mp4")
    assert sound.channels == 2  # the recording itself is heard


def test_faces_are_chosen_and_wrong_ones_are_named(opened: Portrait) -> None:
    assert [one.face_index for one in two_faces(opened, None)] == [0, 1]
    second = replace(opened, face_index=1)
    assert [one.face_index for one in two_faces(second, None)] == [1, 0]
    assert [one.face_index for one in two_faces(second, None, from_left=True)] == [0, 1]
    assert [one.face_index for one in two_faces(second, 0, from_left=True)] == [1, 0]
    alone = replace(opened, faces=opened.faces[:1])
    close = opened.faces[0]
    near = replace(opened, faces=(close, close.moved(0.6 * (close.box[2] - close.box[0]), 0)))
    assert overlap_of(*near.faces) == pytest.approx(0.4, abs=0.01)
    for portrait, number, words in (
        (alone, None, "the portrait has 1. Use a picture of two people"),
        (opened, 5, "no face number 5: 2 found"),
        (opened, 0, "Both voices have face number 0"),
        (near, None, "overlap by 40% of the smaller one; at most 10%"),
    ):
        with pytest.raises(PortraitError, match=words):
            two_faces(portrait, number)


def test_far_from_the_line_pixels_are_those_of_one_frame(opened: Portrait) -> None:
    divide = FaceDivide(*two_faces(opened, None))
    shape = (2, opened.height, opened.width, 3)
    rng = np.random.default_rng(0)
    one, other = (rng.integers(0, 256, shape, np.uint8) for _ in range(2))
    both = np.asarray(divide.joined(one, other))
    for face, frames in zip(opened.faces, (one, other), strict=True):
        x0, y0, x1, y1 = (round(side) for side in face.box)
        np.testing.assert_array_equal(both[:, y0:y1, x0:x1], frames[:, y0:y1, x0:x1])


def test_frames_that_move_in_rectangles_join_as_whole_frames_do(opened: Portrait) -> None:
    divide = FaceDivide(*two_faces(opened, None))
    rng = np.random.default_rng(0)
    sides = []
    for face in opened.faces:
        x0, y0, x1, y1 = (round(side) for side in face.box)
        parts = rng.integers(0, 256, (2, y1 - y0, x1 - x0 + 30, 3), np.uint8)  # into the soft edge
        sides.append(PartialFrames(opened.image, max(0, x0 - 15), y0, parts))
    joined = divide.joined(*sides)
    assert isinstance(joined, PartialFrames)
    np.testing.assert_array_equal(joined, divide.joined(*map(np.asarray, sides)))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"second_start": 1.0}, "second_start is for a second voice"),
        ({"second_face": 1}, "second_face is for a second voice"),
        ({"second_voice": "b.wav", "stereo_voices": True}, "right channel is the second voice"),
        ({"stereo_voices": True, "second_start": 1.0}, "right channel is the second voice"),
        ({"second_voice": "b.wav", "motion": "m"}, "A saved motion moves one face"),
        ({"second_voice": "b.wav", "second_start": -1}, "second_start"),
        (
            {"second_voice": "b.wav", "engine": "joyhallo"},
            "joyhallo moves one face only. For two voices, use",
        ),
        (
            {"second_voice": "b.wav", "options": {"animation_mode": "animal"}},
            "the mode is animal, which moves",
        ),
        ({"stereo_voices": True, "options": {"animation_mode": "animal"}}, "the mode is animal, which"),
        ({"voice": None, "spoken": {"text": "Hello"}, "stereo_voices": True}, "A text has no channels"),
    ],
)
def test_values_that_contradict_each_other_are_refused(values: dict, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        Job.model_validate({"portrait": "a.png", "voice": "a.wav"} | values)


def test_an_engine_that_cuts_the_face_out_says_what_to_turn_on(opened: Portrait, world: FakeWorld) -> None:
    class Cutting(world.engine()):  # type: ignore[misc]
        def picture_size(self, portrait: Portrait, options: FakeOptions) -> tuple[int, int]:
            return 512, 512

    voice = open_voice((16_000, tone(1.0)))
    duet = Duet(two_faces(opened, None), (voice, voice))
    with pytest.raises(OptionError, match="these options give 512x512"):
        list(animate_both(Cutting(), duet, FakeOptions(), 0))
    assert world.open_generators == 0


def test_both_works_end_with_the_job(opened: Portrait, world: FakeWorld) -> None:
    world.steps, world.notes, world.keeps = 2, ("A note.",), True
    voice = open_voice((16_000, tone(1.0)))
    duet = Duet(two_faces(opened, None), (voice, voice))
    work = animate_both(world.engine()(), duet, FakeOptions(), 0)
    pieces = list(work)
    assert sum(isinstance(piece, Note) for piece in pieces) == 1
    assert [piece.fraction for piece in pieces if isinstance(piece, Step)] == [0.125, 0.25, 0.375, 0.5]
    assert sum(len(piece) for piece in pieces if isinstance(piece, np.ndarray)) == 25
    assert world.open_generators == 0
    stopped = animate_both(world.engine()(), duet, FakeOptions(), 0)
    while not isinstance(next(stopped), np.ndarray):
        pass
    assert world.open_generators == 2
    stopped.close()
    assert world.open_generators == 0


def test_lists_flags_and_stored_videos_know_the_second_voice(couple: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(
        "portrait,voice,second_voice,second_start,stereo_voices\n"
        "couple.png,a.wav,b.wav,1.5,\ncouple.png,a.wav,,,yes\ncouple.png,a.wav,,,\n"
    )
    one, other, plain = (line.job for line in read_lines(listed, tmp_path, engine="preview"))
    assert isinstance(one, Job)
    assert isinstance(other, Job)
    assert isinstance(plain, Job)
    assert (one.second_voice, one.second_start) == (tmp_path / "b.wav", 1.5)
    assert other.stereo_voices
    prints = {
        fingerprint(job, Settings())
        for job in (one, other, plain, one.model_copy(update={"second_start": 0.0}))
    }
    assert len(prints) == 4


def test_the_command_makes_one(
    couple: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))
    first, second = write_voice(tmp_path / "a.wav", seconds=0.4), write_voice(tmp_path / "b.wav", seconds=0.4)
    out = tmp_path / "two.mp4"
    given = ["animate", str(couple), str(first), "--second-voice", str(second), "-o", str(out), "--json"]
    assert cli.main([*given, "--second-start", "0"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 10
    assert cli.main([*given, "--second-face", "7"]) == 2
    assert "no face number 7" in capsys.readouterr().err
    assert cli.main(["animate", str(couple), str(first), "--second-voice", str(tmp_path / "no.wav")]) == 2
    assert "There is no voice at" in capsys.readouterr().err


def test_a_video_of_two_faces_takes_twice_as_long(
    couple: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio import long_jobs

    asked: list[float] = []

    def estimate(engine: str, options: object, voice: float, **_: object) -> Estimate:
        asked.append(voice)
        return Estimate(100.0 * voice, False)

    monkeypatch.setattr(long_jobs, "estimate", estimate)
    monkeypatch.setattr(long_jobs, "report_weights", lambda engine: None)
    voice = write_voice(tmp_path / "a.wav", seconds=1.0)
    job = Job(engine="joyvasa", portrait=couple, voice=voice, second_voice=voice)
    found = long_jobs.expected(job, Settings())
    assert found is not None
    assert asked == [pytest.approx(2.0)]
    assert found.seconds == pytest.approx(400.0)
