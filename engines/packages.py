"""The Python packages that some engines and metrics need beyond those of the page."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True)
class Packages:
    """Packages by the names they are imported under, and the command that installs them.

    names: top-level modules, such as "torch". command: without one, `pip install` with the same names.
    """

    names: tuple[str, ...] = ()
    command: str = ""

    @property
    def install(self) -> str:
        """The command that installs them."""
        return self.command or f"pip install {' '.join(self.names)}"

    def missing(self) -> tuple[str, ...]:
        """The packages that are not installed. Imports none of them."""
        return tuple(name for name in self.names if find_spec(name) is None)

    def named_by(self, error: ModuleNotFoundError) -> str | None:
        """The package whose import failed, if it is one of these."""
        return error.name if error.name in self.names else None


NEURAL = Packages(("torch", "diffusers", "transformers", "onnxruntime"), "pip install -r requirements.txt")
"""What networks need. The page and the preview engine run without these packages."""
