"""The networks of this engine in memory: those that both modes share, and those of each mode."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch

from engines.devices import DTYPES, Precision, checked_device, multiplies_bf16
from engines.joyvasa.face.source_cache import SourceCache
from engines.joyvasa.face.source_encoder import FaceFinder
from engines.joyvasa.fast.compiled_rendering import CompiledRenderer
from engines.joyvasa.fast.rendering import FrameRenderer
from engines.joyvasa.motion.audio_to_motion import AudioToMotion
from engines.joyvasa.motion.retargeting import Network
from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.networks.appearance import AppearanceExtractor
from engines.joyvasa.networks.denoiser import PositionalEncoding
from engines.joyvasa.networks.motion_extractor import MotionExtractor
from engines.joyvasa.networks.motion_generator import MotionGenerator
from engines.joyvasa.networks.spade import SpadeGenerator
from engines.joyvasa.networks.stitching import StitchingNetworks
from engines.joyvasa.networks.warping import WarpingNetwork
from engines.joyvasa.weights import catalogue as weights
from engines.joyvasa.weights.checkpoints import load_network, load_template
from engines.joyvasa.weights.inspection import has_random
from engines.joyvasa.xpose.detect import XPoseDetector
from engines.joyvasa.xpose.model import XPose
from engines.joyvasa.xpose.text import CODES, read_codes
from engines.loading import loaded
from engines.weights.catalogue import WeightFolder

PARTS = 8
"""Steps of the loading: the motion generator, six of the portrait's mode, and the renderer."""


def dtype_for(precision: Precision, device: torch.device) -> torch.dtype:
    """The renderer's dtype: `auto` is 16 bits if the device multiplies them faster."""
    if precision != "auto":
        return DTYPES[precision]
    if multiplies_bf16(device):
        return torch.bfloat16
    return torch.float16 if device.type == "cuda" else torch.float32


@dataclass
class Mode:
    """The networks of human or of animal portraits. Keeps nothing about jobs but recently read portraits."""

    appearance: AppearanceExtractor
    motion: MotionExtractor
    stitching: StitchingNetworks
    finder: FaceFinder
    device: torch.device
    _warping: WarpingNetwork
    _generator: SpadeGenerator
    sources: SourceCache = field(default_factory=SourceCache)
    _renderers: dict[torch.dtype, FrameRenderer] = field(default_factory=dict)
    _compiled: dict[torch.dtype, CompiledRenderer] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def renderer(self, dtype: torch.dtype) -> FrameRenderer:
        """The renderer of a dtype, rearranged from the plain networks on first use."""
        with self._lock:
            if dtype not in self._renderers:
                self._renderers[dtype] = FrameRenderer(
                    self._warping, self._generator, device=self.device, dtype=dtype
                )
            return self._renderers[dtype]

    def compiled_renderer(self, dtype: torch.dtype) -> CompiledRenderer:
        """The same, compiled on first use. It pays only on a GPU and over many frames."""
        renderer = self.renderer(dtype)
        with self._lock:
            return self._compiled.setdefault(dtype, CompiledRenderer(renderer))

    def stitch(self) -> Network:
        """The stitching network as a function of arrays."""
        return self._as_function(self.stitching.stitch)

    def lips(self) -> Network:
        """The lip network as a function of arrays."""
        return self._as_function(self.stitching.lips)

    def _as_function(self, network: Callable[[torch.Tensor], torch.Tensor]) -> Network:
        def call(rows: np.ndarray) -> np.ndarray:
            with torch.inference_mode():
                return network(torch.from_numpy(rows).to(self.device)).float().cpu().numpy()

        return call


class JoyVasaNetworks:
    """Everything that is loaded. A mode's networks are read with its first portrait."""

    def __init__(
        self,
        device: str,
        folder: WeightFolder | None = None,
        *,
        generator: MotionGenerator | None = None,
        template: MotionTemplate | None = None,
    ) -> None:
        """Read what both modes need. Raises WeightsMissing or WeightsError, naming the file.

        generator, template: used instead of those in the folder, for example by a training.
        """
        self.device = checked_device(device)
        self.folder = folder or weights.folder()
        if generator is None:
            read, _ = load_network("motion_generator_hubert", self.folder)
            assert isinstance(read, MotionGenerator)
            generator = read
        loaded(1, PARTS)
        # The mode is not known yet, so this may be reported once too often.
        self.random_weights = any(has_random(self.folder, animal=animal) for animal in (False, True))
        self._generator = generator.to(self.device)
        self._template = template or load_template(self.folder)
        self._motion: dict[PositionalEncoding, AudioToMotion] = {}
        self._modes: dict[bool, Mode] = {}
        self._lock = threading.Lock()

    def audio_to_motion(self, wanted: PositionalEncoding | Literal["auto"]) -> AudioToMotion:
        """Turns voices into motion with one of the two positional encodings, which share their weights.

        wanted: auto is the one that the generator was trained with.
        """
        encoding = self._generator.config.positional_encoding if wanted == "auto" else wanted
        with self._lock:
            if encoding not in self._motion:
                generator = self._generator
                if encoding != generator.denoising_net.positional_encoding:
                    with torch.device("meta"):
                        generator = MotionGenerator(generator.config, positional_encoding=encoding)
                    generator.load_state_dict(self._generator.state_dict(), assign=True)
                self._motion[encoding] = AudioToMotion(generator, self._template)
            return self._motion[encoding]

    def mode(self, *, animal: bool) -> Mode:
        """The networks of one mode. Raises WeightsMissing or WeightsError, naming the file."""
        with self._lock:
            if animal not in self._modes:
                self._modes[animal] = self._read(animal)
            return self._modes[animal]

    def _read(self, animal: bool) -> Mode:
        part = itertools.count(2)

        def read(name: str) -> torch.nn.Module:
            network = load_network(name, self.folder, animal=animal)[0].to(self.device)
            loaded(next(part), PARTS)
            return network

        appearance, motion = read("appearance_feature_extractor"), read("motion_extractor")
        warping, generator = read("warping_module"), read("spade_generator")
        stitching = read("stitching_retargeting_module")
        assert isinstance(appearance, AppearanceExtractor)
        assert isinstance(motion, MotionExtractor)
        assert isinstance(warping, WarpingNetwork)
        assert isinstance(generator, SpadeGenerator)
        assert isinstance(stitching, StitchingNetworks)
        detector = self._animal_detector() if animal else None
        finder = FaceFinder.from_folder(self.folder.base, str(self.device), detector)
        loaded(next(part), PARTS)
        return Mode(appearance, motion, stitching, finder, self.device, warping, generator)

    def _animal_detector(self) -> XPoseDetector | None:
        """X-Pose, if its files exist; without it, animals need three clicked points."""
        path = self.folder.find(weights.XPOSE_DETECTOR)
        if path is None or not path.with_name(CODES).is_file():
            return None
        model = load_network("xpose", self.folder)[0]
        assert isinstance(model, XPose)
        return XPoseDetector(model, read_codes(path.with_name(CODES)), str(self.device))
