"""The parts that a comparison's report and the page share: controls, video, style and script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from media.documents.templates import rendered, style

if TYPE_CHECKING:
    from markupsafe import Markup

PAGE = "studio.comparison.page"
"""The package of templates, styles and script."""


def controls_html(play: str = "Play all", pause: str = "Pause", time: str = 'aria-label="Time"') -> Markup:
    """One play button and one time line for all columns, as `synced_playback_script` expects them.

    play, pause: labels of the button. time: the attribute that names the time line. All are HTML.
    """
    from markupsafe import Markup

    return rendered(PAGE, "controls.html", play=Markup(play), pause=Markup(pause), time=Markup(time))


def synced_playback_script() -> Markup:
    """JavaScript that defines playInStep(element), which plays all videos inside with the controls inside."""
    return asset("synced_playback.js")


def players_style() -> Markup:
    """CSS of the controls, the videos and the curves."""
    return asset("players.css")


def video_html(address: str, *, heard: bool) -> Markup:
    """A column's video. address: as the page reaches it. heard: whether it has sound."""
    return rendered(PAGE, "video.html", address=address, heard=heard)


def asset(name: str) -> Markup:
    """A file of studio/comparison/page, by name."""
    return style(PAGE, name)
