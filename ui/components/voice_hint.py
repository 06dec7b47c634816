"""The line below the voice: its length, and how long its video takes on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from media.messages import said
from studio.estimate import Estimate
from ui.i18n import say

EMPTY = "One speaking person without music works best."


def voice_hint_html(
    seconds: float | None = None,
    cost: Estimate | None = None,
    problem: str = "",
    notes: Sequence[str] = (),
) -> str:
    """The line. seconds: of the voice, None without one. cost: of the video, where an engine is known.

    problem: why the voice cannot be used. notes: what else is to be known of it.
    """
    if problem:
        return f'<p class="hint problem">{say(problem)}</p>'
    if seconds is None:
        return f'<p class="hint">{say(EMPTY)}</p>'
    parts = [said("{time} of voice.", time=_time(seconds))]
    if cost is not None:
        if cost.measured:
            parts.append(
                said("The video will take about {time}, judging by earlier videos.", time=_time(cost.seconds))
            )
        else:
            parts.append(
                said(
                    "The video will take roughly {time}. The first video gives a better estimate.",
                    time=_time(cost.seconds),
                )
            )
    return f'<p class="hint">{" ".join(map(say, (*parts, *notes)))}</p>'


def _time(seconds: float) -> str:
    """Seconds as people say them: "0.4 s", "12 s", "3 min 05 s", "2 h 10 min"."""
    if seconds < 9.95:
        return said("{seconds:.1f} s", seconds=seconds)
    whole = round(seconds)
    if whole < 60:
        return said("{seconds} s", seconds=whole)
    if whole < 3600:
        return said("{minutes} min {seconds:02d} s", minutes=whole // 60, seconds=whole % 60)
    return said("{hours} h {minutes:02d} min", hours=whole // 3600, minutes=whole % 3600 // 60)
