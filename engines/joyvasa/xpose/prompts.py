"""The words X-Pose is asked for, and the sentences they are put into for CLIP.

The network was trained on these very names, so they are data, odd ones included ("right eye eye corner 1").
"Left" and "right" are those of the person in the picture: the right eye is on the picture's left side.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PromptSet:
    """What to look for: one kind of thing and the points on it, in the order they are returned."""

    name: str
    instance: str
    keypoints: tuple[str, ...]

    def sentences(self) -> tuple[str, list[str]]:
        """What CLIP is given: "a photo of ..." for the thing and for each of its points, in small letters."""
        thing = self.instance.lower().replace("_", " ").replace("-", " ")
        return f"a photo of {thing}", [
            f"a photo of {point.lower().replace('_', ' ')}" for point in self.keypoints
        ]


ANIMAL_FACE = PromptSet(
    "animal_face",
    "face",
    (
        "right eye right",
        "right eye left",
        "left eye right",
        "left eye left",
        "nose tip",
        "lip right",
        "lip left",
        "upper lip",
        "lower lip",
    ),
)
"""Nine points: enough for the crop. Two per eye, the nose, four of the mouth."""


def _numbered(name: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{name} {number}" for number in numbers)


FACE = PromptSet(
    "face",
    "face",
    (
        *_numbered("right cheekbone", 1, 2),
        *_numbered("right cheek", 1, 2, 3, 4, 5),
        *("right chin", "chin center", "left chin"),
        *_numbered("left cheek", 5, 4, 3, 2, 1),
        *_numbered("left cheekbone", 2, 1),
        *_numbered("right eyebrow", 1, 2, 3, 4, 5),
        *_numbered("left eyebrow", 1, 2, 3, 4, 5),
        *_numbered("nasal bridge", 1, 2, 3, 4),
        *_numbered("right nasal wing", 1, 2),
        "nasal wing center",
        *_numbered("left nasal wing", 1, 2),
        "right eye eye corner 1",
        *_numbered("right eye upper eyelid", 1, 2),
        "right eye eye corner 2",
        *_numbered("right eye lower eyelid", 2, 1),
        "left eye eye corner 1",
        *_numbered("left eye upper eyelid", 1, 2),
        "left eye eye corner 2",
        *_numbered("left eye lower eyelid", 2, 1),
        "right mouth corner",
        *_numbered("upper lip outer edge", 1, 2, 3, 4, 5),
        "left mouth corner",
        *_numbered("lower lip outer edge", 5, 4, 3, 2, 1),
        *_numbered("upper lip inter edge", 1, 2, 3, 4, 5),
        *_numbered("lower lip inter edge", 3, 2, 1),
    ),
)
"""Sixty-eight points in the usual order of face alignment: jaw, brows, nose, eyes, mouth."""

PROMPT_SETS = (ANIMAL_FACE, FACE)
