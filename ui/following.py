"""Shows a job of the page, and finds it again after the page was reloaded."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from studio.gallery.visitors import NO_OWNER
from studio.job import Job
from ui.visitor_job import JobInfo, Showing
from ui.visitor_jobs import VisitorJobs

Update = TypeVar("Update")


def following(
    function: Callable[..., AsyncGenerator[Update, None]],
    jobs: VisitorJobs,
    tab: str,
    title: str,
    showing: Showing[Update],
    portrait: Callable[[dict[str, Any]], str] | None = None,
) -> Callable[..., AsyncGenerator[Update, None]]:
    """The page's function, whose job continues when the page is closed.

    function: takes `owner` and `request` among others, and `portrait` or `kept`. portrait: the name of the
    portrait from the arguments, for a function that takes neither.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    async def follow(*args: Any, **options: Any) -> AsyncGenerator[Update, None]:
        given = signature.bind(*args, **options).arguments
        info = JobInfo(given["owner"] or NO_OWNER, tab, title, (portrait or _portrait)(given))
        job = jobs.start(info, function(*args, **options), showing)
        async with aclosing(jobs.follow(job, session_of(given["request"]))) as updates:
            async for update in updates:
                yield update

    return follow


def follow_function(jobs: VisitorJobs, nothing: Any) -> Callable[..., AsyncGenerator[Any, None]]:
    """The function that shows a job which a reloaded page has found again.

    nothing: an update without changes; without it, Gradio would clear the outputs if there is no job.
    """

    async def follow(job_id: str, owner: str, request: gr.Request) -> AsyncGenerator[Any, None]:
        job = jobs.get(owner, job_id)
        if job is None:
            yield nothing
        else:
            async with aclosing(jobs.follow(job, session_of(request))) as updates:
                async for update in updates:
                    yield update

    return follow


def session_of(request: gr.Request) -> str:
    """Gradio's name for the page that sent a request."""
    return request.session_hash or ""


def _portrait(given: dict[str, Any]) -> str:
    kept, portrait = given.get("kept"), given.get("portrait")
    if isinstance(kept, Job) and isinstance(kept.portrait, Path):
        return kept.portrait.name
    return Path(portrait).name if isinstance(portrait, str) else ""
