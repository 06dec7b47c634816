"""The engines that the page can show."""

from __future__ import annotations

import logging

from engines import registry
from engines.plugins import reason
from engines.spec import EngineSpec
from studio.options import list_options
from studio.weights_report import report_weights

_log = logging.getLogger("joystudio.plugins")


def usable_engines() -> list[EngineSpec]:
    """Every engine whose options and weights can be shown, in the order of the tabs.

    If an engine of another package fails, the error is logged and the engine is left out, so that the page
    starts without it.
    """
    return [spec for spec in registry.specs() if _usable(spec)]


def _usable(spec: EngineSpec) -> bool:
    package = registry.package_of(spec.name)
    if package is None:
        return True
    try:
        list_options(spec.name)
        spec.options.model_json_schema()
        report_weights(spec.name)
    except Exception as error:  # another package's code can fail in any way
        _log.warning(
            "The engine %s of the package %s was left out of the page: %s", spec.name, package, reason(error)
        )
        return False
    return True
