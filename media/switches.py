"""Switches in the environment that turn off what affects more than one job."""

from __future__ import annotations

import os


def is_on(variable: str) -> bool:
    """Whether a switch is on: all are, unless the variable is 0, false, no or off."""
    return os.environ.get(variable, "1").strip().lower() not in ("0", "false", "no", "off")
