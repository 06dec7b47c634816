"""What endpoints that make a video share: a request waits for its turn, and its answers are passed on."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

import gradio as gr

from studio.admission import Line
from studio.settings import Settings
from ui.api.owner import Caller, caller_of
from ui.api.parameters import Parameter, docstring_of, signature_of
from ui.errors import as_answer
from ui.in_turn import LastValue, in_turn, visitor_of

Answer = tuple[str | None, dict[str, Any]]
"""The finished video, and news about the job."""
Wish = TypeVar("Wish")
Asked = Mapping[str, Any]
Work = Callable[[Wish, Asked, Caller, Any, Any], Generator[Answer | LastValue[Answer], None, None]]


def job_function(
    name: str,
    about: str,
    parameters: tuple[Parameter, ...],
    settings: Settings,
    line: Line,
    waits: Callable[[int], dict[str, Any]],
    read: Callable[[Asked], Wish],
    work: Work[Wish],
) -> Any:
    """The generator behind an endpoint; its signature and docstring come from the parameters.

    waits: the news while others are ahead, from their number. read: makes the job from a request, in a
    thread. work: does it, from the job, the request, the caller, Gradio's progress and its request.
    """
    names = [parameter.name for parameter in parameters]

    async def make(*given: Any) -> AsyncIterator[Answer]:
        *values, progress, request = given
        try:
            asked = dict(zip(names, values, strict=True))
            wish = await asyncio.to_thread(read, asked)
            caller = caller_of(asked["owner"])
            answers = in_turn(
                line,
                visitor_of(request, caller.owner if asked["owner"] else None, settings),
                lambda ahead: (None, waits(ahead)),
                work(wish, asked, caller, progress, request),
            )
            async with aclosing(answers):
                async for answer in answers:
                    yield answer
        except Exception as error:
            raise as_answer(error) from None

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    more = [
        inspect.Parameter("progress", kind, default=gr.Progress()),
        inspect.Parameter("request", kind, default=None, annotation=gr.Request),
    ]
    make.__signature__ = signature_of(parameters, *more)  # type: ignore[attr-defined]
    make.__annotations__ = dict.fromkeys(names, Any) | {"request": gr.Request}
    make.__name__ = name
    make.__doc__ = docstring_of(about, parameters)
    return make
