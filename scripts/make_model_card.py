"""Fill the figures of the mouth network's model card: python -m scripts.make_model_card FILE.json ...

    python -m benchmarks.lipsync --group recorded --group neural --group sounds --json > FIGURES.json
    python -m benchmarks.lipsync --live --json > LIVE.json
    python -m benchmarks.live_closures --json > CLOSURES.json

A table stands between `<!-- table: NAME -->` and `<!-- end -->`: "people", "sounds", "live" and "closures"
come from the files that are named (any number of them; a table without its figures stays as it is), "rule"
from `visemes.json` beside the network.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

CARD = Path(__file__).resolve().parent.parent / "engines" / "preview" / "VISEMES.md"
_TABLE = re.compile(r"^(<!-- table: ([a-z]+) -->\n\n).*?^(<!-- end -->)", re.DOTALL | re.MULTILINE)
_ROWS = {
    "closed at p b m": "closed at p, b, m",
    "AUC closure": "AUC of the closure against tongue sounds",
    "false closure, tongue": "false closure in tongue sounds",
    "false closure, n": "false closure in n",
    "false closure, k g ng": "false closure in k, g, ng",
    "false closure, vowels": "false closure in vowels",
    "f v: lip at teeth": "f and v with the lip at the teeth",
    "AUC rounding": "AUC of rounding",
    "correlation of opening": "correlation of the opening",
    "silence closed": "silence closed",
    "distance of the lag, ms": "distance of the best lag, ms",
    "frames without a face": "frames without a face",
}
_LIVE = "live, "
_CONDITIONS = ("clean", "telephone", "noise", "music", "video")
_LEVELS = ("-40", "-20", "0")
_RULE = {
    "clean": ("english", "mandarin", "flite"),
    "noise_or_music_15_db_below": ("english", "mandarin", "flite"),
}
Figures = dict[str, dict[str, float]]


def main() -> None:
    """Fill the card from the files that are named."""
    files = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    measured = {figure["name"]: figure for figures in files for figure in figures}
    live = {name.removeprefix(_LIVE): one for name, one in measured.items() if name.startswith(_LIVE)}
    synthetic = json.loads(CARD.with_name("visemes.json").read_text(encoding="utf-8"))["figures"]
    tables: dict[str, Callable[[], str]] = {
        "people": lambda: people(measured, _CONDITIONS),
        "sounds": lambda: sounds(measured),
        "live": lambda: people(live, _CONDITIONS[:-1]),
        "closures": lambda: closures(measured),
        "rule": lambda: by_rule(synthetic),
    }
    text = CARD.read_text(encoding="utf-8")

    def filled(found: re.Match[str]) -> str:
        table = tables[found[2]]()
        return found[1] + table + "\n" + found[3] if table.count("\n") > 2 else found[0]

    CARD.write_text(_TABLE.sub(filled, text), "utf-8")


def people(measured: Figures, conditions: Sequence[str]) -> str:
    """The recorded and the neural voices beside one another, and what is to be reached."""
    head = ["", *(f"{group}, {one}" for group in ("recorded", "neural") for one in conditions), "to reach"]
    rows = []
    for name, title in _ROWS.items():
        found = {
            (group, one): figure
            for group in ("recorded", "neural")
            for one in conditions
            if (figure := _named(measured, f"{group}, {one}: {name}"))
        }
        cells = [_number(found.get((group, one))) for group in ("recorded", "neural") for one in conditions]
        gates = dict.fromkeys(
            f"{figure['gate']:g}" for (group, _), figure in found.items() if group == "recorded"
        )
        if found:
            rows.append([title, *cells, ", ".join(gates)])
    return _table(head, rows)


def sounds(measured: Figures) -> str:
    """Frames with the mouth open in sounds without a voice, by kind and level."""
    found = {
        (match[1], match[2]): figure
        for name, figure in measured.items()
        if (match := re.match(r"sounds, (\w+) at (-?\d+) dBFS", name))
    }
    kinds = dict.fromkeys(kind for kind, _ in found)
    head = ["", *(f"{level} dBFS" for level in _LEVELS)]
    return _table(head, [[kind, *(_number(found.get((kind, level))) for level in _LEVELS)] for kind in kinds])


def closures(measured: Figures) -> str:
    """Closed lips that a live session keeps of a video's, and those that it adds, by look-ahead and group."""
    found = {
        (match[1], match[2], match[3], match[4]): figure
        for name, figure in measured.items()
        if (match := re.match(r"(.+): closures (kept|added) with (\d+) ms ahead \((\d+)\)", name))
    }
    columns = dict.fromkeys((group, what, count) for group, what, _, count in found)
    head = ["look-ahead", *(f"{group}: {what} (of {count})" for group, what, count in columns)]
    rows = [
        [f"{ms} ms", *(_number(found.get((group, what, ms, count))) for group, what, count in columns)]
        for ms in dict.fromkeys(ms for _, _, ms, _ in found)
    ]
    return _table(head, rows)


def by_rule(figures: dict[str, Figures]) -> str:
    """The held-out voices that are synthesised by rule, clean and over noise or music."""
    columns = [(kind, group) for kind, groups in _RULE.items() for group in groups if group in figures[kind]]
    head = ["", *(group + (", 15 dB" if kind != "clean" else "") for kind, group in columns)]
    names = next(iter(figures["clean"].values()))
    rows = [
        [name.replace("_", " "), *(_plain(name, figures[kind][group][name]) for kind, group in columns)]
        for name in names
    ]
    return _table(head, rows)


def _named(measured: Figures, start: str) -> dict[str, float] | None:
    """The figure whose name begins so; a count of what was measured may follow."""
    return next(
        (one for name, one in measured.items() if name == start or name.startswith(f"{start} (")), None
    )


def _number(figure: dict[str, float] | None) -> str:
    if figure is None:
        return ""
    return f"{figure['value']:.0f}" if figure["value"] > 1.5 else f"{figure['value']:.3f}"


def _plain(name: str, value: float) -> str:
    return f"{value:.0f}" if name in ("closures", "lag_ms") else f"{value:.3f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
