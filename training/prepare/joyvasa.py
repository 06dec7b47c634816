"""Prepares videos for the motion generator of JoyVASA: motions, voices, their split and their template."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from training.dataset.arrays import read_arrays, write_arrays
from training.dataset.frames import FrameArchive, write_frames
from training.dataset.items import ItemFacts
from training.dataset.sound import write_voice
from training.prepare.face_following import Detector, FaceFollower
from training.prepare.motion_extraction import face_views, motion_of
from training.prepare.motion_item import MOTION, VOICE, check_frames, fitted_voice
from training.prepare.motion_template import template_over
from training.prepare.preparer import Rejected
from training.prepare.source_video import SourceVideo

if TYPE_CHECKING:
    from engines.faces.onnx_model import Model
    from engines.joyvasa.networks.motion_extractor import MotionExtractor

NETWORK = "motion_extractor"
VIEWS, SEEN = "views.zip", "seen.safetensors"
"""What the first half leaves for the second; not part of a finished item."""


class JoyVASAPreparer:
    """Of the engine's networks, only the motion extractor processes the frames. The training does not learn
    appearance, so the appearance extractor is not needed.
    """

    kind: ClassVar[str] = "joyvasa"

    def __init__(self, weights: Path | None = None, detector: Detector | None = None) -> None:
        """weights: the folder of all weights; that of the settings where it is None. detector: finds faces
        instead of MediaPipe and the 203 points.
        """
        self._root = weights
        self._detector = detector
        self._points_203: Model | None = None
        self._network: MotionExtractor | None = None
        self._random_weights = False

    def load(self, device: str) -> None:
        """Read the motion extractor. Raises WeightsMissing or WeightsError."""
        from engines.joyvasa.networks.motion_extractor import MotionExtractor
        from engines.joyvasa.weights.catalogue import folder
        from engines.joyvasa.weights.checkpoints import load_network  # late: it brings torch with it

        network, opened = load_network(NETWORK, folder(self._root))
        assert isinstance(network, MotionExtractor)
        self._network = network.to(device)
        self._random_weights = opened.random_weights is not None

    def read(self, video: Path, out: Path) -> None:
        """Write the voice, the followed face, and the reduced frames for the network."""
        source = SourceVideo(video)
        check_frames(source.count)
        samples = source.aligned(source.speech().samples)
        frames = source.length(len(samples))
        follower = self._follower()
        square = source.size[0] == source.size[1]
        views = face_views(lambda: islice(source.frames(), frames), follower, square=square)
        written = write_frames(out / VIEWS, views)
        if written < frames:
            raise Rejected("corrupt", f"Only {written} of {frames} frames can be decoded.")
        write_voice(out / VOICE, fitted_voice(samples, frames))
        face = follower.finish()
        facts = {"size": np.array(source.size), "points": np.array([203 if self._points_203 else 478])}
        write_arrays(out / SEEN, {"seen": face.seen, "eyes": face.eyes, "lip": face.lip, **facts})

    def prepare(self, video: Path, out: Path) -> ItemFacts:
        """Fill a folder with motion and voice; see `preparer.Preparer`."""
        if self._network is None:
            raise RuntimeError("load() comes before prepare()")
        if not (out / SEEN).is_file():
            self.read(video, out)
        seen = read_arrays(out / SEEN)
        archive = FrameArchive(out / VIEWS)
        views = (archive.read(number, number + 1)[0] for number in range(len(archive)))
        motion = motion_of(views, seen["seen"], self._network)
        write_arrays(out / MOTION, motion | {name: seen[name] for name in ("eyes", "lip")})
        (out / VIEWS).unlink()
        (out / SEEN).unlink()
        width, height = seen["size"].tolist()
        more = {"points": int(seen["points"][0]), "cut_out": width != height}
        return ItemFacts(len(archive), width, height, random_weights=self._random_weights, more=more)

    def finish(self, root: Path, names: Collection[str]) -> Collection[str]:
        """Split the items by name and write the template over those that are trained on."""
        test = names_for_testing(list(names))
        template_over(root, set(names) - set(test))
        return test

    def facts(self) -> Mapping[str, Any]:
        """No facts hold for all items."""
        return {}

    def _follower(self) -> FaceFollower:
        """A follower for one video. Searches for the models once."""
        if self._detector is None:
            from engines.faces.onnx_model import load_model
            from engines.joyvasa.weights.catalogue import LANDMARK, folder
            from media.faces.mediapipe_mesh import MediaPipeDetector

            path = folder(self._root).find(LANDMARK)
            self._points_203 = None if path is None else load_model(path, "cpu")
            self._detector = MediaPipeDetector()
        return FaceFollower(self._detector, self._points_203)


def names_for_testing(names: Sequence[str]) -> list[str]:
    """The names that are kept for testing: the last fifth by name, as in the public program.

    At least one clip is for training and, if there are two, at least one for testing.
    """
    ordered = sorted(names)
    return ordered[max(1, len(ordered) * 4 // 5) :]
