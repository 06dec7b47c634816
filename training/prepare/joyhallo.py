"""Prepares videos for JoyHallo: frames, face regions, the identity, and the encoded voice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from media.faces import Face, FaceDetector, default_detector
from training.dataset.arrays import read_arrays, write_arrays
from training.dataset.frames import FrameArchive, write_frames
from training.dataset.index import FPS
from training.dataset.items import ItemFacts
from training.dataset.sound import write_voice
from training.prepare.face_regions import FaceRegions
from training.prepare.preparer import Rejected
from training.prepare.source_video import SAMPLES_PER_FRAME, SourceVideo

if TYPE_CHECKING:
    from training.prepare.joyhallo_networks import PreparationNetworks

SHORTEST = 16 + 2 + 4 + 1
"""Frames of the shortest video that stage 2 can take a clip, its motion frames and its margins from."""
FRAMES, VOICE, FEATURES = "frames.zip", "voice.wav", "features.safetensors"
SEEN = "seen.safetensors"
"""The first half's result for the second; not part of a finished item."""


class JoyHalloPreparer:
    """One pass that replaces the public steps 1 and 2. See `preparer.StagedPreparer`."""

    kind: ClassVar[str] = "joyhallo"

    def __init__(self, weights: Path | None = None, detector: FaceDetector | None = None) -> None:
        """weights: the folder of all weights; None for that of the settings."""
        self._weights = weights
        self._detector = detector
        self._networks: PreparationNetworks | None = None

    def load(self, device: str) -> None:
        """Read the audio encoder, and the models for identity and vocals if they are installed."""
        from training.prepare.joyhallo_networks import (
            PreparationNetworks,
        )  # imported late, because it imports torch

        self._networks = PreparationNetworks(device, self._weights)

    def read(self, video: Path, out: Path) -> None:
        """Write the frames and find the face in every one of them.

        A frame without exactly one face refuses the video, as in the public step 1.
        """
        source = SourceVideo(video)
        _check_length(source.count)
        count = source.length(len(source.aligned(source.speech().samples)))
        _check_length(count)
        regions = FaceRegions(source.size[1], source.size[0])
        written = write_frames(out / FRAMES, self._watched(source.frames(), count, regions))
        if written < count:
            raise Rejected("corrupt", f"Only {written} of {count} frames can be decoded.")
        write_arrays(out / SEEN, {"count": np.array([count], np.int64), **regions.arrays()})

    def prepare(self, video: Path, out: Path) -> ItemFacts:
        """Fill a folder with everything; see `preparer.Preparer`."""
        if self._networks is None:
            raise RuntimeError("load() comes before prepare()")
        if not (out / SEEN).is_file():
            self.read(video, out)
        seen = read_arrays(out / SEEN)
        count = int(seen["count"][0])
        voice, separated = self._voice(SourceVideo(video))
        wanted = count * SAMPLES_PER_FRAME
        write_voice(out / VOICE, np.pad(voice[:wanted], (0, max(0, wanted - len(voice)))))
        first = FrameArchive(out / FRAMES).read(0, 1)[0]
        identity = self._networks.identity(first, Face(seen["landmarks"], tuple(seen["box"].tolist()), 1.0))
        names = ("face_mask", "full_mask", "face_mask_64", "lip_mask")
        features = {
            "face_embedding": identity.embedding,
            "audio": self._networks.hear(voice)[:count],
            **{name: seen[name] for name in names},
        }
        write_arrays(out / FEATURES, features)
        (out / SEEN).unlink()
        height, width = first.shape[:2]
        return ItemFacts(
            count,
            width,
            height,
            random_weights=self._networks.random_weights,
            notes=(*self._networks.notes, *identity.notes),
            more={
                "voice": "separated" if separated else "whole",
                "identity": bool(identity.embedding.any()),
            },
        )

    def finish(self, root: Path, names: Collection[str]) -> Collection[str]:
        """Does nothing: no files cover all items, and all items are trained on."""
        return ()

    def facts(self) -> Mapping[str, Any]:
        """No facts: in training, the public program does not enlarge the boxes of faces."""
        return {"mask_ratio": 1}

    def _watched(
        self, frames: Iterator[np.ndarray], count: int, regions: FaceRegions
    ) -> Iterator[np.ndarray]:
        """The first `count` frames, with the one face of each added to the regions."""
        self._detector = self._detector or default_detector()
        for number, frame in zip(range(count), frames, strict=False):
            faces = self._detector.detect(frame)
            if len(faces) != 1:
                what = f"{len(faces)} faces" if faces else "no face"
                raise Rejected(
                    "many_faces" if faces else "no_face",
                    f"Frame {number} of {count}, at {number / FPS:.2f} s, shows {what} in place of one.",
                )
            regions.add(faces[0])
            yield frame

    def _voice(self, source: SourceVideo) -> tuple[np.ndarray, bool]:
        """The voice from the first frame on, and whether it could be separated from other sounds."""
        assert self._networks is not None
        speech = source.speech()
        alone = self._networks.separated(speech)
        return source.aligned(speech.samples if alone is None else alone), alone is not None


def _check_length(frames: int) -> None:
    if frames < SHORTEST:
        raise Rejected(
            "too_short", f"There are {frames} frames at {FPS} per second; at least {SHORTEST} are needed."
        )
