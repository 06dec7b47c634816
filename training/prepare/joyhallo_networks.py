"""The networks that prepare a video for JoyHallo, the same as the engine's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from engines.devices import checked_device
from engines.joyhallo.audio import vocals
from engines.joyhallo.audio.features import hidden_states, plan_audio
from engines.joyhallo.face.identity import Identity, IdentityReader
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.checkpoints import load_whole, open_file
from media.faces import Face
from media.voice import Voice

ENGINE = "joyhallo"


class PreparationNetworks:
    """The audio encoder, and the models for identity and vocals if they are installed.

    random_weights: whether the encoder's weights are random. notes: sentences for the user.
    """

    def __init__(self, device: str, root: Path | None = None) -> None:
        """Read the networks. Raises WeightsMissing, which names the file and how to download it, or
        WeightsError.
        """
        folder = weights.folder(root)
        encoder = weights.MANDARIN_ENCODER
        with folder.named(encoder, ENGINE):
            opened = open_file(folder.require(encoder, ENGINE), weights.WAV2VEC)
        self._encoder = load_whole(opened, checked_device(device), torch.float32)
        self._identities = IdentityReader.from_folder(folder.base, device)
        self._separator = vocals.open_separator(folder.base, device)
        self.random_weights = opened.random_weights is not None
        self.notes = () if self._separator is not None else (vocals.MISSING,)

    def identity(self, picture: np.ndarray, face: Face) -> Identity:
        """The identity embedding of a face in an (H, W, 3) uint8 image; zeros without
        InsightFace's models.
        """
        return self._identities.read(picture, face)

    def separated(self, speech: Voice) -> np.ndarray | None:
        """The voice alone, (n,) float32 at 16 kHz; None if the separator is not installed."""
        if self._separator is None:
            return None
        work = vocals.separate(speech, self._separator)
        while True:
            try:
                next(work)
            except StopIteration as end:
                return np.asarray(end.value, np.float32)

    def hear(self, samples: np.ndarray) -> np.ndarray:
        """(n,) float32 at 16 kHz -> (frames, layers, channels) float32, unpadded."""
        plan = plan_audio(len(samples), clip=1)
        return torch.cat([piece.cpu() for piece in hidden_states(self._encoder, samples, plan)]).numpy()
