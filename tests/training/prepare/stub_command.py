"""The command line with a stub in the place of JoyHallo's preparer, as a process of its own.

With STUB_WITHOUT_RAY in the environment, Ray is not installed for it.
"""

from __future__ import annotations

import importlib.util
import os
import sys

import cli
from training.prepare.kinds import PREPARERS

if __name__ == "__main__":  # workers that are spawned read this file as well
    PREPARERS["joyhallo"] = "tests.training.prepare.stub_preparer:StubPreparer"
    if "STUB_WITHOUT_RAY" in os.environ:
        known = importlib.util.find_spec
        importlib.util.find_spec = lambda name, *rest: None if name == "ray" else known(name, *rest)
    sys.exit(cli.main())
