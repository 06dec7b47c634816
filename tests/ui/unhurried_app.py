"""`python app.py` with an engine that takes as long as its video lasts and costs nothing meanwhile.

A job can be interrupted at any time while the test does something else. The page has only what that needs.
"""

from __future__ import annotations

import sys

import app
import ui.app
from engines import registry
from tests.ui.rehearsal import Rehearsal
from ui.tabs.animate import animate_tab
from ui.tabs.gallery import gallery_tab

if __name__ == "__main__":
    plain, _ = Rehearsal().specs()
    registry.register(plain)
    ui.app.all_tabs = lambda: (animate_tab(plain), gallery_tab())
    sys.exit(app.main([]))
