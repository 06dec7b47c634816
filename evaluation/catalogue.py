"""Which metrics can be asked for by name, and who measures them. A new one is a new line here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from evaluation.metric import Measurer
from evaluation.metric_options import USUAL, MetricOptions
from media.errors import OptionError

MEASURERS: dict[str, str] = {
    "iqa": "evaluation.qalign.metric:ImageMeasurer",
    "vqa": "evaluation.qalign.metric:VideoMeasurer",
    "sync": "evaluation.syncnet.metric:SyncMeasurer",
    "smooth": "evaluation.vbench.metric:SmoothMeasurer",
    "subject": "evaluation.vbench.metric:SubjectMeasurer",
    "background": "evaluation.vbench.metric:BackgroundMeasurer",
    "identity": "evaluation.builtin.likeness:FaceLikeness",
    "brisque": "evaluation.builtin.brisque:Brisque",
    "builtin": "evaluation.builtin.measurer:BuiltinMetrics",
}
"""In the order of the papers' table. Nothing of torch is imported before a video is measured."""
DEFAULT_METRICS = tuple(name for name in MEASURERS if name not in ("identity", "brisque"))
"""Those that `evaluate` measures unless others are named: without a reference portrait and extra packages."""
FORMER = {"own": "builtin"}
"""Names of earlier versions, which lists and commands may still use."""


def chosen(text: str) -> list[str]:
    """The names in a list such as "sync,builtin", in the order of the table. Raises OptionError."""
    given = [name.strip().lower() for name in text.split(",") if name.strip()]
    asked = [FORMER.get(name, name) for name in given]
    strange = [name for name in asked if name not in MEASURERS]
    if strange or not asked:
        raise OptionError(
            "There is no metric called {name!r}. Available: {names}.",
            name=(strange or [text])[0],
            names=", ".join(MEASURERS),
        )
    return [name for name in MEASURERS if name in asked]


def measurers(names: Iterable[str], device: str = "cpu", form: MetricOptions = USUAL) -> Sequence[Measurer]:
    """What measures some metrics, built but with nothing loaded. device: where networks run."""
    built: list[Measurer] = []
    for name in names:
        module, _, attribute = MEASURERS[name].partition(":")
        kind = getattr(import_module(module), attribute)
        built.append(kind() if name == "builtin" else kind(device=device, **_in_form(name, form)))
    return built


def _in_form(name: str, form: MetricOptions) -> dict[str, Any]:
    """The arguments of a measurer that can measure in several forms."""
    arguments: dict[str, dict[str, Any]] = {"sync": {"options": form.sync}, "background": {"half": form.half}}
    return arguments.get(name, {})
