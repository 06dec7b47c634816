"""The context of every check: the salt, the folder, and networks filled by the rules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.joyhallo.networks.builders import Size
from engines.weights import synthesis
from tests.parity import hallo
from tests.parity.golden import Golden

if TYPE_CHECKING:
    import torch

CONFIG = "tiny_config.json"
BANKS = ("bank16", "bank32")
KEPT_NETWORKS = 8  # about a gigabyte; the next check may need them again
KEPT_BYTES = 2**30


@dataclass
class Context:
    """Where and how the checks run.

    folder: of the golden files, for arrays that lie beside them.
    salt: of every random number. fast: check the optimised modules instead of the plain ones.
    banks: which of JoyHallo's variants are compared, of those whose reference features are rounded to fp16
    and of those that keep them in fp32.
    modules: networks that checks share; run them only.
    """

    folder: Path
    salt: str = synthesis.SALT
    fast: bool = False
    banks: tuple[str, ...] = BANKS
    modules: dict[str, Any] = field(default_factory=dict, repr=False)
    _networks: OrderedDict[tuple[str, str], dict[str, torch.Tensor]] = field(
        default_factory=OrderedDict, repr=False
    )

    def network(self, name: str) -> dict[str, torch.Tensor]:
        """The state_dict of a network of the JoyVASA manifest, complete, ready for a strict load.

        It is shared between checks: load it, do not write into it.
        """
        from engines.joyvasa.networks.builders import constants, manifest

        def fill() -> dict[str, np.ndarray]:
            return synthesis.fill(manifest(), name, self.salt, constants(name))

        return self._kept(name, "full", fill)

    def metric_network(self, name: str) -> dict[str, torch.Tensor]:
        """The state_dict of a network that measures, as `network`.

        It is shared between checks: load it, do not write into it.
        """
        from evaluation.weights.networks import manifest

        return self._kept(name, "full", lambda: synthesis.fill(manifest(), name, self.salt))

    @cached_property
    def hallo_config(self) -> Mapping[str, Any]:
        """JoyHallo's tiny configuration as it lies in the folder: the parts `unet`, `unet_additional_kwargs`,
        `imageproj`, `audioproj`, `face_locator`, `vae`, `wav2vec` and `golden`.
        """
        return hallo.read_config(self.folder / CONFIG)

    def hallo_network(self, name: str, size: Size = "tiny") -> dict[str, torch.Tensor]:
        """The state_dict of a network of the JoyHallo manifest, its keys without the network's prefix.

        name: reference_unet, denoising_unet, denoising_unet_hallo (with three audio attentions),
        face_locator, imageproj, audioproj, vae, or wav2vec (named as transformers names it). The denoising
        UNets have the motion modules that never run, as published files do.
        size: `tiny` by the folder's configuration, or `full`, which is generated again with every call and
        takes up to 6 GB.
        It is shared between checks: load it, do not write into it.
        """

        def fill() -> dict[str, np.ndarray]:
            return hallo.fill(name, self.hallo_config if size == "tiny" else None, self.salt)

        return self._kept(name, size, fill)

    def x(self, name: str, shape: Sequence[int]) -> np.ndarray:
        """Standard normal float32 numbers of this salt."""
        return synthesis.x(name, shape, self.salt)

    def uniform(self, name: str, shape: Sequence[int]) -> np.ndarray:
        """Even float32 numbers in 0..1 of this salt."""
        return synthesis.uniform(name, shape, self.salt)

    def golden(self, name: str) -> Golden:
        """Another golden file of the folder, `golden_<name>.npz`, to read inputs from."""
        return Golden(self.folder / f"golden_{name}.npz")

    def _kept(
        self, name: str, size: str, fill: Callable[[], dict[str, np.ndarray]]
    ) -> dict[str, torch.Tensor]:
        import torch

        if (name, size) not in self._networks:
            with torch.inference_mode(False):  # a check outside of it may be the next to load them
                filled = {key: torch.from_numpy(value) for key, value in fill().items()}
            if sum(value.nbytes for value in filled.values()) > KEPT_BYTES:
                return filled
            self._networks[name, size] = filled
            while len(self._networks) > KEPT_NETWORKS:
                self._networks.popitem(last=False)
        self._networks.move_to_end((name, size))
        return self._networks[name, size]
