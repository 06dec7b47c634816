"""Takes up jobs that a restart of the page has interrupted, when their visitor's page is open again."""

from __future__ import annotations

from contextlib import suppress

import gradio as gr

from engines import registry
from media.errors import InputError
from media.messages import Message, said
from studio.waiting_folders import MOST_TRIES
from studio.waiting_jobs import Interrupted
from ui.components.job_tray import Interruptions
from ui.in_turn import shown_in_turn, taken_up, visitor_of
from ui.lasting_tasks import left_tasks, resume_task, resume_tasks
from ui.page_context import PageContext
from ui.server.addresses import page_address
from ui.tabs.animate.ready import is_ready
from ui.tabs.animate.run import SHOWING, moved, run_kept
from ui.visitor_job import JobInfo


def interruptions(context: PageContext) -> Interruptions:
    """What the page's tray does about them."""

    def discard(owner: str, task_id: str) -> None:
        with suppress(InputError):  # gone already
            context.tasks.discard(owner, task_id)

    return Interruptions(
        videos=lambda owner: len(context.jobs.interrupted(owner)),
        tasks=lambda owner: left_tasks(context, owner),
        resume=lambda owner, request: resume_jobs(context, owner, request),
        again=lambda owner, task_id, request: resume_task(context, task_id, owner, request),
        discard=discard,
    )


def resume_jobs(context: PageContext, owner: str, request: gr.Request) -> Message | None:
    """Put a visitor's interrupted jobs into the queue again. Returns the news about them, if there are any.

    Jobs that may have ended the process themselves, and those of an engine that cannot work, are left to
    their visitor. Call it in the event loop.
    """
    if not context.running.unattended:
        return None
    count = 0
    for one in context.jobs.interrupted(owner):
        if one.tries < MOST_TRIES and one.engine in context.screens and is_ready(one.engine):
            count += _resume(context, one, owner, request)
    count += resume_tasks(context, owner, request)
    if not count:
        return None
    return said(
        "The server was restarted. Your job is in the queue again."
        if count == 1
        else "The server was restarted. Your {count} jobs are in the queue again.",
        count=count,
    )


def _resume(context: PageContext, one: Interrupted, owner: str, request: gr.Request) -> bool:
    try:
        kept = context.jobs.take(owner, one.id)
    except InputError:  # another window of the visitor was first
        return False
    info = JobInfo(owner, one.engine, registry.spec_of(one.engine).title, one.portrait)
    visitor, work = (
        visitor_of(request, owner, context.settings),
        run_kept(kept, context.settings, owner, page_address(request)),
    )
    updates = taken_up(kept, shown_in_turn(context.line, visitor, work, moved, full=kept.stay))
    context.running.start(info, updates, SHOWING, stay=kept.stay)
    return True
