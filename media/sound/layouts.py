"""The positions of a sound's channels in the room, and how they are mixed to fewer channels.

Positions have FFmpeg's names. The gains are those of ITU-R BS.775-4, annex 4: a channel that the target lacks
goes to its neighbours at -3 dB; the LFE channel is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

UNLABELLED = "NONE"
STEREO = ("FL", "FR")
_SURROUND = ("FL", "FR", "FC", "LFE", "BL", "BR")
# KSAUDIO_SPEAKER_*: what Windows and most editors mean by a WAV file without a channel mask.
_USUAL = {
    1: ("FC",),
    2: STEREO,
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: _SURROUND,
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: (*_SURROUND, "SL", "SR"),
}
WRITTEN = {
    "mono": ("FC",),
    "stereo": STEREO,
    "3.0": ("FL", "FR", "FC"),
    "4.0": ("FL", "FR", "FC", "BC"),
    "5.0": ("FL", "FR", "FC", "BL", "BR"),
    "5.1": _SURROUND,
}
"""AAC's channel configurations 1 to 6, which every player supports, with the order of their channels."""

_LAYOUTS = (
    *("mono", "stereo", "2.1", "3.0", "3.0(back)", "4.0", "quad", "quad(side)", "3.1", "5.0", "5.0(side)"),
    *("4.1", "5.1", "5.1(side)", "6.0", "6.0(front)", "hexagonal", "6.1", "6.1(back)", "6.1(front)", "7.0"),
    *("7.0(front)", "7.1", "7.1(wide)", "7.1(wide-side)", "octagonal"),
)
_HALF = 0.7071
# For each position, the targets to try in turn; the first with all its channels present is used.
_NEIGHBOURS: dict[str, tuple[dict[str, float], ...]] = {
    "FL": ({"FC": 1.0},),
    "FR": ({"FC": 1.0},),
    "FC": ({"FL": _HALF, "FR": _HALF},),
    "BL": ({"SL": 1.0}, {"BC": _HALF}, {"FL": _HALF}),
    "BR": ({"SR": 1.0}, {"BC": _HALF}, {"FR": _HALF}),
    "SL": ({"BL": 1.0}, {"BC": _HALF}, {"FL": _HALF}),
    "SR": ({"BR": 1.0}, {"BC": _HALF}, {"FR": _HALF}),
    "BC": ({"BL": _HALF, "BR": _HALF}, {"SL": _HALF, "SR": _HALF}, {"FL": 0.5, "FR": 0.5}),
    "FLC": ({"FL": _HALF, "FC": _HALF}, {"FL": 1.0}),
    "FRC": ({"FR": _HALF, "FC": _HALF}, {"FR": 1.0}),
    "WL": ({"FL": 1.0},),
    "WR": ({"FR": 1.0},),
    "SDL": ({"BL": 1.0}, {"FL": _HALF}),
    "SDR": ({"BR": 1.0}, {"FR": _HALF}),
    "SSL": ({"BL": 1.0}, {"FL": _HALF}),
    "SSR": ({"BR": 1.0}, {"FR": _HALF}),
    "TTL": ({"BL": 1.0}, {"FL": _HALF}),
    "TTR": ({"BR": 1.0}, {"FR": _HALF}),
    "DL": ({"FL": 1.0},),
    "DR": ({"FR": 1.0},),
    "BIL": ({"FL": 1.0},),
    "BIR": ({"FR": 1.0},),
    "TFL": ({"FL": _HALF},),
    "TFR": ({"FR": _HALF},),
    "TFC": ({"FC": _HALF}, {"FL": 0.5, "FR": 0.5}),
    "TBL": ({"BL": _HALF}, {"FL": 0.5}),
    "TBR": ({"BR": _HALF}, {"FR": 0.5}),
    "TBC": ({"BC": _HALF}, {"BL": 0.5, "BR": 0.5}, {"FL": 0.35, "FR": 0.35}),
    "TSL": ({"BL": _HALF}, {"FL": 0.5}),
    "TSR": ({"BR": _HALF}, {"FR": 0.5}),
    "TC": ({"FL": 0.5, "FR": 0.5},),
    "BFL": ({"FL": _HALF},),
    "BFR": ({"FR": _HALF},),
    "BFC": ({"FC": _HALF}, {"FL": 0.5, "FR": 0.5}),
    # First-order ambisonics, ACN order and SN3D: two cardioids that face left and right.
    "AMBI0": ({"FL": 0.5, "FR": 0.5},),
    "AMBI1": ({"FL": 0.5, "FR": -0.5},),
}
_BEHIND = {"BL", "BR", "SL", "SR", "BC", "SDL", "SDR", "SSL", "SSR", "TBL", "TBR", "TBC", "TSL", "TSR"} | {
    "TTL",
    "TTR",
}
_LOW = {"LFE", "LFE2"}


