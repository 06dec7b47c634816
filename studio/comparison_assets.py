"""The parts that a comparison's page and the browser page share: controls, video, style and script."""

from __future__ import annotations

from html import escape
from importlib.resources import files


def controls_html(play: str = "Play all", pause: str = "Pause", time: str = 'aria-label="Time"') -> str:
    """One play button and one time line for all columns, as `in_step_script` looks for them.

    play, pause: what is on the button. time: the attribute that names the time line. All of them HTML.
    """
    return (
        '<div class="controls"><button class="play" type="button" disabled>'
        f'<span class="go">{play}</span><span class="halt" hidden>{pause}</span></button>'
        f'<input class="time" type="range" min="0" max="1" step="any" value="0" {time} disabled>'
        '<output class="clock">0.0 s</output></div>'
    )


def in_step_script() -> str:
    """JavaScript that defines playInStep(element): plays every video inside from the controls inside."""
    return asset("in_step.js")


def players_style() -> str:
    """CSS of the controls, the videos and the curves."""
    return asset("players.css")


def video_html(address: str, *, heard: bool) -> str:
    """A column's video. address: as the page reaches it. heard: whether it has sound."""
    muted = "" if heard else " muted"
    return (
        f'<video src="{escape(address)}" preload="auto" playsinline disablepictureinpicture{muted}></video>'
    )


def asset(name: str) -> str:
    """A file of studio/comparison_page, by its name."""
    return files("studio.comparison_page").joinpath(name).read_text(encoding="utf-8")
