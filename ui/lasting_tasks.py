"""Work of the page besides single videos that continues after a restart: downloads, exports, lists,
comparisons."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import closing
from typing import Any

import gradio as gr

from media.errors import InputError
from studio.gallery.visitors import NO_OWNER
from studio.waiting_folders import MOST_TRIES
from studio.waiting_tasks import KeptTask, TaskRequest
from ui.following import following
from ui.in_turn import LastValue, shown_in_turn, taken_up, taking_turns, visitor_of
from ui.lasting_task import LastingTask, Update
from ui.page_context import PageContext
from ui.visitor_job import JobInfo


def lasting(task: LastingTask[Update], context: PageContext) -> Callable[..., AsyncGenerator[Update, None]]:
    """The page's function for a click: it takes the visitor, then the values that `wish` takes."""

    def begin(
        owner: str | None, request: gr.Request, *given: Any
    ) -> Generator[Update | LastValue[Update], None, None]:
        kept = context.tasks.keep(task.job, task.wish(*given), owner or NO_OWNER)
        yield from _watched(task, kept, owner, request)

    context.lasting[task.job] = task
    turns = taking_turns(begin, task.line, context.settings, task.moved)

    def named(given: dict[str, Any]) -> str:
        return _portrait(task.wish(*given["given"]))

    return following(turns, context.running, task.job, task.title, task.showing, named)


def resume_tasks(context: PageContext, owner: str, request: gr.Request) -> int:
    """Put a visitor's interrupted tasks into their queues again. Returns their number.

    Those that may have ended the process themselves are left to their visitor. Call it in the event loop.
    """
    wanted = [one.id for one in context.tasks.interrupted(owner) if one.tries < MOST_TRIES]
    return sum(resume_task(context, one, owner, request) for one in wanted)


def resume_task(context: PageContext, task_id: str, owner: str, request: gr.Request) -> bool:
    """The same for one of them, however often it was interrupted.

    False if it is gone, or another window of the visitor was first.
    """
    known = {one.id: context.lasting.get(one.kind) for one in context.tasks.interrupted(owner)}
    task = known.get(task_id)
    if task is None:
        return False
    try:
        kept = context.tasks.take(owner, task_id)
    except InputError:
        return False
    info = JobInfo(owner, task.job, task.title, _portrait(kept.wish))
    visitor, work = visitor_of(request, owner, context.settings), _watched(task, kept, owner, request)
    updates = taken_up(kept, shown_in_turn(task.line, visitor, work, task.moved, full=kept.stay))
    context.running.start(info, updates, task.showing, stay=kept.stay)
    return True


def left_tasks(context: PageContext, owner: str) -> list[tuple[str, str]]:
    """Id and title of the tasks that wait for their visitor's decision."""
    found = context.tasks.interrupted(owner)
    return [(one.id, context.lasting[one.kind].title) for one in found if one.kind in context.lasting]


def _portrait(wish: TaskRequest) -> str:
    """The name of the portrait's or the video's file, for work that has one."""
    return next((wish.files[name].name for name in ("portrait", "video") if name in wish.files), "")


def _watched(
    task: LastingTask[Update], kept: KeptTask, owner: str | None, request: gr.Request
) -> Generator[Update | LastValue[Update], None, None]:
    """The updates of a task, which is stored until it has ended."""
    made, begun = False, False
    try:
        with closing(task.work(kept, owner, request)) as updates:
            for update in updates:
                made = isinstance(update, LastValue)
                yield update
                if not begun:  # after the first value it is its turn
                    begun = True
                    kept.begin()
    except BaseException as error:
        made = made and isinstance(error, GeneratorExit)
        raise
    finally:
        kept.done(made=made)
