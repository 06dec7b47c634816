"""The networks of this engine in memory."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engines.devices import DTYPES, Precision, multiplies_bf16
from engines.faces.onnx_model import Model
from engines.joyhallo.audio.vocals import open_separator
from engines.joyhallo.face.identity import IdentityReader
from engines.joyhallo.face.image import LATENT_PIXELS
from engines.joyhallo.fast.acceleration import Accelerated, Acceleration
from engines.joyhallo.fast.fast_unet import FastDenoisingUNet
from engines.joyhallo.fast.gpu_offload import OffloadedModule
from engines.joyhallo.networks.config import AudioBlock
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.checkpoints import load_part, load_whole, open_file, open_net
from engines.loading import loaded
from engines.weights.catalogue import WeightFolder

ENGINE = "joyhallo"
ROOMY = 10 * 2**30
"""With this many free bytes or more on a GPU, all networks stay there together."""
PUBLISHED_SIDE, SIDE_STEP = 512, 64
PARTS = 6
"""Steps of the loading: the files' contents, then every large network, the small ones and the face's."""
USUAL_DECODE = {"cuda": 8, "mps": 2, "cpu": 1}
"""Frames decoded at once."""
SHORT_DECODE = 2
"""The same where memory is short."""

log = logging.getLogger(__name__)


def dtype_for(precision: Precision, device: torch.device) -> torch.dtype:
    """The networks' dtype. `auto`: float16 on a GPU, as the weights are published and always used; on a CPU
    bfloat16, if it has instructions for it.
    """
    if precision != "auto":
        return DTYPES[precision]
    if device.type == "cpu":
        return torch.bfloat16 if multiplies_bf16(device) else torch.float32
    return torch.float16


def codec_dtype(dtype: torch.dtype, device: torch.device) -> torch.dtype:
    """The codec's dtype: bfloat16 has too few digits for images, so a GPU uses float16 instead."""
    return torch.float16 if dtype == torch.bfloat16 and device.type != "cpu" else dtype


class JoyHalloNetworks:
    """Everything that is loaded.

    Keeps nothing about a job. variant: JoyHallo's audio blocks or Hallo's, whichever the checkpoint has.
    random_weights: whether any of the files holds random weights. short: the GPU has no room for all networks
    together. notes: sentences for users.
    """

    def __init__(
        self,
        device: torch.device,
        checkpoint: AudioBlock,
        dtype: torch.dtype,
        folder: WeightFolder | None = None,
    ) -> None:
        """Read the networks. Raises WeightsMissing, which names the file and how to download it, or
        WeightsError.
        """
        folder = folder or weights.folder()
        net_file, codec = weights.net_of(checkpoint), weights.PICTURE_CODEC
        with folder.named(net_file, ENGINE):
            net = open_net(folder.require(net_file, ENGINE), checkpoint)
        with folder.named(codec, ENGINE):
            vae = open_file(folder.require(codec, ENGINE), weights.VAE)
        encoder = weights.encoder_of(net.variant)
        with folder.named(encoder, ENGINE):
            hearing = open_file(folder.require(encoder, ENGINE), weights.WAV2VEC)
        self.device, self.dtype, self.folder = device, dtype, folder
        self.variant, self.notes = net.variant, net.notes
        self._native = LATENT_PIXELS * int(net.sizes["unet"]["sample_size"])
        self.random_weights = any(opened.random_weights is not None for opened in (net, vae, hearing))
        self.short = device.type == "cuda" and torch.cuda.mem_get_info(device)[0] < ROOMY
        if self.short:
            log.info("Less than %d GiB are free on %s: networks leave it between uses.", ROOMY >> 30, device)
        home = torch.device("cpu") if self.short else device
        loaded(1, PARTS)
        unet: Any = load_part(net, "denoising_unet", device, dtype)
        self.unet = FastDenoisingUNet(unet.to(memory_format=torch.channels_last))
        loaded(2, PARTS)
        reference = load_part(net, "reference_unet", home, dtype).to(memory_format=torch.channels_last)
        self.reference = OffloadedModule(reference, device)
        loaded(3, PARTS)
        self.encoder = OffloadedModule(load_whole(hearing, home, torch.float32), device)
        self.vae: Any = load_whole(vae, device, codec_dtype(dtype, device))
        self.audio_projection = load_part(net, "audioproj", device, dtype)
        loaded(4, PARTS)
        # These run once per job and are small, so they need no rounding.
        self.image_projection = load_part(net, "imageproj", device, torch.float32)
        self.face_locator = load_part(net, "face_locator", device, torch.float32)
        loaded(5, PARTS)
        self.identities = IdentityReader.from_folder(folder.base, str(device))
        loaded(6, PARTS)
        self._separator: Model | None = None
        self._steps: dict[Acceleration, Callable[..., tuple[Tensor, Tensor]]] = {"off": self.unet}
        self._lock = threading.Lock()

    def side(self, resolution: int) -> int:
        """The side of the painted square for a `resolution`. Smaller networks than the published ones, which
        were made for 512 pixels, paint a proportionally smaller square.
        """
        return max(SIDE_STEP, round(resolution * self._native / PUBLISHED_SIDE / SIDE_STEP) * SIDE_STEP)

    def step(self, how: Acceleration) -> Callable[..., tuple[Tensor, Tensor]]:
        """A denoising step, plain, recorded or compiled; prepared once for all jobs."""
        with self._lock:
            if how not in self._steps:
                self._steps[how] = Accelerated(self.unet, how, self.device)
            return self._steps[how]

    def separator(self) -> Model | None:
        """The network that removes all but the voice from a sound, read on first use; None if its file is
        missing.
        """
        with self._lock:
            self._separator = self._separator or open_separator(self.folder.base, str(self.device))
            return self._separator

    def decode_batch(self, *, offload: bool) -> int:
        """How many frames are decoded at once by default."""
        return SHORT_DECODE if offload else USUAL_DECODE.get(self.device.type, 1)

    def make_room(self) -> bool:
        """Offload the networks that no job is using. Returns whether there were any."""
        went = [network.leave() for network in (self.reference, self.encoder)]
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        return any(went)
