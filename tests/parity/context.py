"""What every check is given: the salt, the folder, and networks filled by the rules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engines.joyvasa.manifest import manifest
from engines.joyvasa.networks import constants
from engines.weights import synthesis
from tests.parity.golden import Golden

if TYPE_CHECKING:
    import torch

KEPT_NETWORKS = 4  # about half a gigabyte; the next check may need them again


@dataclass
class Context:
    """Where and how the checks run.

    folder: of the golden files, for arrays that lie beside them.
    salt: of every made-up number. fast: check the optimised modules instead of the plain ones.
    """

    folder: Path
    salt: str = synthesis.SALT
    fast: bool = False
    _networks: OrderedDict[str, dict[str, torch.Tensor]] = field(default_factory=OrderedDict, repr=False)

    def network(self, name: str) -> dict[str, torch.Tensor]:
        """The state_dict of a network of the JoyVASA manifest, complete, ready for a strict load.

        It is shared between checks: load it, do not write into it.
        """
        import torch

        if name not in self._networks:
            filled = synthesis.fill(manifest(), name, self.salt, constants(name))
            self._networks[name] = {key: torch.from_numpy(value) for key, value in filled.items()}
            while len(self._networks) > KEPT_NETWORKS:
                self._networks.popitem(last=False)
        self._networks.move_to_end(name)
        return self._networks[name]

    def x(self, name: str, shape: Sequence[int]) -> np.ndarray:
        """Standard normal float32 numbers of this salt."""
        return synthesis.x(name, shape, self.salt)

    def uniform(self, name: str, shape: Sequence[int]) -> np.ndarray:
        """Even float32 numbers in 0..1 of this salt."""
        return synthesis.uniform(name, shape, self.salt)

    def golden(self, name: str) -> Golden:
        """Another golden file of the folder, `golden_<name>.npz`, to read inputs from."""
        return Golden(self.folder / f"golden_{name}.npz")
