"""Follows the faces of a whole video: who is where in each frame, and where a new mouth can be painted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from media.closeable import Closeable
from media.dubbing.following_cover import MouthCovers
from media.dubbing.following_cuts import Changes, SceneChanges
from media.dubbing.following_judged import JudgedTrack, TrackSummary
from media.dubbing.following_likeness import SamePerson
from media.dubbing.following_person import LARGEST, Person, choose
from media.dubbing.following_records import FaceRecords
from media.dubbing.following_smoothing import neighbours, weights
from media.dubbing.following_stillness import FEWEST, calm_neighbours, held
from media.dubbing.following_tracker import FaceTracker, Sighting, VideoFaceDetector
from media.dubbing.following_tracks import join_tracks
from media.dubbing.following_usable import Reason, judge
from media.dubbing.values import SourceFrame, TrackedFace
from media.errors import FacelessVideoError, VideoError
from media.faces import mesh_detector
from media.read_ahead import read_ahead

MAX_TURN = 30.0
FADE = 0.12
SMALLEST_MOUTH = 10.0
AHEAD = 3
"""Frames at once between reading and tracking, and between tracking and measuring."""


@dataclass(frozen=True)
class FollowingOptions:
    """person: who speaks. max_turn: degrees to the side, up or down beyond which a face keeps its own mouth.
    fade: seconds in which the new mouth comes and goes. smallest_mouth: pixels between its corners.
    """

    person: Person = LARGEST
    max_turn: float = MAX_TURN
    fade: float = FADE
    smallest_mouth: float = SMALLEST_MOUTH


class FollowedVideo(Closeable):
    """The faces to dub in each frame of a video, by its number, in any order.

    frames: how many there are. cuts: the first frames of new shots, without 0. tracks: all faces, also of
    persons who were not chosen. Holds two files in the folder given to `follow_video` until `close`, or use
    it as a context manager.
    """

    def __init__(
        self,
        records: FaceRecords,
        changes: Changes,
        times: np.ndarray,
        size: tuple[int, int],
        options: FollowingOptions,
        covers: MouthCovers | None = None,
        animals: frozenset[int] = frozenset(),
    ) -> None:
        """times: (frames,) float64 seconds. size: (width, height). covers: if they are known already.
        animals: tracks that no one may speak with.

        Raises FacelessVideoError if no frame has a face, OptionError if the asked person cannot be found.
        """
        self._records, self._changes, self._times, self._size = records, changes, times, size
        self._options = options
        self._covers = covers or MouthCovers(records.samples, times)
        self.frames, self.cuts = len(times), changes.cuts
        tracks = join_tracks(records.rows(), changes, times)
        if not tracks:
            raise FacelessVideoError(
                "No face was found in the {frames} frames of the video. Use a video that shows a face from "
                "the front, the right way up.",
                frames=self.frames,
            )
        people = [track for track in tracks if track.number not in animals]
        chosen = choose(people, options.person, times=times, size=size, alike=SamePerson(records.landmarks))
        breaks = np.array(changes.breaks, np.int64)
        self._judged = [
            JudgedTrack(
                track,
                judge(
                    track,
                    times,
                    breaks,
                    self._covers.of(track),
                    dissolves=changes.dissolves,
                    size=size,
                    max_turn=options.max_turn,
                    fade=options.fade,
                    smallest_mouth=options.smallest_mouth,
                    animal=track.number in animals,
                ),
                track.number in chosen,
                max(records.scores[int(one)] for one in np.unique(track.rows["fragment"])),
            )
            for track in tracks
        ]
        self._by_shot: dict[int, list[JudgedTrack]] = {}
        for one in self._judged:
            self._by_shot.setdefault(one.track.shot, []).append(one)
        self.tracks: tuple[TrackSummary, ...] = tuple(one.summary() for one in self._judged)

    def with_options(self, options: FollowingOptions) -> FollowedVideo:
        """The same video for another person or other limits; no frame is read again. Closing one closes both.

        Raises OptionError if the asked person cannot be found.
        """
        return FollowedVideo(self._records, self._changes, self._times, self._size, options, self._covers)

    def without(self, animals: frozenset[int]) -> FollowedVideo:
        """The same video, in which some tracks show animals. Closing one closes both.

        Raises OptionError if the asked person is one of them.
        """
        return FollowedVideo(
            self._records, self._changes, self._times, self._size, self._options, self._covers, animals
        )

    def face_in(self, number: int) -> tuple[TrackedFace, ...]:
        """The faces of a frame that get a new mouth, the largest first; empty if it passes through.

        Raises IndexError if there is no such frame.
        """
        faces = []
        for one in self._in_frame(number):
            strength = one.strength(number)
            if strength > 0:
                landmarks, lips_held = self._landmarks(one, number)
                found = None if lips_held else self._found(one, number)
                faces.append(TrackedFace(one.track.number, landmarks, strength, found))
        return tuple(sorted(faces, key=lambda face: -float(np.ptp(face.landmarks[:, 0]))))

    def raw_landmarks(self, track: int, number: int) -> np.ndarray:
        """(478, 3) float32 landmarks of a track in a frame as they were found, not smoothed.

        Raises IndexError if the face was not found there.
        """
        one = self._judged[track]
        found = self._found(one, number) if one.track.first <= number <= one.track.last else None
        if found is None:
            raise IndexError(f"Track {track} was not found in frame {number}.")
        return found

    def reason(self, number: int) -> Reason | None:
        """Why a frame passes through; None if a face in it gets a new mouth."""
        within = self._in_frame(number)
        chosen = [one for one in within if one.chosen]
        if any(one.strength(number) > 0 for one in chosen):
            return None
        why = [one.reason(number) for one in chosen]
        for reason in ("dissolve", "covered", "turned", "small"):
            if reason in why:
                return reason
        if not chosen and any(one.reason(number) == "animal" for one in within):
            return "animal"
        return "other_person" if any(one.sees(number) for one in within if not one.chosen) else "no_face"

    def reasons(self) -> dict[str, int]:
        """How many frames are "dubbed", and how many pass through for each reason."""
        return dict(Counter(self.reason(number) or "dubbed" for number in range(self.frames)))

    def close(self) -> None:
        """Remove the files of landmarks and colours."""
        self._records.close()

    def _in_frame(self, number: int) -> list[JudgedTrack]:
        if not 0 <= number < self.frames:
            raise IndexError(f"There is no frame {number} of {self.frames}.")
        shot = int(np.searchsorted(self.cuts, number, side="right"))
        return [one for one in self._by_shot.get(shot, ()) if one.track.first <= number <= one.track.last]

    def _found(self, one: JudgedTrack, number: int) -> np.ndarray | None:
        """(478, 3) float32 of a frame within the track, not smoothed; None if it was not found there."""
        return self._read(one, int(one.usability.row[number - one.track.first])) if one.sees(number) else None

    def _landmarks(self, one: JudgedTrack, number: int) -> tuple[np.ndarray, bool]:
        """(478, 3) float32, smoothed, and whether the lips are held still."""
        rows, near = one.around(number, self._times)
        times = self._times[one.track.rows["frame"][rows]]
        part = neighbours(times, near, 0, len(rows))
        factors = weights(times[part], float(self._times[number]))
        many, shares = calm_neighbours(times, near)
        landmarks, lips = held(self._mean(one, rows[part], factors), self._mean(one, rows[many], shares))
        return landmarks, lips and len(many) >= FEWEST

    def _mean(self, one: JudgedTrack, rows: np.ndarray, factors: np.ndarray) -> np.ndarray:
        """(478, 3) float32: landmarks of some rows, each times its factor."""
        total = np.zeros((478, 3), np.float32)
        for row, factor in zip(rows, factors.astype(np.float32), strict=True):
            total += factor * self._read(one, int(row))
        return total

    def _read(self, one: JudgedTrack, place: int) -> np.ndarray:
        row = one.track.rows[place]
        return self._records.landmarks.read(int(one.track.places[place]), row["middle"], float(row["reach"]))


def follow_video(
    frames: Iterable[SourceFrame],
    folder: Path,
    options: FollowingOptions | None = None,
    *,
    detector: VideoFaceDetector | None = None,
) -> FollowedVideo:
    """Read all frames of a video once, in order, and follow every face through it.

    frames: upright, numbered from 0; read in another thread, a few ahead. Their pictures must stay as they
    are. folder: for the files of landmarks and colours, 3216 bytes a frame and face. Memory grows by some 150
    bytes a frame. To cancel, raise from `frames`: nothing is left in the folder.

    Raises VideoError without frames, FacelessVideoError without a face, OptionError if the person is not
    there, OutputError if the folder cannot hold the landmarks.
    """
    records, cuts = FaceRecords(folder), SceneChanges()
    try:
        times: list[float] = []
        size = (0, 0)
        with closing(_seen(frames, cuts, detector or mesh_detector())) as seen:
            for frame, sightings in seen:
                for one in sightings:
                    records.add(one.frame.number, one.fragment, one.frame.picture, one.landmarks, one.score)
                times.append(float(frame.time))
                size = size if times[1:] else (frame.picture.shape[1], frame.picture.shape[0])
        if not times:
            raise VideoError("The video has no frames; export it again.")
        return FollowedVideo(records, cuts.changes(), np.array(times), size, options or FollowingOptions())
    except BaseException:
        records.close()
        raise


def _seen(
    frames: Iterable[SourceFrame], cuts: SceneChanges, detector: VideoFaceDetector
) -> Generator[tuple[SourceFrame, list[Sighting]]]:
    """Every frame with its faces. Reading and tracking each have a thread beside the caller's, since the
    tracker waits for its network most of the time.
    """

    def read() -> Generator[tuple[SourceFrame, bool]]:
        for frame in frames:
            yield frame, cuts.add(frame.picture, float(frame.time))

    def tracked() -> Generator[tuple[SourceFrame, list[Sighting]]]:
        tracker = FaceTracker(detector)
        with closing(read_ahead(read(), AHEAD, "read")) as ahead:
            for frame, sudden in ahead:
                yield frame, tracker.add(frame, sudden)

    return read_ahead(tracked(), AHEAD, "track")
