"""How the page's handlers run: the settings that their events share."""

from __future__ import annotations

from typing import Any

SILENT: dict[str, Any] = {"show_progress": "hidden", "show_progress_on": []}
"""No sign of progress on any component.

The empty list matters: without it, Gradio keeps a hidden status for each output of every event that has run,
and searches the page for all of them whenever one event begins or ends. That took half of the browser's time.
"""
QUIET: dict[str, Any] = {**SILENT, "api_visibility": "private", "queue": False}
"""How the small handlers run: immediately, outside the queue of videos, and not part of the API."""
SPOKEN: dict[str, Any] = {**SILENT, "api_visibility": "private", "concurrency_limit": None}
"""How handlers run that may refuse: as quickly, but queued, because Gradio shows messages only then."""
