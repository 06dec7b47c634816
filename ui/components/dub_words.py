"""A dub in words: its choices, and what became of its frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engines.dub_options import unused_in_dubs
from media.dubbing.following_person import FacePoint, read_person
from media.errors import OptionError
from media.messages import said
from studio.events import Result
from studio.options import Option, list_options

SYNC_MODES = {
    "bounce": "Back and forth",
    "loop": "Loop",
    "cut_off": "Cut off the longer",
    "silence": "Silence",
    "remap": "Change the video's speed",
}
"""What `sync_mode` does, as the page calls it."""
LABELS = {
    "person": "Who gets new lips",
    "sync_mode": "If voice and video differ in length",
    "max_turn": "Largest turn of the head",
    "fade": "Fade in seconds",
}
"""What the page calls the values that only a dub is asked for."""
PEOPLE = {"largest": "The largest face", "all": "Everyone"}
REASONS = {
    "no_face": "no face can be seen",
    "small": "the face is too small",
    "turned": "the head is turned too far",
    "covered": "the mouth is covered",
    "other_person": "only another person can be seen",
    "dissolve": "one shot fades into another",
    "animal": "the face is an animal's",
}
"""Why a frame stays as it is."""


def report_words(result: Result) -> list[str]:
    """What became of the frames of a dub; empty for every other video."""
    about = result.dub
    if about is None:
        return []
    dubbed, passed = _number(about.get("dubbed")), about.get("passed")
    words: list[str] = []
    if "dubbed" in about:  # the metadata, from which a lost history is restored, does not say it
        words.append(said("Frames with new lips: {dubbed} of {frames}.", dubbed=dubbed, frames=result.frames))
    for reason, count in passed.items() if isinstance(passed, Mapping) else ():
        words.append(
            said(
                "Frames left as they are: {count} ({reason}).",
                count=count,
                reason=REASONS.get(reason, reason),
            )
        )
    cuts = about.get("cuts")
    if isinstance(cuts, list) and cuts:
        words.append(said("Cuts in the video: {count}.", count=len(cuts)))
    return words


def acting_options(engine: str) -> list[Option]:
    """The options of an engine that act in a dub; the video itself decides about the others."""
    unused = unused_in_dubs(engine)
    return [option for option in list_options(engine) if option.name not in unused]


def dub_rows(result: Result) -> list[tuple[str, str]]:
    """(title, value) of what a dub was asked for; empty for every other video."""
    about = result.dub
    if about is None:
        return []
    person, used = str(about.get("person", "")), str(about.get("used_sync_mode", ""))
    return [
        (LABELS["person"], PEOPLE.get(person) or _point_words(person)),
        (LABELS["sync_mode"], SYNC_MODES.get(used, used)),
        (LABELS["max_turn"], f"{_number(about.get('max_turn')):g}"),
        (LABELS["fade"], f"{_number(about.get('fade')):g}"),
    ]


def _point_words(person: str) -> str:
    """A point on a face, for people to read."""
    try:
        point = read_person(person)
    except OptionError:  # of another version
        return person
    if not isinstance(point, FacePoint):
        return person
    if point.fractions:
        return said(
            "The face at {x:.0f} % of the width and {y:.0f} % of the height, at {time:.1f} s",
            x=100 * point.x,
            y=100 * point.y,
            time=point.time,
        )
    return said("The face at {x:.0f}, {y:.0f}, at {time:.1f} s", x=point.x, y=point.y, time=point.time)


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else 0
