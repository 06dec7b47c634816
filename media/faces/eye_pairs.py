"""Where two eyes may be: pairs of dark blobs of equal size side by side, with a nose below them or without.

The detectors for people give no sign of many animals' faces. Their eyes and noses are dark blobs all the same
(Lindeberg 1998, scale space). Most pairs are fur; `media.faces.animal_points` fits and ranks them.
"""

from __future__ import annotations

import math

import numpy as np

SEARCHED_SIDE = 448
"""Pixels of the longest side of the searched image."""
SIZES = tuple(1.4 * 1.3**step for step in range(11))
"""Sizes of blobs: standard deviations in these pixels."""
WORKED_SIZE = 1.8
"""The image is reduced until a blob's size is this small."""
BROADER, AROUND = 1.6, 4.0
"""The other Gaussian of the difference of Gaussians, and the one of the local contrast, in sizes."""
NOISE = 36.0
"""Squared levels that count as contrast everywhere, so that flat parts have no blobs."""
LEAST_DARK, MOST_OF_A_SIZE = 0.15, 40
ALIKE, TILT = 1.5, 50.0
"""Largest ratio of both eyes' sizes, and largest turn of their line in degrees."""
EYES_APART = (4.5, 18.0)
"""Their smallest and largest distance, in their size."""
NOSE_BESIDE, NOSE_BELOW, NOSE_SIZE = 0.4, (0.35, 1.2), (0.7, 3.5)
"""Where a nose is, in distances between the eyes from their middle, and how large, in an eye's size."""
STRONGER, NOSE_COUNTS = 0.25, 0.7
"""How much the darker eye and the nose count beside the lighter eye."""
MOST_PAIRS = 600
MOUTH_BELOW, BELOW_NOSE = 0.97, 1.3
"""The mouth without a nose, in distances between the eyes, and in distances of the nose from the eyes."""


def eye_pairs(gray: np.ndarray) -> list[np.ndarray]:
    """(3, 2) eyes and mouth of each pair in an (H, W) uint8 image, in its pixels, likeliest first; a pair
    with a nose is there twice, as the mouth may be close to it or not.
    """
    x, y, size, dark = _blobs(gray)
    if len(x) < 2:
        return []
    right_of = x[None] - x[:, None]
    apart = np.hypot(right_of, y[None] - y[:, None])
    usual = np.sqrt(size[:, None] * size[None])
    flat = np.abs(y[None] - y[:, None]) < math.tan(math.radians(TILT)) * right_of
    alike = np.maximum(size[:, None], size[None]) < ALIKE * np.minimum(size[:, None], size[None])
    near = (apart > EYES_APART[0] * usual) & (apart < EYES_APART[1] * usual)
    left, right = np.nonzero(flat & alike & near)
    found = np.minimum(dark[left], dark[right]) + STRONGER * np.maximum(dark[left], dark[right])
    kept = np.argsort(-found, kind="stable")[: 10 * MOST_PAIRS]
    left, right, found = left[kept], right[kept], found[kept]
    eyes = np.stack([np.stack([x[side], y[side]], axis=1) for side in (left, right)], axis=1)
    nose, which = _noses(eyes, np.sqrt(size[left] * size[right]), x, y, size, dark)
    places = []
    for number in np.argsort(-(found + NOSE_COUNTS * nose), kind="stable")[:MOST_PAIRS]:
        middle, line = eyes[number].mean(axis=0), eyes[number, 1] - eyes[number, 0]
        mouths = [middle + MOUTH_BELOW * np.array([-line[1], line[0]])]
        if nose[number] > 0:
            mouths.append(middle + BELOW_NOSE * (np.array([x[which[number]], y[which[number]]]) - middle))
        places += [np.vstack([eyes[number], mouth]) for mouth in mouths]
    return places


def _noses(
    eyes: np.ndarray, usual: np.ndarray, x: np.ndarray, y: np.ndarray, size: np.ndarray, dark: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How dark the darkest nose of each of n pairs is, 0 without one, and the number of its blob."""
    middle, line = eyes.mean(axis=1), eyes[:, 1] - eyes[:, 0]
    square = np.square(line).sum(axis=1)
    darkest, which = np.zeros(len(eyes)), np.zeros(len(eyes), int)
    for blob in range(len(x)):
        across, down = x[blob] - middle[:, 0], y[blob] - middle[:, 1]
        beside = (across * line[:, 0] + down * line[:, 1]) / square
        below = (down * line[:, 0] - across * line[:, 1]) / square
        fits = (np.abs(beside) < NOSE_BESIDE) & (below > NOSE_BELOW[0]) & (below < NOSE_BELOW[1])
        fits &= (size[blob] > NOSE_SIZE[0] * usual) & (size[blob] < NOSE_SIZE[1] * usual)
        better = fits & (dark[blob] > darkest)
        darkest[better], which[better] = dark[blob], blob
    return darkest, which


def _blobs(gray: np.ndarray) -> tuple[np.ndarray, ...]:
    """x, y and size of dark blobs in the image's pixels, and how dark each is beside its surroundings."""
    import cv2

    factor = SEARCHED_SIDE / max(gray.shape)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    whole = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=method).astype(np.float32)
    found = []
    for size in SIZES:
        scale = min(1.0, WORKED_SIZE / size)
        if min(whole.shape) * scale < 4:
            break
        small = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        fine, broad, mean, square = (
            cv2.GaussianBlur(values, (0, 0), size * scale * width)
            for values, width in ((small, 1.0), (small, BROADER), (small, AROUND), (small * small, AROUND))
        )
        dark = (broad - fine) / np.sqrt(np.maximum(square - mean * mean, 0.0) + NOISE)
        rows, columns = np.nonzero((dark == cv2.dilate(dark, np.ones((5, 5)))) & (dark > LEAST_DARK))
        strength = dark[rows, columns]
        top = np.argsort(-strength, kind="stable")[:MOST_OF_A_SIZE]
        middles = [(places[top] + 0.5) / scale / factor - 0.5 for places in (columns, rows)]
        found.append(np.stack([*middles, np.full(len(top), size / factor), strength[top]]))
    joined = np.concatenate(found, axis=1) if found else np.zeros((4, 0))
    return tuple(joined)
