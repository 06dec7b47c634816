"""Computes the steps and the score of `media.faces.animal_shape` from pictures with marked points.

    python -m scripts.fit_animal_points FOLDER

FOLDER holds the pictures that `benchmarks/animals.json` names for tuning: a checkout of the public repository
EliSchwartz/imagenet-sample-images, and the pictures of packages as `python -m benchmarks.animals` finds them.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from benchmarks.animal_pictures import Marked, marked_pictures
from media.faces import animal_shape
from media.faces.animal_hints import default_hint_finder
from media.faces.animal_points import groups
from media.faces.animal_shape import SHAPE, AnimalShape, Pyramid, alignment, features, moved, offsets

STEPS, STEP_RIDGE = 3, 300.0
SCORE_RIDGE = 1e-3
FOLDS = 3
"""The score is learned from fits to pictures that the steps of those fits had not seen."""
RIGHT, WRONG = 0.35, 0.6
"""Largest distance of a point, in distances between the eyes, of a right fit, and smallest of a wrong one."""
STARTS, HINTS = 24, 24
"""For each marked face: starting points near it, and hints near it."""

Places = list[np.ndarray]


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture, or its mirror image, with the (3, 2) points of its faces, if it shows any, and of the
    groups of hints in it.
    """

    name: str
    pyramid: Pyramid
    faces: Places
    seeds: list[tuple[np.ndarray, float]]
    hints: Places


def samples(pictures: list[Marked]) -> Iterator[Sample]:
    """Each picture and its mirror image."""
    for picture in pictures:
        with Image.open(picture.path) as opened:
            image = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
        found = default_hint_finder().find(image)
        faces, seeds = [np.array(face) for face in picture.faces], groups(found)
        hints = [hint.points[[0, 1, 3]] for hint in found]
        yield Sample(picture.name, Pyramid(image), faces, seeds, hints)
        width = image.shape[1]
        yield Sample(
            picture.name,
            Pyramid(image[:, ::-1]),
            [mirrored(face, width) for face in faces],
            [(mirrored(seed, width), support) for seed, support in seeds],
            [mirrored(hint, width) for hint in hints],
        )


def mirrored(points: np.ndarray, width: int) -> np.ndarray:
    """(3, 2) points in the mirror image of a picture."""
    return np.column_stack([width - 1 - points[[1, 0, 2], 0], points[[1, 0, 2], 1]])


def distance(points: np.ndarray, face: np.ndarray) -> float:
    """Largest distance of a point from its place, in distances between the eyes."""
    eyes = float(np.linalg.norm(face[1] - face[0]))
    return float(np.linalg.norm(points - face, axis=1).max()) / eyes


def near(face: np.ndarray, count: int, spread: float, random: np.random.Generator) -> Places:
    """Usual faces near a face: moved, turned and resized."""
    base, found = alignment(SHAPE, face), []
    for _ in range(count):
        angle, size = random.normal(0, 0.22 * spread), math.exp(random.normal(0, 0.22 * spread))
        turn = size * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        points = SHAPE @ turn.T + random.normal(0, 0.22 * spread, 2)
        found.append(points @ base[:, :2].T + base[:, 2])
    return found


def fit_steps(given: list[Sample], random: np.random.Generator) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """The cascade: each step is a ridge regression from where the step before has led."""
    present = []
    for sample in given:
        close: list[tuple[np.ndarray, np.ndarray]] = []
        for face in sample.faces:
            present += [(sample, face, start) for start in near(face, STARTS, 1.0, random)]
            close += [(face, hint) for hint in sample.hints if distance(hint, face) < 0.9]
        chosen = random.permutation(len(close))[:HINTS]
        present += [(sample, *close[number]) for number in chosen]
    steps = []
    for _ in range(STEPS):
        seen = np.stack([features(sample.pyramid, points) for sample, _, points in present])
        wanted = np.stack([offsets(points, face) for _, face, points in present])
        mean, middle = seen.mean(axis=0), wanted.mean(axis=0)
        centred = seen - mean
        square = centred.T @ centred + STEP_RIDGE * np.eye(seen.shape[1])
        weight = np.linalg.solve(square, centred.T @ (wanted - middle))
        bias = middle - mean @ weight
        moves = seen @ weight + bias
        present = [
            (sample, face, moved(points, move))
            for (sample, face, points), move in zip(present, moves, strict=True)
        ]
        steps.append((weight, bias))
    return tuple(steps)


def fit_score(rows: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, float]:
    """Logistic regression in which right and wrong fits count the same."""
    import torch

    mean = rows.mean(axis=0)
    seen = torch.from_numpy(np.column_stack([rows - mean, np.ones(len(rows))]))
    wanted = torch.from_numpy(right.astype(np.float64))
    share = right.mean()
    weight = torch.from_numpy(np.where(right, 0.5 / share, 0.5 / (1 - share)))
    solution = torch.zeros(seen.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([solution], max_iter=80, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        each = torch.nn.functional.binary_cross_entropy_with_logits(seen @ solution, wanted, reduction="none")
        total = (weight * each).sum() / weight.sum() + SCORE_RIDGE * (solution[:-1] ** 2).sum()
        total.backward()
        return total

    optimizer.step(loss)
    values = solution.detach().numpy()
    return values[:-1], float(values[-1] - mean @ values[:-1])


def fit(pictures: list[Marked]) -> AnimalShape:
    """Steps and score from pictures."""
    random = np.random.default_rng(0)
    given = list(samples(pictures))
    names = [picture.name for picture in pictures]
    rows, right = [], []
    for fold in range(FOLDS):
        held = set(names[fold::FOLDS])
        steps = fit_steps([one for one in given if one.faces and one.name not in held], random)
        partly = AnimalShape(steps, np.zeros(animal_shape.FEATURES), 0.0)
        for sample in given:
            if sample.name not in held:
                continue
            for seed, _ in sample.seeds:
                points = partly.fit(sample.pyramid, seed)
                if points is None:
                    continue
                apart = min((distance(points, face) for face in sample.faces), default=math.inf)
                if not RIGHT < apart < WRONG:
                    rows.append(features(sample.pyramid, points))
                    right.append(apart <= RIGHT)
    for sample in given:
        for face in sample.faces:
            rows += [features(sample.pyramid, one) for one in (face, *near(face, 6, 0.3, random))]
            right += [True] * 7
            beside = [one for one in near(face, 6, 2.0, random) if distance(one, face) > 0.7]
            rows += [features(sample.pyramid, one) for one in beside]
            right += [False] * len(beside)
    weights, bias = fit_score(np.stack(rows), np.array(right))
    return AnimalShape(fit_steps([one for one in given if one.faces], random), weights, bias)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    pictures = [one for one in marked_pictures(folder) if one.tuning]
    shape = fit(pictures)
    tensors = {"score.weight": shape.weights, "score.bias": np.array([shape.bias])}
    for number, (weight, bias) in enumerate(shape.steps):
        tensors |= {f"step.{number}.weight": weight, f"step.{number}.bias": bias}
    from safetensors.numpy import save_file

    save_file({name: value.astype(np.float16) for name, value in tensors.items()}, animal_shape.FILE)
    print(f"{animal_shape.FILE.name}: fitted to {len(pictures)} pictures.")


if __name__ == "__main__":
    main()
