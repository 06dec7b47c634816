"""The rig of an animal, from three points: left eye, right eye, mouth.

A muzzle is not a human mouth: its line is a flat omega under the nose, the lower jaw drops behind it
and there are no lips to round. Eyes are found around their points by colour, because animals' eyes
differ far more in size than people's.
"""

from __future__ import annotations

import cv2
import numpy as np

from engines.preview.rig import EyeRig, Frame2D, HeadRig, MouthRig, Rig

MOUTH_HALF_WIDTH = 0.27
"""Half a muzzle's mouth, in distances between the eyes, if nothing better is known."""
EYE_HALF_WIDTH = 0.19
"""Half an eye, in distances between the eyes, if it cannot be found in the image."""
EYE_LIMITS = (0.09, 0.32)


def rig_from_anchors(
    image: np.ndarray,
    left_eye: tuple[float, float],
    right_eye: tuple[float, float],
    mouth: tuple[float, float],
    mouth_half_width: float | None = None,
) -> Rig:
    """Build an animal's rig in an (H, W, 3) uint8 RGB picture from points in its pixels.

    mouth is the middle of the closed mouth's line; mouth_half_width is in pixels. left and right are the
    sides as one looks at the animal upright; points given the other way round are swapped.
    """
    eyes = [np.asarray(left_eye, float), np.asarray(right_eye, float)]
    mouth_at = np.asarray(mouth, float)
    across, down = eyes[1] - eyes[0], mouth_at - (eyes[0] + eyes[1]) / 2
    if across[0] * down[1] < across[1] * down[0]:
        eyes.reverse()
    span = eyes[1] - eyes[0]
    distance = max(float(np.hypot(*span)), 8.0)
    axis = span / distance
    half = mouth_half_width or MOUTH_HALF_WIDTH * distance
    half = float(np.clip(half, 0.18 * distance, 0.40 * distance))
    muzzle = _mouth(Frame2D(mouth_at, axis, half), distance / half)
    lids = tuple(_eye(image, eye, axis, distance) for eye in eyes)
    return Rig(muzzle, lids, _head(eyes, mouth_at, axis, distance), animal=True)


def _mouth(frame: Frame2D, eye_distance: float) -> MouthRig:
    """eye_distance is in units of half the mouth's width."""
    u = np.linspace(-1.0, 1.0, 13)
    arch = 1.0 - u**2
    seam = 0.10 * np.sin(np.pi * np.abs(u))
    inner = np.column_stack([u, seam])
    return MouthRig(
        frame=frame,
        outer_upper=np.column_stack([u, seam - 0.05 - 0.20 * arch]),
        inner_upper=inner,
        inner_lower=inner.copy(),
        outer_lower=np.column_stack([u, seam + 0.05 + 0.20 * arch]),
        chin_v=0.30 * eye_distance,
        nose_v=-0.22 * eye_distance,
        jaw_reach=1.8,
    )


def _head(eyes: list[np.ndarray], mouth: np.ndarray, axis: np.ndarray, distance: float) -> HeadRig:
    down = np.array([-axis[1], axis[0]])
    middle = (eyes[0] + eyes[1]) / 2
    to_mouth = max(float((mouth - middle) @ down), 0.3 * distance)
    top, bottom = -0.75 * distance, to_mouth + 0.45 * distance
    height = bottom - top
    # The snout carries the face's middle away from the line between the eyes on a turned head.
    aside = float((mouth - middle) @ axis) * 0.5
    frame = Frame2D(middle + axis * aside + down * (top + bottom) / 2, axis, height)
    half_width = 0.95 * distance
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21)), axis=-1).reshape(-1, 2)
    round_head = np.sqrt(np.clip(1.0 - (grid**2).sum(axis=1), 0.0, 1.0))
    xy = frame.to_picture(grid * np.array([half_width / height, 0.5]))
    snout = np.exp(-((xy - mouth) ** 2).sum(axis=1) / (0.45 * distance) ** 2)
    depth = 0.55 * half_width * round_head + 0.35 * distance * snout
    return HeadRig(frame, frame.to_picture(np.array([0.0, 0.6])), half_width, np.column_stack([xy, depth]))


def _eye(image: np.ndarray, centre: np.ndarray, axis: np.ndarray, distance: float) -> EyeRig:
    found = _ellipse(image, centre, distance)
    middle, half, tall = found if found else (centre, EYE_HALF_WIDTH * distance, 0.8)
    u = np.linspace(-1.0, 1.0, 11)
    arch = tall * np.sqrt(np.clip(1.0 - u**2, 0.0, 1.0))
    frame = Frame2D(np.asarray(middle, float), axis, half)
    return EyeRig(frame, np.column_stack([u, -arch]), np.column_stack([u, arch]), brow_v=-tall - 1.0)


def _ellipse(
    image: np.ndarray, centre: np.ndarray, distance: float
) -> tuple[np.ndarray, float, float] | None:
    """Middle, half width in pixels and height by width of the eye around a point; None when unsure.

    What differs in colour from the fur around it is the eye (Rother, Kolmogorov and Blake 2004, GrabCut).
    """
    reach = int(np.ceil(0.42 * distance))
    x, y = np.rint(centre).astype(int)
    x0, y0 = max(x - reach, 0), max(y - reach, 0)
    part = np.ascontiguousarray(image[y0 : y + reach + 1, x0 : x + reach + 1])
    if min(part.shape[:2]) < 12:
        return None
    scale = min(1.0, 96 / max(part.shape[:2]))
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cx, cy, unit = (centre[0] - x0) * scale, (centre[1] - y0) * scale, distance * scale
    ys, xs = np.mgrid[: small.shape[0], : small.shape[1]]
    radius = np.hypot(xs - cx, ys - cy) / unit
    mask = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    mask[radius < 0.34] = cv2.GC_PR_BGD
    mask[radius < 0.20] = cv2.GC_PR_FGD
    mask[radius < 0.07] = cv2.GC_FGD
    cv2.setRNGSeed(0)  # GrabCut's mixture starts from a random clustering
    try:
        cv2.grabCut(small, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    except cv2.error:
        return None  # a flat patch has no two colours to tell apart
    eye = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    eye = cv2.morphologyEx(eye, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(eye, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    inside = [c for c in contours if cv2.pointPolygonTest(c, (float(cx), float(cy)), False) >= 0]
    if not inside:
        return None
    bx, by, bw, bh = cv2.boundingRect(cv2.convexHull(max(inside, key=cv2.contourArea)))
    half, tall = bw / 2 / unit, bh / max(bw, 1)
    if not EYE_LIMITS[0] < half < EYE_LIMITS[1] or not 0.45 < tall < 1.5:
        return None
    middle = np.array([x0 + (bx + bw / 2) / scale, y0 + (by + bh / 2) / scale])
    return middle, half * distance * 1.04, float(min(tall, 1.15))
