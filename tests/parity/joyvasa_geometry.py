"""Angles, keypoints, crops, paste-back and filters.

Pictures are compared in grey levels. Where the last bit of a float decides the rounding they are one apart,
and that in few places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from engines.joyvasa.face import openness as ratios
from engines.joyvasa.face.affine import inverse, sample_bilinear, transform_points
from engines.joyvasa.face.crop import crop_box, crop_face
from engines.joyvasa.face.face_axis import face_axis
from engines.joyvasa.face.paste_back import PasteBack, place
from engines.joyvasa.face.paste_back_torch import TorchPasteBack
from engines.joyvasa.motion.pose import (
    HeadMotion,
    angles_of_rotation,
    degrees_from_logits,
    rotation,
    transform_keypoints,
)
from engines.joyvasa.motion.retargeting import size_ratio
from tests.parity import smoothing
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden
from tests.parity.originals import limited_size, with_target

GEOMETRY = 1e-5  # of the largest value
LEVEL = 1.0
SHARE = 0.01  # of the values
FIELDS = ("exp", "scale", "t", "pitch", "yaw", "roll")
CROPS: dict[str, dict[str, Any]] = {
    "src": {},
    "norot": {"rotate": False},
    "lmk": {"size": 224, "scale": 1.5, "vy_ratio": -0.1},
}


def motion_of(golden: Golden, prefix: str) -> HeadMotion:
    return HeadMotion(**{name: golden[prefix + name] for name in FIELDS})


def mask_template(folder: Path) -> np.ndarray:
    """The original's mask, (512, 512) uint8, which lies beside the golden files."""
    for place_ in (folder, folder.parent):
        mask = cv2.imread(str(place_ / "mask_template.png"), cv2.IMREAD_GRAYSCALE)
        if mask is not None:
            return mask
    raise FileNotFoundError(f"mask_template.png is missing beside the golden files in {folder}")


def pixels(golden: Golden, name: str, ours: Any, share: float = SHARE) -> Iterator[Comparison]:
    """Compare a picture: no value more than a level away, and not more than a share of them that far."""
    worst = golden.compare(name, ours, LEVEL)
    yield worst
    if np.isfinite(worst.worst_abs):
        sampled = f"{name}__val" in golden.keys()  # noqa: SIM118 - keys as stored
        wanted = golden[f"{name}__val" if sampled else name].reshape(-1)
        flat = np.asarray(ours).reshape(-1)
        flat = flat[golden[f"{name}__idx"]] if sampled else flat
        apart = float((np.abs(flat - wanted) > 0.5).mean())
        yield Comparison(f"{name}, share of values that differ", apart, apart, share, apart <= share)


def geometry(golden: Golden, context: Context) -> Iterator[Comparison]:
    yield from pose(golden)
    for name in golden.names():
        if match := re.fullmatch(r"crop\.lmk(\d+)", name):
            yield from crops(golden, int(match[1]))
        if match := re.fullmatch(r"bbox(\d+)\.center", name):
            yield from boxes(golden, int(match[1]))
    for flag in ("crop.image_u8_lowres_rule", "paste.img_crop_u8_is"):  # 0: stored whole
        if flag in golden:
            yield golden.compare(flag, np.zeros((), np.int64), 0)
    sizes = golden["resize_to_limit"]
    ours = np.array([[*row[:2], *limited_size(*map(int, row[:2]))] for row in sizes])
    yield golden.compare("resize_to_limit", ours, 0)
    if "paste.result" in golden:  # left out of the compact copy, as the mask is not ours to give away
        yield from paste(golden, context)
    yield from filters(golden)


def pose(golden: Golden) -> Iterator[Comparison]:
    yield golden.compare("rotation", rotation(*golden["angles_deg"].T), GEOMETRY, relative=True)
    back = np.concatenate(angles_of_rotation(golden["rotation"]), axis=1)
    yield golden.compare("angles_deg", back, GEOMETRY, relative=True)
    degrees = degrees_from_logits(golden["pose_logits"])[:, 0]
    yield golden.compare("pose_degree", degrees, GEOMETRY, relative=True)
    kp = golden["tk.kp"]
    keypoints = transform_keypoints(kp, motion_of(golden, "tk."))
    yield golden.compare("tk.out", keypoints, GEOMETRY, relative=True)
    multipliers = np.array([size_ratio(kp[i], kp[i + 1]) for i in range(len(kp) - 1)])
    yield golden.compare("motion_multiplier", multipliers, GEOMETRY, relative=True)
    landmarks = golden["ratio.lmk"]
    eyes = ratios.eye_ratios(landmarks)
    yield golden.compare("ratio.eye", eyes, GEOMETRY, relative=True)
    yield golden.compare("ratio.lip", ratios.lip_ratio(landmarks), GEOMETRY, relative=True)
    wanted = golden["ratio.eye_target"][:, -1]
    yield golden.compare("ratio.eye_target", with_target(eyes, wanted), GEOMETRY, relative=True)


