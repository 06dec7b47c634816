"""Judges how well a portrait can be animated: the quality light, with what to do."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from media.desk.finding import Finding, Level
from media.faces.covered import mouth_is_covered
from media.faces.face import Face
from media.faces.views import crop_square
from media.messages import said
from media.placement import Box
from media.portrait_search import side_of

GOOD_SIDE, FAIR_SIDE = 200.0, 100.0
"""Pixels of a face's longer side in the video: with 200, a mouth has about 70."""
GOOD_SHARPNESS, FAIR_SHARPNESS = 0.05, 0.018
"""Fraction of a face's contrast in details of two pixels, at 192 pixels for the face."""
EXAMINED = 192
"""Pixels to which a face is reduced before its sharpness is measured."""
DARK, DIM, BRIGHT = 40.0, 65.0, 225.0
"""Median brightness of a face, in levels of 255."""
SIDE_LIT = 60.0
"""Difference of the median brightness of the two halves of a face, in levels of 255."""
GOOD_YAW, FAIR_YAW = 20.0, 40.0
"""Degrees by which a head is turned to the side."""
_CHEEKS = (234, 454)
_LEFT_HALF, _RIGHT_HALF = (50, 101, 36, 205), (280, 330, 266, 425)  # points on the two cheeks


def judge(image: np.ndarray, faces: tuple[Face, ...], chosen: int, subject: str = "human") -> list[Finding]:
    """Judge the chosen face of an (H, W, 3) uint8 RGB image, as the video shows it.

    An animal's face is judged by its size, sharpness and light, because the other measures are for people.
    """
    if not faces:
        return []
    face = faces[chosen]
    found = [_size(side_of(face)), _sharpness(sharpness(image, face.box)), _light(image, face)]
    if subject == "human":
        found += [_turned(yaw_of(face)), _mouth(image, face), *_several(len(faces))]
    return found


def sharpness(image: np.ndarray, box: Box) -> float:
    """How much of a face's contrast is in its finest details, 0..1; blurred faces have little."""
    import cv2

    centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    side = max(box[2] - box[0], box[3] - box[1])
    pixels, _, _ = crop_square(image, centre, side)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if grey.shape[0] > EXAMINED:
        grey = cv2.resize(grey, (EXAMINED, EXAMINED), interpolation=cv2.INTER_AREA)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 1.0)
    return float(fine.std() / max(1.0, grey.std()))


def yaw_of(face: Face) -> float:
    """Degrees by which the head is turned to the side, 0..90, from the depth of the two sides of the face."""
    left, right = (face.landmarks[place].astype(float) for place in _CHEEKS)
    across = math.hypot(right[0] - left[0], right[1] - left[1])
    return abs(math.degrees(math.atan2(right[2] - left[2], max(1e-6, across))))


def _size(side: float) -> Finding:
    level: Level = "good" if side >= GOOD_SIDE else "fair" if side >= FAIR_SIDE else "poor"
    if level == "good":
        return Finding("size", level, said("The face has {side:.0f} pixels.", side=side))
    return Finding(
        "size",
        level,
        said(
            "The face has {side:.0f} pixels; the mouth is clear from {good:.0f}. Crop the portrait around "
            "the face, or use a larger one.",
            side=side,
            good=GOOD_SIDE,
        ),
    )


def _sharpness(value: float) -> Finding:
    percent = 100 * value
    if value >= GOOD_SHARPNESS:
        return Finding("sharpness", "good", said("Sharp ({percent:.1f} %).", percent=percent))
    return Finding(
        "sharpness",
        "fair" if value >= FAIR_SHARPNESS else "poor",
        said(
            "The face is blurred: {percent:.1f} % of its contrast is fine detail, and a sharp one has "
            "{good:.0f} %. Use the original file, or a picture in better focus.",
            percent=percent,
            good=100 * GOOD_SHARPNESS,
        ),
    )


def _light(image: np.ndarray, face: Face) -> Finding:
    x0, y0, x1, y1 = (round(value) for value in face.box)
    part = image[max(0, y0) : max(1, y1), max(0, x0) : max(1, x1)]
    level = float(np.median(part.mean(axis=2))) if part.size else 128.0
    if level < DIM:
        return Finding(
            "light",
            "poor" if level < DARK else "fair",
            said(
                "The face is dark: {level:.0f} of 255. Use a picture with light from the front.", level=level
            ),
        )
    if level > BRIGHT:
        return Finding(
            "light",
            "fair",
            said("The face is overexposed: {level:.0f} of 255. Use a picture with less light.", level=level),
        )
    apart = _apart(image, face)
    if apart > SIDE_LIT:
        return Finding(
            "light",
            "fair",
            said(
                "The light comes from the side: the halves of the face differ by {apart:.0f} of 255. Light "
                "from the front shows the mouth better.",
                apart=apart,
            ),
        )
    return Finding("light", "good", said("The light is even ({level:.0f} of 255).", level=level))


def _apart(image: np.ndarray, face: Face) -> float:
    """Difference in brightness of the two cheeks."""
    height, width = image.shape[:2]

    def brightness(places: tuple[int, ...]) -> float:
        points = face.landmarks[list(places), :2].astype(int)
        rows, columns = np.clip(points[:, 1], 0, height - 1), np.clip(points[:, 0], 0, width - 1)
        return float(image[rows, columns].mean(axis=1).mean())

    return abs(brightness(_LEFT_HALF) - brightness(_RIGHT_HALF))


def _turned(yaw: float) -> Finding:
    if yaw < GOOD_YAW:
        return Finding("pose", "good", said("The head looks ahead (turned by {yaw:.0f}°).", yaw=yaw))
    return Finding(
        "pose",
        "fair" if yaw < FAIR_YAW else "poor",
        said(
            "The head is turned aside by {yaw:.0f}°; below {good:.0f}° both corners of the mouth are "
            "visible. Use a portrait that looks towards the camera.",
            yaw=yaw,
            good=GOOD_YAW,
        ),
    )


def _mouth(image: np.ndarray, face: Face) -> Finding:
    if mouth_is_covered(image, face):
        return Finding(
            "mouth", "poor", said("The mouth seems to be covered. Use a portrait that shows the lips.")
        )
    return Finding("mouth", "good", said("The mouth is visible."))


def _several(count: int) -> Iterator[Finding]:
    if count > 1:
        yield Finding(
            "faces",
            "fair",
            said(
                "{count} faces are in the portrait, and one of them speaks. Choose it, or crop the portrait "
                "to one face.",
                count=count,
            ),
        )
