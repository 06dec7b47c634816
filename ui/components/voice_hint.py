"""The line below the voice: its length, and how long its video takes on this machine."""

from __future__ import annotations

from collections.abc import Sequence

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
    parts = [f"{_time(seconds)} of voice."]
    if cost is not None:
        if cost.measured:
            parts.append(f"The video will take about {_time(cost.seconds)}, judging by earlier videos.")
        else:
            parts.append(
                f"The video will take roughly {_time(cost.seconds)}. The first video gives a better estimate."
            )
    return f'<p class="hint">{" ".join(map(say, (*parts, *notes)))}</p>'


def _time(seconds: float) -> str:
    """Seconds as people say them: "0.4 s", "12 s", "3 min 05 s", "2 h 10 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
