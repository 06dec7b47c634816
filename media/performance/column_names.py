"""Finds blend shapes and angles by the names that files give them, in any case and any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from media.documents.quoting import quoted
from media.errors import DocumentError
from media.messages import said
from media.performance.blendshapes import BLENDSHAPES, ROTATIONS

_KNOWN = {name.casefold(): place for place, name in enumerate((*BLENDSHAPES, *ROTATIONS))}
_TIMES = frozenset({"timecode", "time", "timestamp", "seconds"})
_COUNT = "blendshapecount"


@dataclass(frozen=True)
class FoundColumns:
    """Where things are.

    places: per column, its place among the blend shapes and then the angles, or -1. time, count: columns of
    the time and of the number of blend shapes, or -1. unknown: names that mean nothing here.
    """

    places: tuple[int, ...]
    time: int
    count: int
    unknown: tuple[str, ...]

    @property
    def has(self) -> frozenset[str]:
        """The blend shapes that there are."""
        return frozenset(BLENDSHAPES[place] for place in self.places if 0 <= place < len(BLENDSHAPES))

    @property
    def notes(self) -> tuple[str, ...]:
        """A note for the user about what was left out."""
        if not self.unknown:
            return ()
        return (
            said(
                "1 column of the performance is not a blend shape of ARKit and was left out: {names}."
                if len(self.unknown) == 1
                else "{count} columns of the performance are not blend shapes of ARKit and were left out: "
                "{names}.",
                count=len(self.unknown),
                names=", ".join(quoted(name, 30) for name in self.unknown[:4]),
            ),
        )


def find_columns(names: Sequence[str]) -> FoundColumns:
    """Look up every name. What precedes its last dot is left out.

    Raises DocumentError if no name is a blend shape's, or two are the same one's.
    """
    places: list[int] = []
    time = count = -1
    unknown: list[str] = []
    for number, given in enumerate(names):
        name = given.rpartition(".")[2].strip().strip('"').replace("_", "").replace(" ", "").casefold()
        place = _KNOWN.get(name, -1)
        if place >= 0 and place in places:
            raise DocumentError(
                'its columns {first} and {second} are both called "{name}"; leave one of them out',
                first=places.index(place) + 1,
                second=number + 1,
                name=quoted(given, 40),
            )
        places.append(place)
        if place < 0:
            if name in _TIMES and time < 0:
                time = number
            elif name == _COUNT and count < 0:
                count = number
            elif name:
                unknown.append(given)
    found = FoundColumns(tuple(places), time, count, tuple(unknown))
    if not found.has:
        raise DocumentError(
            'none of its names ({count}) is a blend shape of ARKit, such as "jawOpen"', count=len(names)
        )
    return found
