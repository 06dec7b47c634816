"""The line below the voice: its length, and how long its video takes on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from media.messages import said
from studio.estimate import Estimate
from studio.long_jobs import long_job_words, time_in_words
from ui.i18n import say

EMPTY = "One speaking person without music works best."


def voice_hint_html(
    seconds: float | None = None,
    cost: Estimate | None = None,
    problem: str = "",
    notes: Sequence[str] = (),
) -> str:
    """The line. seconds: of the voice, None without one. cost: of the video, if an engine is known.

    problem: why the voice cannot be used. notes: further notes for the user.
    """
    if problem:
        return f'<p class="hint problem">{say(problem)}</p>'
    if seconds is None:
        return f'<p class="hint">{say(EMPTY)}</p>'
    parts = [said("{time} of voice.", time=time_in_words(seconds))]
    if cost is not None:
        if not cost.practical:
            parts.append(long_job_words(cost))
        elif cost.measured:
            parts.append(
                said(
                    "The video will take about {time}, judging by earlier videos.",
                    time=time_in_words(cost.seconds),
                )
            )
        else:
            parts.append(
                said(
                    "The video will take roughly {time}. The first video gives a better estimate.",
                    time=time_in_words(cost.seconds),
                )
            )
    style = "hint problem" if cost is not None and not cost.practical else "hint"
    return f'<p class="{style}">{" ".join(map(say, (*parts, *notes)))}</p>'
