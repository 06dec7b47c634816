"""Sync-C, Sync-D in both its forms, and the offset of a finished video."""

from __future__ import annotations

import contextlib
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.weights.catalogue import WeightFolder
from evaluation.metric import Metric, Score
from evaluation.metric_options import USUAL_SYNC, VSHIFT, SyncOptions
from evaluation.syncnet.distances import SyncScore
from evaluation.weights import catalogue
from media.errors import FacelessVideoError

if TYPE_CHECKING:
    import numpy as np

    from evaluation.syncnet.comparing import Comparer
    from evaluation.syncnet.detection import Finder
    from evaluation.syncnet.network import SyncNet
    from evaluation.syncnet.tracks import Track
    from evaluation.video_file import VideoFile

FPS = 25
RATE = 16_000
RANDOM_NOTE = "measured with random weights: the value is meaningless"
_NEEDS = catalogue.SYNC
_LICENCE = f"SyncNet: {catalogue.SYNCNET_LICENCE}"

METRICS = (
    Metric(
        "sync_c",
        "Sync-C",
        "higher",
        (0.0, math.inf),
        _NEEDS,
        _LICENCE,
        "How much better lips and sound agree at the best shift than at others (SyncNet's confidence, LSE-C)."
        " Music and noise lower it; still lips and silence give nearly 0.",
    ),
    Metric(
        "sync_d",
        "Sync-D",
        "lower",
        (0.0, math.inf),
        _NEEDS,
        _LICENCE,
        "The distance of lips and sound at the best shift (the minimum, LSE-D). Good clips have 6 to 9.",
    ),
    Metric(
        "sync_d_mean",
        "Sync-D (mean)",
        "neither",
        (0.0, math.inf),
        _NEEDS,
        _LICENCE,
        "The mean over all windows and shifts, which the JoyHallo table seems to print as Sync-D: "
        "its values of 13 to 14 cannot be minimums. It rises with Sync-C and says little by itself.",
    ),
    Metric(
        "sync_offset",
        "Offset",
        "zero",
        (-float(VSHIFT), float(VSHIFT)),
        _NEEDS,
        _LICENCE,
        "Frames of 40 ms by which the sound comes before the video; below 0 it comes after.",
        unit="frames",
        digits=0,
    ),
)


