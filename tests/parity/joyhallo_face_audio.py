"""The conditions of JoyHallo's UNets: the face's region, its masks and tokens, and the voice's tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from engines.joyhallo.audio.conv_features import ConvFeatures
from engines.joyhallo.audio.features import clip_windows, hidden_states, normalised, plan_audio
from engines.joyhallo.face.masks import (
    FaceBoxes,
    FacePoints,
    attention_masks,
    joined,
    region_mask,
    soft_masks,
)
from engines.joyhallo.networks.builders import build
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from tests.parity.joyvasa_audio import one_thread

if TYPE_CHECKING:
    from torch import nn

    from tests.parity.parts import Check

TOLERANCE = 1e-4
REGION_STEP = 8
"""Every eighth pixel of a region is kept in the file."""


def network(context: Context, name: str) -> nn.Module:
    """A network of the folder's tiny configuration, ready to be run."""
    module = build(name, context.hallo_config)
    module.load_state_dict(context.hallo_network(name))
    return module.eval()


def face_locator(golden: Golden, context: Context) -> Iterator[Comparison]:
    """All frames, and one frame alone."""
    region = torch.from_numpy(golden["in_mask"])
    with torch.no_grad():
        locator = network(context, "face_locator")
        feature = locator(region)
        yield golden.compare("out", feature, TOLERANCE)
        alone = locator(region[:, :, 2:3])
        yield compare_arrays("out of one frame", alone[:, :, 0], feature[:, :, 2].numpy(), TOLERANCE)


def imageproj(golden: Golden, context: Context) -> Iterator[Comparison]:
    with torch.no_grad():
        tokens = network(context, "imageproj")(torch.from_numpy(golden["in_face_emb"]))
    yield golden.compare("out", tokens, TOLERANCE)


def audioproj(golden: Golden, context: Context) -> Iterator[Comparison]:
    with torch.no_grad():
        tokens = network(context, "audioproj")(torch.from_numpy(golden["in_audio"]))
    yield golden.compare("out", tokens, TOLERANCE)


def audio(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Every stage from the wave to the tokens; the convolutions also in parts, as long voices have them."""
    wave, clip, fps = golden["in_wave"], int(golden["clip_length"]), int(golden["fps"])
    plan = plan_audio(len(wave), clip=clip)
    yield compare_arrays("fps", 25, fps, 0)
    yield golden.compare("audio_length_frames", plan.frames, 0)
    yield golden.compare("padded_samples", len(wave) + plan.silence, 0)
    yield golden.compare("normalised_wave", normalised(wave), 1e-6)
    encoder = network(context, "wav2vec")
    padded = torch.from_numpy(np.pad(normalised(wave), (0, plan.silence)))
    with one_thread(), torch.no_grad():
        for part in (len(padded), 3000):
            features = ConvFeatures(encoder, padded, plan.padded_frames, part)
            frames = features.encoder_frames(0, features.length)
            yield golden.compare("conv_features", frames[None], TOLERANCE)
            interpolated = features.frames(0, plan.padded_frames)
            yield golden.compare("conv_features_interp", interpolated[None], TOLERANCE)
        hidden = torch.cat(list(hidden_states(encoder, wave, plan)))
        yield golden.compare("emb_all_hidden", hidden, TOLERANCE)
        yield golden.compare("emb_last", hidden[:, -1], TOLERANCE)
        unpadded = hidden_states(encoder, wave, plan_audio(len(wave), clip=1))
        yield golden.compare("emb_all_hidden_unpadded", torch.cat(list(unpadded)), TOLERANCE)
        windows = torch.cat(list(clip_windows(iter([hidden]), clip)))
        yield golden.compare("window", windows, TOLERANCE)
        tokens = network(context, "audioproj")(windows[None])
        yield golden.compare("audioproj_out", tokens, TOLERANCE)


def masks(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Every case but those in which the original's boxes wrap around the border; they are clamped here."""
    for name in golden.names():
        if not (found := re.fullmatch(r"(.+)__landmarks", name)):
            continue
        case, landmarks = found[1], golden[name]
        size = tuple(int(n) for n in golden[f"{case}__hw"])
        assert len(size) == 2
        for ratio in (1.2, 1.5):
            boxes = FacePoints.from_mesh(landmarks).boxes(size, ratio)
            yield from _of_generation(golden, f"{case}_r{ratio}__", boxes)
        yield from _of_training(golden, f"{case}__train_", landmarks, size)


def _of_generation(golden: Golden, prefix: str, boxes: FaceBoxes) -> Iterator[Comparison]:
    soft, region = soft_masks(boxes), region_mask(boxes)[0]
    ours = {
        "face_box_x0x1y0y1": _bounds(boxes.face),
        "lip_box_x0x1y0y1": _bounds(boxes.lips),
        "face_mask_blur": soft.whole_face,
        "sep_lip": soft.lips,
        "sep_background": soft.full,
        "sep_face": soft.face,
        "region_mean": region.mean(dtype=np.float64),
        "region_64": region[::REGION_STEP, ::REGION_STEP],
    }
    levels = attention_masks(soft)
    for name, rows in (("full", levels.full), ("face", levels.face), ("lip", levels.lips)):
        ours |= {f"attn_{name}_{level}": row[0] for level, row in enumerate(rows)}
    if prefix.startswith("refbug_"):
        yield from _clamped(golden, prefix, ours, boxes)
        return
    for name, value in ours.items():
        yield golden.compare(prefix + name, value, 1e-6)


def _clamped(
    golden: Golden, prefix: str, ours: dict[str, np.ndarray], boxes: FaceBoxes
) -> Iterator[Comparison]:
    """The lips' box is right in the original, too; the face's is where ours reaches the border."""
    wrapped = golden[prefix + "face_box_x0x1y0y1"]
    for name, value in ours.items():
        if "lip" in name:
            yield golden.compare(prefix + name, value, 1e-6)
        else:
            _ = golden[prefix + name]
    face = boxes.face
    inside = 0 <= face.x0 < face.x1 <= boxes.size[1] and 0 <= face.y0 < face.y1 <= boxes.size[0]
    yield compare_arrays(prefix + "inside", inside, True, 0)
    yield compare_arrays(prefix + "larger", _area(_bounds(face)) > _area(wrapped), True, 0)


def _of_training(
    golden: Golden, prefix: str, landmarks: np.ndarray, size: tuple[int, int]
) -> Iterator[Comparison]:
    frames = [
        FacePoints.from_mesh(landmarks + offset).boxes(size, 1, 1)
        for offset in golden[prefix + "frames_offset"]
    ]
    boxes = FaceBoxes(joined([f.face for f in frames]), joined([f.lips for f in frames]), size)
    soft = soft_masks(boxes)
    ours = {
        "face_box_x0x1y0y1": _bounds(boxes.face),
        "lip_box_x0x1y0y1": _bounds(boxes.lips),
        "sep_face": soft.face,
        "sep_pose": 255 - soft.whole_face,
        "sep_lip": soft.lips,
    }
    for name, value in ours.items():
        yield golden.compare(prefix + name, value, 0)


def _bounds(box: tuple[int, int, int, int]) -> np.ndarray:
    x0, y0, x1, y1 = box
    return np.array([x0, x1, y0, y1])


def _area(bounds: np.ndarray) -> int:
    return int((bounds[1] - bounds[0]) * (bounds[3] - bounds[2]))


CHECKS: dict[str, Check] = {
    "tiny_face_locator": face_locator,
    "tiny_imageproj": imageproj,
    "tiny_audioproj": audioproj,
    "tiny_audio": audio,
    "masks": masks,
}
