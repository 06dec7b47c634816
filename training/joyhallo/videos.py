"""Draws training samples from the prepared videos, before any network processes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engines.joyhallo.audio.features import MARGIN
from engines.joyhallo.face.masks import SoftMasks, attention_masks
from engines.joyhallo.networks.config import MOTION_FRAMES
from engines.joyhallo.networks.vae import DOWN
from media.errors import DatasetError
from training.dataset.arrays import read_arrays, read_rows
from training.dataset.frames import FrameArchive
from training.dataset.index import Dataset, Item

APART = 30
"""Frames between the portrait and the frame of stage 1, if the video is long enough."""
_SPARE = 4
"""Frames that a video needs besides the clip and those before it, in stage 2."""
_SOUND, _FACE = "audio", "face_embedding"


@dataclass(frozen=True, eq=False)
class Video:
    """A prepared video. frames: frames that have a sound, too."""

    item: Item
    pictures: FrameArchive
    frames: int

    def squares(self, numbers: Sequence[int], side: int) -> Tensor:
        """Some frames, squeezed into a square: (n, 3, side, side) uint8."""
        return (
            torch.from_numpy(np.stack([_pressed(self.pictures.read(k, k + 1)[0], side) for k in numbers]))
            .permute(0, 3, 1, 2)
            .contiguous()
        )

    def region(self, side: int) -> Tensor:
        """The input of the face locator: (1, side, side) float32 in 0..1, the region of the face over the
        whole video.
        """
        mask = read_arrays(self.item.folder / "features.safetensors", "face_mask")["face_mask"]
        return torch.from_numpy(_pressed(mask, side).astype(np.float32) / 255).unsqueeze(0)

    def embedding(self) -> Tensor:
        """(512,) float32 of the face."""
        return torch.from_numpy(read_arrays(self.item.folder / "features.safetensors", _FACE)[_FACE])

    def masks(self, latent_side: int) -> list[Tensor]:
        """For each level (3, l) float32 in 0..1: everything but the face, face, mouth."""
        names = ("full_mask", "face_mask_64", "lip_mask")
        read = read_arrays(self.item.folder / "features.safetensors", *names)
        full, face, lips = (read[name] for name in names)
        levels = attention_masks(SoftMasks(full, face, lips, full), latent_side)
        return [
            torch.from_numpy(np.concatenate(level))
            for level in zip(levels.full, levels.face, levels.lips, strict=True)
        ]

    def windows(self, start: int, stop: int) -> Tensor:
        """The audio window of each frame: (n, 5, layers, channels) float32; the ends are repeated."""
        first, last = max(0, start - MARGIN), min(self.frames, stop + MARGIN)
        rows = read_rows(self.item.folder / "features.safetensors", _SOUND, first, last)
        places = np.arange(start, stop)[:, None] + np.arange(-MARGIN, MARGIN + 1)
        return torch.from_numpy(rows[places.clip(first, last - 1) - first])

    def voice_shape(self) -> tuple[int, ...]:
        """(layers, channels) of the audio windows."""
        return tuple(read_rows(self.item.folder / "features.safetensors", _SOUND, 0, 1).shape[1:])


def open_videos(dataset: Dataset, least: int) -> tuple[list[Video], str]:
    """The videos of at least `least` frames, and a sentence about the others; empty if there are none.

    Raises DatasetError when no video is long enough.
    """
    opened = [
        Video(item, FrameArchive(item.folder / "frames.zip"), item.frames)
        for item in dataset.items
        if item.frames >= least
    ]
    if not opened:
        longest = max(item.frames for item in dataset.items)
        raise DatasetError(
            'No video of "{root}" has the {least} frames that a sample needs; the longest has {longest}. '
            "Prepare longer ones.",
            root=dataset.root,
            least=least,
            longest=longest,
        )
    short = len(dataset.items) - len(opened)
    note = f"{short} of {len(dataset.items)} videos are left out: they have less than {least} frames."
    return opened, note if short else ""


def least_frames(clip: int) -> int:
    """The number of frames that a video needs for clips of `clip` frames and those before them."""
    return clip + MOTION_FRAMES + _SPARE + 1


def draw_pair(rng: np.random.Generator, frames: int) -> tuple[int, int]:
    """Portrait and frame of stage 1: two frames, APART or more from each other if possible."""
    portrait = int(rng.integers(frames))
    every = np.arange(frames)
    far = every[np.abs(every - portrait) >= APART]
    others = far if len(far) else every[every != portrait]
    return portrait, int(rng.choice(others))


def draw_clip(rng: np.random.Generator, frames: int, clip: int) -> tuple[int, int]:
    """Portrait of stage 2 and the first frame of the clip, which has two before and two after it."""
    first, last = MOTION_FRAMES, frames - clip - MOTION_FRAMES
    start = int(rng.integers(first, last))
    return int(rng.integers(first, last)), start


def latent_noise(rng: np.random.Generator, frames: int, side: int, offset: float) -> Tensor:
    """(4, frames, h, w): standard normal, plus `offset` times a number for each whole channel."""
    own = rng.standard_normal((4, frames, side // DOWN, side // DOWN), np.float32)
    shared = rng.standard_normal((4, 1, 1, 1), np.float32)
    return torch.from_numpy(own + np.float32(offset) * shared)


def encoding_noise(rng: np.random.Generator, pictures: int, side: int) -> Tensor:
    """(frames, 4, h, w) standard normal noise, with which latents are sampled from the codec's posterior."""
    return torch.from_numpy(rng.standard_normal((pictures, 4, side // DOWN, side // DOWN), np.float32))


def _pressed(frame: np.ndarray, side: int) -> np.ndarray:
    if frame.shape[:2] == (side, side):
        return frame
    return np.asarray(Image.fromarray(frame).resize((side, side), Image.Resampling.BILINEAR))