class SyncMeasurer:
    """Measures all four in one go. The networks are read at the first video and kept."""

    def __init__(
        self, options: SyncOptions = USUAL_SYNC, folder: WeightFolder | None = None, device: str = "cpu"
    ) -> None:
        """options: the form; the offset's range follows from its vshift."""
        self.options = options
        reach = float(options.vshift)
        self.metrics = tuple(
            replace(metric, range=(-reach, reach)) if metric.name == "sync_offset" else metric
            for metric in METRICS
        )
        self._folder = folder or catalogue.folder()
        self._device = device
        self._loaded: tuple[SyncNet, Finder | None, bool] | None = None

    def form(self) -> dict[str, Any]:
        """Its options."""
        return asdict(self.options)

    def weights(self) -> list[Path]:
        """SyncNet's file and, if faces are followed, S3FD's."""
        files = [catalogue.SYNCNET_FILE]
        if self.options.mode == "pipeline" and self.options.detector != "mediapipe":
            files.append(catalogue.S3FD_FILE)
        return [path for file in files if (path := self._folder.find(file)) is not None]

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """The scores of the face that is visible longest.

        Raises WeightsMissing and WeightsError, FacelessVideoError, SilentVideoError and VideoError.
        """
        model, finder, random_weights = self._networks()
        with contextlib.ExitStack() as stack:
            if self.options.reference_conversion:
                from evaluation.syncnet.conversion import converted

                video.sound()  # a silent one is reported before the work, and by its own name
                video = stack.enter_context(converted(video))
            from evaluation.syncnet.embedding import as_int16

            samples = as_int16(video.sound())
            if finder is None:
                return self._whole(video, model, samples, random_weights)
            return self._followed(video, model, finder, samples, random_weights)

    def _whole(
        self, video: VideoFile, model: SyncNet, samples: np.ndarray, random_weights: bool
    ) -> dict[str, Score]:
        from evaluation.syncnet.following import whole_pictures

        count = video.count_at(FPS)
        comparer = self._comparer(model, samples, count)
        for face in whole_pictures(video.frames(FPS)):
            comparer.add(face)
        return self._scores(comparer.finish(), count, len(samples), [], random_weights, {})

    def _followed(
        self, video: VideoFile, model: SyncNet, finder: Finder, samples: np.ndarray, random_weights: bool
    ) -> dict[str, Score]:
        from evaluation.syncnet.following import faces, follow

        followed = follow(video.frames(FPS), finder)
        tracks = sorted(followed.tracks, key=lambda track: -len(track.frames))
        if not tracks:
            raise FacelessVideoError(
                "{name} has no trackable face: {finder} finds one in {with_face} of {frames} frames. If the "
                "file is already a face crop, measure in demo mode.",
                name=video.path.name,
                finder=finder.name,
                with_face=followed.with_face,
                frames=followed.frames,
            )
        sounds = [_sound_of(track, samples) for track in tracks]
        comparers = [
            self._comparer(model, sound, len(track.frames))
            for track, sound in zip(tracks, sounds, strict=True)
        ]
        for index, face in faces(video.frames(FPS), tracks):
            comparers[index].add(face)
        scores = [comparer.finish() for comparer in comparers]
        notes = [followed.note] if followed.note else []
        if len(tracks) > 1:
            notes.append(f"{len(tracks)} face tracks, of which this is the longest")
        extras = {
            "detector": finder.name,
            "min_track": followed.min_track,
            "tracks": [_track_facts(*pair) for pair in zip(tracks, scores, strict=True)],
        }
        return self._scores(scores[0], len(tracks[0].frames), len(sounds[0]), notes, random_weights, extras)

    def _comparer(self, model: SyncNet, samples: np.ndarray, pictures: int) -> Comparer:
        from evaluation.syncnet.comparing import Comparer

        return Comparer(model, samples, pictures, self.options.vshift, self._device)

    def _scores(
        self,
        found: SyncScore | None,
        pictures: int,
        samples: int,
        notes: list[str],
        random_weights: bool,
        extras: dict[str, Any],
    ) -> dict[str, Score]:
        if found is None:
            note = (
                f"too short: {pictures} frames with {samples / RATE:.2f} s of sound, and it takes 6 frames "
                "(0.24 s) of both"
            )
            return {metric.name: Score(None, note) for metric in METRICS}
        facts = extras | {
            "mode": self.options.mode,
            "vshift": self.options.vshift,
            "reference_conversion": self.options.reference_conversion,
            "windows": len(found.distances),
            "curve": [round(float(value), 4) for value in found.curve],
            "random_weights": random_weights,
        }
        said = "; ".join(
            [*([RANDOM_NOTE] if random_weights else []), self._form(extras.get("detector")), *notes]
        )
        values = {
            "sync_c": found.confidence,
            "sync_d": found.minimum,
            "sync_d_mean": found.mean,
            "sync_offset": float(found.offset),
        }
        return {name: Score(value, said, facts) for name, value in values.items()}

    def _form(self, detector: str | None) -> str:
        """The form of the measurement in words; numbers of another form cannot be compared."""
        parts = ["demo form: the whole frame at 224 x 224"]
        if detector is not None:
            parts = [f"pipeline form, faces by {detector}"]
        parts.append(f"vshift {self.options.vshift}")
        if self.options.reference_conversion:
            parts.append("after the original's conversion to AVI and MP3")
        return ", ".join(parts)

    def _networks(self) -> tuple[SyncNet, Finder | None, bool]:
        if self._loaded is None:
            from evaluation.weights.checkpoints import load_network

            model, opened = load_network("syncnet", self._folder)
            finder, random_weights = self._finder()
            self._loaded = model.to(self._device), finder, random_weights or opened.random_weights is not None
        return self._loaded

    def _finder(self) -> tuple[Finder | None, bool]:
        """The face finder, and whether its weights are random; random weights find no faces and are used only
        on request.
        """
        if self.options.mode == "demo":
            return None, False
        from evaluation.syncnet.detection import MediaPipeFinder, S3fdFinder
        from evaluation.weights.checkpoints import load_network

        there = self._folder.find(catalogue.S3FD_FILE) is not None
        if self.options.detector == "s3fd" or (self.options.detector == "auto" and there):
            model, opened = load_network("s3fd", self._folder)
            if opened.random_weights is None or self.options.detector == "s3fd":
                return S3fdFinder(model, self._device), opened.random_weights is not None
        return MediaPipeFinder(), False


def _sound_of(track: Track, samples: np.ndarray) -> np.ndarray:
    """The sound that belongs to a track's frames."""
    return samples[round(track.first / FPS * RATE) : round((int(track.frames[-1]) + 1) / FPS * RATE)]


def _track_facts(track: Track, found: SyncScore | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"first_frame": track.first, "frames": len(track.frames)}
    if found is not None:
        facts |= {
            "sync_c": found.confidence,
            "sync_d": found.minimum,
            "sync_d_mean": found.mean,
            "offset": found.offset,
        }
    return facts
