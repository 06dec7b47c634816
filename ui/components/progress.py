"""The progress bar: stage, fraction, time left."""

from __future__ import annotations

from markupsafe import Markup

from media.messages import said
from ui.components.filled import filled
from ui.i18n import say

STAGES = {
    "opening": "Reading portrait and voice",
    "loading": "Loading the networks",
    "sampling": "Generating the motion",
    "rendering": "Rendering",
    "finishing": "Finishing the file",
}
CANCELLED = "Cancelled. No files were kept."
NOT_FINISHED = "Not finished. See the message."


def progress_bar(stage: str, fraction: float, seconds_left: float | None = None) -> str:
    """HTML of the bar during a job. fraction: 0..1; seconds_left: None if unknown."""
    fraction = min(1.0, max(0.0, fraction))
    right = f"{fraction:.0%}"
    if seconds_left is not None and stage in ("sampling", "rendering"):
        right += f" · {say(time_left(seconds_left))}"
    return _bar(STAGES.get(stage, stage), right, fraction, "running")


def work_bar(left: str, right: str, fraction: float) -> str:
    """HTML of the bar during other work, with its own texts. right: HTML."""
    return _bar(left, right, fraction, "running")


def waiting_bar(ahead: int | None = None) -> str:
    """HTML of the bar while a job waits for its turn.

    ahead: number of waiting jobs before it; None if unknown.
    """
    place = ""
    if ahead is not None:
        place = say("next in the queue" if ahead == 0 else said("{ahead} before you", ahead=ahead))
    return _bar("Waiting in the queue", place, 0.0, "waiting")


def message_bar(message: str, state: str = "idle", fraction: float = 0.0) -> str:
    """HTML of the bar when nothing runs. state: idle, done, stopped or failed."""
    return _bar(message, "", fraction, state)


def ended_bar(cancelled: bool, words: str = CANCELLED) -> str:
    """HTML of the bar after a job without a result. words: for a cancelled one."""
    return message_bar(words, "stopped") if cancelled else message_bar(NOT_FINISHED, "failed")


def unattended_bar(minutes: float) -> str:
    """HTML of the bar for a job that no page has followed for too long."""
    return message_bar(
        said("Ended, because this page was closed for {minutes:g} minutes.", minutes=minutes), "stopped"
    )


def idle_bar() -> str:
    """HTML of the bar before the first job."""
    return message_bar("Ready as soon as you add a portrait and a voice.")


def time_left(seconds: float) -> str:
    """The time left as people say it: "less than a second left", "12 s left", "3 min 05 s left"."""
    if seconds < 1:
        return "less than a second left"
    whole = round(seconds)
    if whole < 60:
        return said("{seconds} s left", seconds=whole)
    return said("{minutes} min {seconds:02d} s left", minutes=whole // 60, seconds=whole % 60)


def _bar(left: str, right: str, fraction: float, state: str) -> str:
    percent = f"{round(100 * fraction, 1):g}"
    return filled("progress.html", left=left, right=Markup(right), percent=percent, state=state)
