"""The metrics by name, with the classes that measure them. A new one is a new line here."""

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
"""In the order of the papers' tables. torch is not imported before a video is measured."""
DEFAULT_METRICS = tuple(name for name in MEASURERS if name not in ("identity", "brisque"))
"""The metrics that `evaluate` measures by default: those without a reference portrait and extra packages."""
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
    """The measurers of some metrics, built but not loaded. device: where networks run."""
    built: list[Measurer] = []
    for name in names:
        module, _, attribute = MEASURERS[name].partition(":")
        kind = getattr(import_module(module), attribute)
        built.append(kind() if name == "builtin" else kind(device=device, **_in_form(name, form)))
    return built


def _in_form(name: str, form: MetricOptions) -> dict[str, Any]:
    """The arguments of a measurer that has several forms."""
    arguments: dict[str, dict[str, Any]] = {"sync": {"options": form.sync}, "background": {"half": form.half}}
    return arguments.get(name, {})
