"""Paints the faces of a video's frames: cut out, encoded, driven, rendered, and ready to be pasted back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from engines.base import Note
from engines.dubbing import TrackReference
from engines.joyvasa.dubbing.lips import LipDriver, SpokenLips
from engines.joyvasa.dubbing.region import lower_face
from engines.joyvasa.dubbing.steady_crop import TrackCrop
from engines.joyvasa.face.crop import CROP_SIDE, FaceCrop
from engines.joyvasa.face.mesh_points import mesh_lip_ratio
from engines.joyvasa.face.paste_back import CropPlacement, drawn_over
from engines.joyvasa.motion.pose import SourcePose
from engines.joyvasa.networks.motion_extractor import MotionLogits
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.weights.model_registry import Mode, dtype_for
from media.dubbing.values import PaintedPatch, TrackedFace
from media.errors import OutOfMemory
from media.messages import said

MOST_TRACKS = 8
"""Crops that are kept: those of the tracks that were painted last."""
CLOSE_UP = 1.5
"""Pixels of the frame for one painted pixel, from which a note says so."""


@dataclass(frozen=True, eq=False)
class FaceInFrame:
    """A face in a frame, (H, W, 3) uint8 RGB, and what the voice says there."""

    picture: np.ndarray
    face: TrackedFace
    spoken: SpokenLips


@dataclass(frozen=True, eq=False)
class _Cut:
    """A face that is painted. ratio: how far its lips are open."""

    crop: FaceCrop
    placement: CropPlacement
    ratio: float
    spoken: SpokenLips


class DubPainter:
    """Paints any number of tracks. It keeps the squares of some tracks, and nothing about a frame."""

    def __init__(
        self, mode: Mode, options: JoyVasaOptions, reference: Callable[[int], TrackReference]
    ) -> None:
        """reference: as in `engines.dubbing.Shots`."""
        self._mode, self._options, self._reference = mode, options, reference
        self._renderer = mode.renderer(dtype_for(options.precision, mode.device))
        stitch = mode.stitch() if options.flag_stitching else None
        self._driver = LipDriver(options.lips, options.mouth_open, mode.lips(), stitch)
        self._tracks: OrderedDict[int, TrackCrop] = OrderedDict()
        self._notes: list[Note] = []
        self._told = False

    def notes(self) -> list[Note]:
        """What the user should know of what was painted since the last call."""
        new, self._notes = self._notes, []
        return new

    def paint(self, wanted: Sequence[FaceInFrame]) -> list[PaintedPatch | None]:
        """A patch for each of the faces, in order; None where nothing is painted.

        Raises OutOfMemory when not even one face fits into the device's memory.
        """
        cuts = [self._cut(one) for one in wanted]
        used = [cut for cut in cuts if cut is not None]
        painted = iter(self._painted(used) if used else ())
        return [None if cut is None else _patch(cut.placement, next(painted)) for cut in cuts]

    def _cut(self, wanted: FaceInFrame) -> _Cut | None:
        face = wanted.face
        if face.strength <= 0 or not np.isfinite(face.landmarks).all():
            return None
        crop = self._track(face.track).cut(wanted.picture, face.landmarks)
        if crop is None:
            return None
        placement = lower_face(wanted.picture, face.landmarks, crop.to_crop, face.strength)
        if placement is None:
            return None
        self._tell_close_up(crop)
        exact = face.landmarks if face.found is None else face.found  # lips part faster than the smoothing
        return _Cut(crop, placement, mesh_lip_ratio(exact), wanted.spoken)

    def _tell_close_up(self, crop: FaceCrop) -> None:
        if self._told or crop.box.side < CLOSE_UP * CROP_SIDE:
            return
        self._told = True
        self._notes.append(
            Note(
                said(
                    "The face is large: its crop has {side:.0f} pixels and is painted with {painted}, so "
                    "that the new mouth is softer than the picture around it. A smaller crop scale keeps "
                    "more of it, and the engine preview keeps all.",
                    side=crop.box.side,
                    painted=CROP_SIDE,
                )
            )
        )

    def _track(self, number: int) -> TrackCrop:
        track = self._tracks.pop(number, None) or TrackCrop(self._reference(number).calm, self._options)
        self._tracks[number] = track
        if len(self._tracks) > MOST_TRACKS:
            self._tracks.popitem(last=False)
        return track

    def _painted(self, cuts: list[_Cut]) -> list[np.ndarray]:
        """The rendered crops, (512, 512, 3) uint8 RGB each; in smaller batches if the memory is full."""
        try:
            return list(self._rendered(cuts))
        except torch.cuda.OutOfMemoryError as error:
            if len(cuts) == 1:
                raise OutOfMemory(
                    "Not even one frame fits into the GPU's memory. Close other programs on it, or run "
                    "with JOYSTUDIO_DEVICE=cpu."
                ) from error
        torch.cuda.empty_cache()  # only now is the memory of the failed batch free
        half = len(cuts) // 2
        return self._painted(cuts[:half]) + self._painted(cuts[half:])

    @torch.inference_mode()
    def _rendered(self, cuts: list[_Cut]) -> np.ndarray:
        mode = self._mode
        pixels = torch.from_numpy(np.stack([cut.crop.for_network() for cut in cuts])).to(mode.device)
        images = pixels.permute(0, 3, 1, 2).float() / 255
        heads = MotionLogits(*(head.float().cpu() for head in mode.motion(images)))
        poses = [SourcePose.from_heads(heads, index) for index in range(len(cuts))]
        driven = self._driver.keypoints(poses, [cut.ratio for cut in cuts], [cut.spoken for cut in cuts])
        still = np.concatenate([pose.keypoints for pose in poses])
        rendered = self._renderer.render_each(
            mode.appearance(images), torch.from_numpy(still), torch.from_numpy(driven)
        )
        levels = (rendered.float().clamp(0, 1) * 255).round().to(torch.uint8)
        return levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def _patch(placement: CropPlacement, crop: np.ndarray) -> PaintedPatch:
    return PaintedPatch(
        placement.columns.start, placement.rows.start, drawn_over(placement, crop), placement.weights[..., 0]
    )
