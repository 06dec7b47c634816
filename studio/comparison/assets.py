"""The parts that a comparison's page and the browser page share: controls, video, style and script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from media.documents.templates import rendered, style

if TYPE_CHECKING:
    from markupsafe import Markup

PAGE = "studio.comparison.page"
"""The package of templates, styles and script."""


def controls_html(play: str = "Play all", pause: str = "Pause", time: str = 'aria-label="Time"') -> Markup:
    """One play button and one time line for all columns, as `synced_playback_script` looks for them.

    play, pause: what is on the button. time: the attribute that names the time line. All of them HTML.
    """
    from markupsafe import Markup

    return rendered(PAGE, "controls.html", play=Markup(play), pause=Markup(pause), time=Markup(time))


def synced_playback_script() -> Markup:
    """JavaScript that defines playInStep(element): plays every video inside from the controls inside."""
    return asset("synced_playback.js")


def players_style() -> Markup:
    """CSS of the controls, the videos and the curves."""
    return asset("players.css")


def video_html(address: str, *, heard: bool) -> Markup:
    """A column's video. address: as the page reaches it. heard: whether it has sound."""
    return rendered(PAGE, "video.html", address=address, heard=heard)


def asset(name: str) -> Markup:
    """A file of studio/comparison/page, by its name."""
    return style(PAGE, name)
