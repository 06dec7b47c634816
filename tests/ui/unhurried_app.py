"""`python app.py` with an engine that takes as long as its video lasts and costs nothing meanwhile.

A job can be interrupted at any time while the test does something else. The page has only what that needs:
with TABS=more, also a tab that downloads weights, and comparisons.
"""

from __future__ import annotations

import os
import sys

import app
import ui.app
from engines import registry
from tests.ui.rehearsal import Rehearsal
from ui.tabs.animate import animate_tab
from ui.tabs.compare import compare_tab
from ui.tabs.gallery import gallery_tab

if __name__ == "__main__":
    plain, _ = Rehearsal().specs()
    registry.register(plain)
    tabs = [animate_tab(plain), gallery_tab()]
    if os.environ.get("TABS") == "more":
        tabs[1:1] = animate_tab(registry.spec_of("joyvasa")), compare_tab([plain.name, "preview"])
    ui.app.all_tabs = lambda: tuple(tabs)
    sys.exit(app.main([]))
