"""The mouth shapes that a voice alone tells apart, and their names in lists of cues.

Of the 15 visemes of Oculus LipSync, a voice shows nine on the lips: t, d, n and l look alike, and so do k and
g, which the lips do not take part in. The names follow Ready Player Me's spelling: I, O and U for ih, oh, ou.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

VISEMES = ("sil", "PP", "FF", "DD", "I", "E", "aa", "O", "U")
ALL_VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U")
"""All 15, in the order of the set."""

RHUBARB = {
    "sil": "X", "PP": "A", "FF": "G", "DD": "B", "I": "B", "E": "C", "aa": "D", "O": "E", "U": "F"
}  # fmt: skip
"""Rhubarb Lip Sync's shapes: A to F and the extended G and X. H, the tongue of a long l, is not seen."""
PRESTON_BLAIR = {
    "A": "MBP", "B": "etc", "C": "E", "D": "AI", "E": "O", "F": "U", "G": "FV", "H": "L", "X": "rest"
}  # fmt: skip
"""Moho's names of Rhubarb's shapes."""
FROM_RHUBARB = {
    "A": "PP",
    "B": "I",
    "C": "E",
    "D": "aa",
    "E": "O",
    "F": "U",
    "G": "FF",
    "H": "DD",
    "X": "sil",
}

SHAPES: Mapping[str, Mapping[str, float]] = {
    "sil": {},
    "PP": {"mouthPressLeft": 0.5, "mouthPressRight": 0.5},
    "FF": {"mouthRollLower": 0.6, "mouthUpperUpLeft": 0.2, "mouthUpperUpRight": 0.2, "jawOpen": 0.05},
    "TH": {"jawOpen": 0.15, "tongueOut": 0.2},
    "DD": {"jawOpen": 0.12},
    "kk": {"jawOpen": 0.15},
    "CH": {"jawOpen": 0.1, "mouthFunnel": 0.4, "mouthPucker": 0.2},
    "SS": {"jawOpen": 0.08, "mouthStretchLeft": 0.2, "mouthStretchRight": 0.2},
    "nn": {"jawOpen": 0.12},
    "RR": {"jawOpen": 0.15, "mouthFunnel": 0.2},
    "I": {"jawOpen": 0.14, "mouthStretchLeft": 0.25, "mouthStretchRight": 0.25},
    "E": {"jawOpen": 0.3, "mouthStretchLeft": 0.15, "mouthStretchRight": 0.15},
    "aa": {"jawOpen": 0.6},
    "O": {"jawOpen": 0.35, "mouthPucker": 0.35, "mouthFunnel": 0.2},
    "U": {"jawOpen": 0.12, "mouthPucker": 0.65, "mouthFunnel": 0.37},
}
"""The blend shapes of each viseme, for a portrait that is driven by a list of cues."""
MOVED_BY_VISEMES = frozenset(name for shapes in SHAPES.values() for name in shapes)
"""The blend shapes that a list of cues says something about. Smiles and frowns are not among them."""


class VisemeCue(NamedTuple):
    """A mouth shape for a while. start, end: seconds. viseme: one of ALL_VISEMES."""

    start: float
    end: float
    viseme: str


def renamed(cues: Iterable[VisemeCue], names: Mapping[str, str]) -> Iterator[VisemeCue]:
    """The cues under other names; neighbours that now have the same name become one."""
    held: VisemeCue | None = None
    for cue in cues:
        name = names[cue.viseme]
        if held is not None and held.viseme == name:
            held = held._replace(end=cue.end)
            continue
        if held is not None:
            yield held
        held = VisemeCue(cue.start, cue.end, name)
    if held is not None:
        yield held