def usual_positions(channels: int) -> tuple[str, ...]:
    """The positions of unlabelled channels: those of WAV files without a mask."""
    return _USUAL.get(channels, (UNLABELLED,) * channels)


def labelled(names: Iterable[str]) -> tuple[str, ...]:
    """FFmpeg's names of a layout's channels, with the usual ones where it has none."""
    given = tuple(names)
    known = all(name in _NEIGHBOURS or name in _LOW or name.startswith("AMBI") for name in given)
    return given if known else usual_positions(len(given))


def layout_of(positions: Sequence[str]) -> str | None:
    """FFmpeg's name of the layout that has these channels in any order; None if there is none."""
    from av.audio.layout import AudioLayout

    wanted = set(positions)
    for name in _LAYOUTS:
        layout = AudioLayout(name)
        if {channel.name for channel in layout.channels} == wanted and len(wanted) == len(positions):
            return name
    return None


def written_layout(positions: Sequence[str]) -> str:
    """The smallest layout of WRITTEN that keeps front and back apart; "stereo" for unlabelled channels."""
    if len(positions) == 1:
        return "mono"
    there = set(positions)
    if UNLABELLED in there or "AMBI0" in there:
        return "stereo"
    behind = there & _BEHIND
    if there & _LOW:
        return "5.1"
    if behind == {"BC"}:
        return "4.0"
    if behind:
        return "5.0"
    return "3.0" if "FC" in there else "stereo"


def mixing(positions: Sequence[str], target: Sequence[str]) -> np.ndarray:
    """(len(positions), len(target)) float32 to multiply a block with; no column sums to more than 1."""
    matrix = np.zeros((len(positions), len(target)), np.float32)
    place = {name: column for column, name in enumerate(target)}
    for row, name in enumerate(positions):
        if name == UNLABELLED:
            matrix[row] = 1.0 / len(positions)
        elif len(target) == 1:
            matrix[row] = mono_weights(positions)[row]
        else:
            for reached, gain in _route(name, place).items():
                matrix[row, place[reached]] += gain
    return matrix / max(1.0, float(np.abs(matrix).sum(axis=0).max()))


def _route(name: str, there: dict[str, int], depth: int = 0) -> dict[str, float]:
    if name in there:
        return {name: 1.0}
    options = _NEIGHBOURS.get(name, ())
    for option in options:
        if option.keys() <= there.keys():
            return option
    if not options or depth > 3:
        return {}
    reached: dict[str, float] = {}
    for neighbour, gain in options[-1].items():
        for end, further in _route(neighbour, there, depth + 1).items():
            reached[end] = reached.get(end, 0.0) + gain * further
    return reached


def mono_weights(positions: Sequence[str]) -> np.ndarray:
    """(channels,) float32 that sum to 1: the weight of each channel for the mouth.

    Dialogue is in the centre channel if there is one. The front channels then count a quarter of it, all
    others a tenth, and the LFE channel nothing.
    """
    centre = "FC" in positions and len(positions) > 1
    weights = np.array([_mono_weight(name, centre) for name in positions], np.float32)
    return (
        weights / weights.sum() if weights.any() else np.full(len(positions), 1 / len(positions), np.float32)
    )


def _mono_weight(name: str, centre: bool) -> float:
    if name in _LOW or (name.startswith("AMBI") and name != "AMBI0"):
        return 0.0
    if name in ("FC", UNLABELLED, "AMBI0"):
        return 1.0
    if name in STEREO or name in ("DL", "DR", "FLC", "FRC"):
        return 0.25 if centre else 1.0
    return 0.1 if centre else 0.25
