"""A kind of work of the page that continues after a restart."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import gradio as gr

from studio.admission import Line
from studio.waiting_tasks import KeptTask, TaskRequest
from ui.in_turn import LastValue
from ui.visitor_job import Showing

Update = TypeVar("Update")


@dataclass(frozen=True)
class LastingTask(Generic[Update]):
    """A kind of work. job: its name among the visitor's jobs. title: what it says there.

    line: where it waits for its turn. moved: the update that changes only its bar. wish: what to store of a
    click, from the values of its components. work: does it, from what was stored; its first value comes
    before its turn, as for `taking_turns`.
    """

    job: str
    title: str
    line: Line
    showing: Showing[Update]
    moved: Callable[[Any], Update]
    wish: Callable[..., TaskRequest]
    work: Callable[[KeptTask, str | None, gr.Request], Generator[Update | LastValue[Update], None, None]]