def crops(golden: Golden, count: int) -> Iterator[Comparison]:
    image, points = golden["crop.image_u8"], golden[f"crop.lmk{count}"]
    for name, use_lip in (("lip", True), ("nolip", False)):
        axis = face_axis(points, use_lip=use_lip)
        yield golden.compare(f"crop.pt2_{count}_{name}", axis, GEOMETRY, relative=True)
    box = crop_box(points, scale=2.3, vx_ratio=0.05, vy_ratio=-0.125)
    numbers = np.array([box.x, box.y, box.side, box.side, box.angle])
    yield golden.compare(f"crop.rect_{count}", numbers, GEOMETRY, relative=True)
    for variant, options in CROPS.items():
        prefix = f"crop.{count}.{variant}."
        crop = crop_face(image, points, **options)
        yield golden.compare(prefix + "M_o2c", crop.to_crop, GEOMETRY, relative=True)
        yield golden.compare(prefix + "M_c2o", crop.to_picture, GEOMETRY, relative=True)
        yield golden.compare(prefix + "pt_crop", crop.points, GEOMETRY, relative=True)
        for name, picture in (("img_crop", crop.image), ("img_crop_256", crop.for_network())):
            if prefix + name in golden:
                yield from pixels(golden, prefix + name, picture)


def boxes(golden: Golden, count: int) -> Iterator[Comparison]:
    prefix, points = f"bbox{count}.", golden[f"crop.lmk{count}"]
    box = crop_box(points, scale=2.2, vy_ratio=-0.1)
    matrix = box.to_crop(512, turned=False)
    found = {
        "center": np.array([box.x, box.y]),
        "size": np.array([box.side, box.side]),
        "angle": np.array(box.angle),
        "bbox": box.corners(turned=False),
        "bbox_rot": box.corners(),
        "M_o2c": matrix,
        "lmk_crop": transform_points(points, matrix),
    }
    for name, ours in found.items():
        yield golden.compare(prefix + name, ours, GEOMETRY, relative=True)


def paste(golden: Golden, context: Context) -> Iterator[Comparison]:
    image, crop = golden["crop.image_u8"], golden["paste.img_crop_u8"]
    mask, to_crop = mask_template(context.folder), inverse(golden["crop.106.src.M_c2o"])
    weights = sample_bilinear(mask, to_crop, (image.shape[0], image.shape[1])).astype(np.float32) / 255
    yield golden.compare("paste.mask_ori", np.repeat(weights[..., None], 3, axis=2), LEVEL / 255)
    placement = place(image, to_crop, len(crop), mask)
    yield from pixels(golden, "paste.result", PasteBack(placement, original=True)(crop[None])[0])
    levels = torch.from_numpy(crop).permute(2, 0, 1)[None] + 0.5  # a fraction that is cut off again
    pasted = TorchPasteBack(placement, original=True)(levels / 255)[0]
    yield from pixels(golden, "paste.result", pasted)


def filters(golden: Golden) -> Iterator[Comparison]:
    motion = motion_of(golden, "smooth.in.")
    yield golden.compare("smooth.in.R", motion.rotation, GEOMETRY, relative=True)
    known: dict[str, smoothing.Filter] = {
        "ema": smoothing.ema,
        "median": smoothing.median,
        "mean": smoothing.mean,
    }
    for name in golden.names():
        if match := re.fullmatch(r"smooth\.(ema|median|mean)\.(\w+)", name):
            smooth = smoothing.smooth_head(motion, known[match[1]])
            ours = smooth.rotation if match[2] == "R" else getattr(smooth, match[2])
            yield golden.compare(name, ours, GEOMETRY, relative=True)
        elif match := re.fullmatch(r"smooth\.kalman_(exp|scale|t|pitch|yaw|roll)(?:_(.+))?", name):
            variance = float(match[2]) if match[2] else smoothing.OBSERVATION_VARIANCE
            ours = smoothing.kalman(getattr(motion, match[1]), variance)
            yield golden.compare(name, ours, GEOMETRY, relative=True)


CHECKS = {"geometry": geometry}
