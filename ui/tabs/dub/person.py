"""What the tab shows about the video, and the choice of a face on a still of it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from media.dubbing.following_person import FacePoint, read_person
from media.errors import JoyStudioError
from media.messages import said
from studio.dubbing.view import VideoStill, VideoView, still_of, view_video
from studio.settings import Settings
from ui.components.filled import filled
from ui.errors import as_toast
from ui.event_settings import QUIET
from ui.event_values import value_of
from ui.page_context import PageContext
from ui.tabs.dub.screen import POINT, ChosenPoint, DubScreen
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


def still_html(still: VideoStill | None, point: str = "", problem: str = "", hint: str = CHOOSE) -> str:
    """The still with its faces. point: the chosen one, as "X,Y@T". hint: without a still."""
    if still is None:
        return filled("dub_still.html", still=None, hint=problem or hint, problem=problem)
    chosen = _place(point, still.size)
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


def _place(point: str, size: tuple[int, int]) -> tuple[float, float] | None:
    """Where a point lies, as parts of width and height. size: of the video, for a point in its pixels."""
    found = read_person(point) if point else None
    if not isinstance(found, FacePoint):
        return None
    x, y = found.pixels(size)
    return x / size[0], y / size[1]


def second_of(point: str) -> float:
    """When a point is meant, in seconds; 0 without one."""
    found = read_person(point) if point else None
    return found.time if isinstance(found, FacePoint) else 0.0


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
    shown = [screen.about, person.second, person.point]

    def look(video: str | None, chosen: ChosenPoint | None) -> list[Any]:
        if not video:
            return [video_html(None), gr.Slider(value=0), chosen]
        at = chosen.within(video) if chosen else ""  # of settings that were opened together with the video
        point = ChosenPoint(at, video) if at else None
        try:
            view = view_video(Path(video), settings)
            slider = gr.Slider(maximum=max(0.1, round(view.seconds, 1)), value=second_of(at))
            return [video_html(view, video=video), slider, point]
        except JoyStudioError as error:
            # Shown below the video; dubbing shows it again as a toast.
            return [video_html(None, str(error)), gr.Slider(value=0), None]
        except Exception as error:
            raise as_toast(error) from None

    def busy(video: str | None, *_: Any) -> list[Any]:
        return [video_html(None, BUSY if video else ""), gr.skip(), gr.skip()]

    def show(video: str | None, second: float, who: str, chosen: ChosenPoint | None) -> str:
        return _still(video, second, who, chosen.within(video) if chosen else "", settings)

    def turn(video: str | None, second: float, who: str, chosen: ChosenPoint | None) -> list[Any]:
        at = chosen.within(video) if chosen else ""
        second = second_of(at) if at else second
        still = _still(video, second, who, at, settings)
        return [gr.Column(visible=who == POINT), second, still]

    def move(video: str | None, second: float, who: str) -> list[Any]:
        return [_still(video, second, who, "", settings), None]

    def choose(video: str | None, second: float, who: str, event: gr.EventData) -> list[Any]:
        point = point_words(*(value_of(event, name) for name in ("x", "y", "time")))
        chosen = ChosenPoint(point, video) if point and video else None
        return [_still(video, second, who, point, settings), chosen]

    changed: dict[str, Any] = {"trigger_mode": "always_last", **QUIET}
    given = [screen.video, person.second, person.who]
    seen = screen.video.change(gate.guard(look, busy), [screen.video, person.point], shown, **changed)
    # With what is chosen by then: the choice may have changed while the video was looked at.
    showed = gate.guard(show, lambda *_: still_html(None, problem=BUSY))
    seen.then(showed, [*given, person.point], person.still, **QUIET)
    turned = gate.guard(turn, lambda *_: [gr.skip(), gr.skip(), still_html(None, problem=BUSY)])
    person.who.change(turned, [*given, person.point], [person.box, person.second, person.still], **changed)
    refused = gate.guard(move, lambda *_: [still_html(None, problem=BUSY), gr.skip()])
    person.second.input(refused, given, [person.still, person.point], **changed)
    clicked = gate.guard(choose, lambda *_: [still_html(None, problem=BUSY), gr.skip()])
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
