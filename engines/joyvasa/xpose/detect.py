"""Finds the face and the landmarks of an animal in an image, or reports that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from engines.joyvasa.xpose.model import Prompts, XPose
from engines.joyvasa.xpose.prompts import ANIMAL_FACE, PromptSet
from engines.joyvasa.xpose.text import TextCodes
from media.errors import NoFaceError

SHORT_SIDE = 800
LONG_SIDE = 1333
"""The image is scaled to a short side of 800 pixels, or less if the long side would exceed 1333."""
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
THRESHOLD = 0.1
"""Lowest accepted score of a face, as in X-Pose's own demonstration."""


@dataclass(frozen=True, eq=False)
class AnimalFace:
    """The face that fits the prompts best."""

    keypoints: np.ndarray
    """(K, 2) float32: x, y in pixels of the picture, in the order of the prompts."""
    box: tuple[float, float, float, float]
    """Left, top, right, bottom in pixels of the picture."""
    score: float
    """0..1"""


def working_size(width: int, height: int) -> tuple[int, int]:
    """The width and height of an image for the network."""
    short, long = min(width, height), max(width, height)
    side = SHORT_SIDE
    if long / short * side > LONG_SIDE:
        side = max(round(LONG_SIDE * short / long), 1)
    if width < height:
        return side, int(side * height / width)
    return int(side * width / height), side


def prepare(image: np.ndarray) -> torch.Tensor:
    """(H, W, 3) uint8 RGB to (1, 3, h, w) float32: resized bilinearly, ImageNet-normalised."""
    size = working_size(image.shape[1], image.shape[0])
    small = Image.fromarray(np.ascontiguousarray(image)).resize(size, Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].float() / 255
    mean, deviation = (torch.tensor(numbers).view(1, 3, 1, 1) for numbers in (MEAN, DEVIATION))
    return (pixels - mean) / deviation


class XPoseDetector:
    """The network, the embeddings of its words, and a device. Safe to share: a call keeps nothing about an
    image.
    """

    def __init__(self, model: XPose, codes: Mapping[str, TextCodes], device: str = "cpu") -> None:
        """codes: by name of the prompt set, see `text.read_codes`; they are projected here, once."""
        self.device = torch.device(device)
        self.model = model.to(self.device).eval().requires_grad_(False)
        with torch.inference_mode():
            self._prompts = {name: self._project(code) for name, code in codes.items()}

    def _project(self, codes: TextCodes) -> Prompts:
        instance, keypoints = (
            torch.from_numpy(array).to(self.device) for array in (codes.instance, codes.keypoints)
        )
        return self.model.read_prompts(instance, keypoints)

    @torch.inference_mode()
    def best(self, image: np.ndarray, prompts: PromptSet = ANIMAL_FACE) -> AnimalFace:
        """The best-scoring face, however low its score, in an (H, W, 3) uint8 RGB picture.

        Raises KeyError for a prompt set whose codes were not given.
        """
        poses = self.model(prepare(image).to(self.device), self._prompts[prompts.name])
        logits = poses.logits[0].amax(-1)
        index = int(logits.argmax())
        height, width = image.shape[:2]
        x, y, w, h = poses.boxes[0, index].tolist()
        return AnimalFace(
            poses.keypoints[0, index].cpu().numpy() * np.array([width, height], np.float32),
            ((x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height),
            float(logits[index].sigmoid()),
        )

    def detect(
        self, image: np.ndarray, prompts: PromptSet = ANIMAL_FACE, threshold: float = THRESHOLD
    ) -> AnimalFace:
        """As `best`. Raises NoFaceError when its score is below `threshold` (0..1; 0 accepts every face)."""
        face = self.best(image, prompts)
        if face.score < threshold:
            raise NoFaceError(
                "No animal's face was found: the best candidate scores {score:.2f}, below the threshold of "
                "{threshold:.2f}. Use a portrait that shows the face from the front, lower the threshold, "
                "or mark both eyes and the mouth yourself.",
                score=face.score,
                threshold=threshold,
            )
        return face
