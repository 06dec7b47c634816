"""The motion of a job, saved as a file, so that it can be rendered again without sampling it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.documents.quoting import quoted, shown
from media.errors import DocumentError, InputError

if TYPE_CHECKING:
    import numpy as np

FORMAT = "joystudio motion 1"
LARGEST = 512_000_000
"""Bytes. Ten hours of motion have 250 million."""
MOST_ARRAYS = 1000
ADVICE = "Use one that a job saved next to its video."


@dataclass(frozen=True, eq=False)
class SavedMotion:
    """How the face moves in every frame of a video, in the engine's own terms.

    arrays: by name, each (frames, ...) float32. facts: the engine, options, seed and voice that decided the
    motion, as plain JSON values.
    """

    arrays: Mapping[str, np.ndarray]
    facts: Mapping[str, Any]

    @property
    def frames(self) -> int:
        """The number of frames."""
        return len(next(iter(self.arrays.values())))

    @property
    def engine(self) -> str:
        """The name of the engine that made it."""
        return str(self.facts.get("engine", ""))

    def save(self, path: Path) -> None:
        """Write everything as safetensors. Raises OSError."""
        import numpy as np
        from safetensors.numpy import save

        arrays = {name: np.ascontiguousarray(array, np.float32) for name, array in self.arrays.items()}
        facts = json.dumps(dict(self.facts), ensure_ascii=False)
        path.write_bytes(save(arrays, metadata={"format": FORMAT, "facts": facts}))


def load_motion(path: Path) -> SavedMotion:
    """The motion in a file that `SavedMotion.save` wrote. Nothing in it is executed.

    Raises InputError for any other file, with the reason. The engine checks that the arrays are its own.
    """
    import numpy as np

    from media.documents.tensor_file import fact, open_tensors

    try:
        with open_tensors(path, "numpy", LARGEST) as file:
            metadata = dict(file.metadata() or {})
            names = list(file.keys())
            if len(names) > MOST_ARRAYS:
                raise DocumentError(
                    "it contains {count} arrays; at most {most} are allowed",
                    count=len(names),
                    most=MOST_ARRAYS,
                )
            arrays = {name: file.get_tensor(name) for name in names}
        facts = fact(metadata, "facts", "{}")
    except DocumentError as error:
        raise InputError(
            "{name} cannot be read as a motion file: {reason}. {advice}",
            name=path.name,
            reason=error,
            advice=ADVICE,
        ) from None
    if metadata.get("format") != FORMAT or not isinstance(facts, dict):
        raise InputError(
            "{name} is not a motion file: its format is {format}. {advice}",
            name=path.name,
            format=shown(metadata.get("format")),
            advice=ADVICE,
        )
    counts = {array.shape[0] if array.ndim else 0 for array in arrays.values()}
    if len(counts) != 1 or counts == {0}:
        raise InputError(
            "{name} is not a motion file: its arrays differ in their frames. {advice}",
            name=path.name,
            advice=ADVICE,
        )
    if strange := [name for name, array in arrays.items() if array.dtype.kind != "f"]:
        raise InputError(
            "{name} is not a motion file: {array} holds no floats. {advice}",
            name=path.name,
            array=quoted(strange[0]),
            advice=ADVICE,
        )
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite and is refused below
        wide = {name: np.asarray(array, np.float32) for name, array in arrays.items()}
    if not all(np.isfinite(array).all() for array in wide.values()):
        raise InputError(
            "{name} contains numbers that are not finite. Make the motion again.", name=path.name
        )
    return SavedMotion(wide, facts)
