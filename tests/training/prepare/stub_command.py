"""The command line with a stub in the place of JoyHallo's preparer, as a process of its own."""

from __future__ import annotations

import sys

import cli
from training.prepare.kinds import PREPARERS

PREPARERS["joyhallo"] = "tests.training.prepare.stub_preparer:StubPreparer"
sys.exit(cli.main())
