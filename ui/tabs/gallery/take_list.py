"""The list of a visitor's takes, grouped by portrait and voice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from media.messages import said
from studio.gallery.differences import (
    COMPARED,
    ENGINE,
    FACE,
    POINTS,
    SEED,
    ComparedTake,
    differences,
    made_from,
)
from studio.gallery.kept_inputs import InputPair
from studio.gallery.takes import Take, TakesPage
from studio.settings import Settings
from studio.voice_job import SPOKEN
from ui.components.filled import filled
from ui.components.option_words import engine_words, option_words, preset_words
from ui.server.addresses import Addresses


def take_list(page: TakesPage, start: int, settings: Settings, gone: Sequence[str] = ()) -> str:
    """One page of takes as HTML: a heading for each portrait and voice, and its takes below.

    start: as given to `page_of_takes`. gone: takes that were just deleted, and are no longer picked. Raises
    OutputError if the history cannot be used.
    """
    addresses = Addresses(settings)
    groups = []
    for pair, takes in groupby(page.takes, lambda take: take.pair):
        together = list(takes)
        made = made_from(pair, settings) if together[0].takes > 1 else {}
        groups.append(_group(pair, together, made, addresses, settings.presets))
    return filled("takes.html", groups=groups, start=start, older=page.older, gone=" ".join(gone))


def name_of_take(take: Take) -> str:
    """The name that its visitor has given a take, or its number."""
    return take.name or said("Take {number}", number=take.number)


def voice_words(speech: str) -> str:
    """The name of the voice's file; a label for a text."""
    return "Typed text" if speech == SPOKEN else speech


def difference_words(take: Take, made: dict[str, ComparedTake]) -> list[tuple[str, str]]:
    """(label, value) of everything in which a take differs from the others of its pair."""
    result = take.entry.result
    own = made.get(result.job_id, ComparedTake(result))
    found = differences(own, [one for one in made.values() if one is not own])
    words = [("Engine", engine_words(result.engine))] if ENGINE in found else []
    words += option_words(result.engine, found)
    if SEED in found:
        words.append(("Seed", str(found[SEED])))
    if FACE in found:
        words.append(("Face", str(found[FACE] + 1)))
    if POINTS in found:
        words.append(("Points", " ".join(f"({x:.0f}, {y:.0f})" for x, y in found[POINTS])))
    return words


def _group(
    pair: InputPair, takes: list[Take], made: dict[str, ComparedTake], addresses: Addresses, presets: Path
) -> dict[str, Any]:
    latest = takes[0].entry.result
    count = len(made) if 1 < takes[0].takes <= COMPARED else takes[0].takes
    return {
        "portrait": latest.portrait,
        "voice": voice_words(latest.speech),
        "count": said("{count} takes" if count != 1 else "1 take", count=count),
        "takes": [_card(take, pair.owner, made, addresses, presets) for take in takes],
    }


def _card(
    take: Take, owner: str, made: dict[str, ComparedTake], addresses: Addresses, presets: Path
) -> dict[str, Any]:
    result = take.entry.result
    return {
        "id": result.job_id,
        "still": addresses.video(owner, result, "still"),
        "video": addresses.video(owner, result, "video"),
        "name": name_of_take(take),
        "pick": said("Pick {name}", name=name_of_take(take)),
        "kind": "Dub" if result.dub is not None else "",
        "engine": engine_words(result.engine),
        "preset": preset_words(result, presets),
        "length": f"{result.duration:.1f} s",
        "when": take.entry.created.astimezone().strftime("%Y-%m-%d %H:%M"),
        "differs": difference_words(take, made),
    }
