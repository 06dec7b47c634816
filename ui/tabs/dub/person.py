"""What the tab shows about the video, and the choice of a face on a still of it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from media.errors import JoyStudioError
from media.messages import said
from studio.dubbing.view import VideoStill, VideoView, still_of, view_video
from studio.settings import Settings
from ui.components.filled import filled
from ui.errors import as_toast
from ui.event_settings import QUIET
from ui.event_values import value_of
from ui.page_context import PageContext
from ui.tabs.dub.screen import POINT, DubScreen
from ui.viewing import BUSY

CHOOSE = "Move the slider to a moment at which the person can be seen, and click on the face."
NO_FACE = "No face was found in this still. Choose another second, or click where the face is."


def video_html(view: VideoView | None, problem: str = "", video: str = "") -> str:
    """The video to watch, and a line about it. video: its path."""
    if problem:
        return filled("dub_about.html", problem=problem, facts="", notes=(), address="")
    if view is None:
        return ""
    facts = said(
        "{seconds:.1f} s, {width}x{height}, {fps:g} frames/s",
        seconds=view.seconds,
        width=view.size[0],
        height=view.size[1],
        fps=round(view.fps, 2),
    )
    address = f"gradio_api/file={quote(video)}"
    return filled("dub_about.html", problem="", facts=facts, notes=view.notes, address=address)


def still_html(still: VideoStill | None, point: str = "", problem: str = "") -> str:
    """The still with its faces. point: the chosen one, as "X,Y@T"."""
    if still is None:
        return filled("dub_still.html", still=None, hint=problem or CHOOSE, problem=problem)
    chosen = _place(point)
    faces = [
        {
            "box": " ".join(f"{100 * value:.2f}" for value in box),
            "chosen": chosen is not None and _inside(chosen, box),
            "name": said("Face {number}", number=number),
        }
        for number, box in enumerate(still.faces, 1)
    ]
    return filled(
        "dub_still.html",
        still={"picture": base64.b64encode(still.jpeg).decode(), "time": f"{still.time:g}"},
        faces=faces,
        mark=None if chosen is None else tuple(f"{100 * part:.2f}" for part in chosen),
        hint=CHOOSE if still.faces else NO_FACE,
        problem="",
    )


def _place(point: str) -> tuple[float, float] | None:
    if not point:
        return None
    x, y = point.partition("@")[0].split(",")
    return float(x), float(y)


def _inside(point: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    (x, y), (x0, y0, x1, y1) = point, box
    return x0 <= x <= x1 and y0 <= y <= y1


def point_words(x: Any, y: Any, time: Any) -> str:
    """The point that a script sent, as "X,Y@T" in parts of width and height; "" for anything else."""
    if not all(isinstance(value, int | float) and 0 <= value < 1e6 for value in (x, y, time)):
        return ""
    # At most 1, with a decimal point: parts of width and height, whatever the size of the still.
    return f"{min(x, 1.0):.4f},{min(y, 1.0):.4f}@{time:.3f}"


def connect_person(context: PageContext, screen: DubScreen) -> None:
    """Show facts about a new video, and the still with its faces while a face is to be clicked."""
    settings, person, gate = context.settings, screen.person, context.gate
    shown = [screen.about, person.second, person.still, person.point]

    def look(video: str | None, who: str) -> list[Any]:
        if not video:
            return [video_html(None), gr.Slider(value=0), still_html(None), ""]
        try:
            view = view_video(Path(video), settings)
            slider = gr.Slider(maximum=max(0.1, round(view.seconds, 1)), value=0)
            return [video_html(view, video=video), slider, _still(video, 0.0, who, "", settings), ""]
        except JoyStudioError as error:
            # Shown below the video; dubbing shows it again as a toast.
            return [video_html(None, str(error)), gr.Slider(value=0), still_html(None), ""]
        except Exception as error:
            raise as_toast(error) from None

    def busy(video: str | None, who: str) -> list[Any]:
        return [video_html(None, BUSY if video else ""), gr.skip(), still_html(None), ""]

    def turn(video: str | None, second: float, who: str) -> list[Any]:
        return [gr.Column(visible=who == POINT), _still(video, second, who, "", settings), ""]

    def choose(video: str | None, second: float, who: str, event: gr.EventData) -> list[Any]:
        point = point_words(*(value_of(event, name) for name in ("x", "y", "time")))
        return [_still(video, second, who, point, settings), point]

    changed: dict[str, Any] = {"trigger_mode": "always_last", **QUIET}
    screen.video.change(gate.guard(look, busy), [screen.video, person.who], shown, **changed)
    given = [screen.video, person.second, person.who]
    refused = gate.guard(turn, lambda *_: [gr.skip(), still_html(None, problem=BUSY), ""])
    gr.on(
        [person.who.change, person.second.input],
        refused,
        given,
        [person.box, person.still, person.point],
        **changed,
    )
    clicked = gate.guard(choose, lambda *_: [still_html(None, problem=BUSY), ""])
    person.still.click(clicked, given, [person.still, person.point], **changed)


def _still(video: str | None, second: float, who: str, point: str, settings: Settings) -> str:
    if who != POINT or not video:
        return still_html(None)
    try:
        return still_html(still_of(Path(video), second or 0.0, settings), point)
    except JoyStudioError as error:
        return still_html(None, problem=str(error))
    except Exception as error:
        raise as_toast(error) from None
