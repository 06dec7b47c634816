"""Fill the tables of the documentation from the code: python -m scripts.make_docs_tables

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; whatever is there is replaced. The names are
"options ENGINE", "edit COMMAND", "weights ENGINE", "weights metrics", "settings", "animate",
"portrait", "voices", "metrics" and "training KIND".
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from commands.animate import animate
from commands.portrait import portrait
from engines import registry
from engines.weights.catalogue import WeightFile
from evaluation.catalogue import MEASURERS, measurers
from evaluation.report.words import heading
from evaluation.weights.catalogue import FILES as METRIC_FILES
from media.voice_kinds import KINDS as KINDS_OF_VOICES
from speech.kokoro.weights.catalogue import FILES as KOKORO_FILES
from studio.clips.options import BesideOptions, ClipOptions, ExportOptions, JoinOptions
from studio.options import markdown_table, options_of_model, table_of
from studio.settings import Settings
from training.kinds import options_of

EDITS: dict[str, type[ClipOptions]] = {"export": ExportOptions, "join": JoinOptions, "beside": BesideOptions}
DOCS = Path(__file__).resolve().parent.parent / "docs"
_TABLE = re.compile(r"^(<!-- table: ([a-z ]+) -->\n).*?^(<!-- end -->)", re.DOTALL | re.MULTILINE)


def main() -> None:
    """Fill every page of this folder."""
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (new := filled(text)) != text:
            page.write_text(new, encoding="utf-8")
            print(f"filled {page.name}")


def filled(text: str) -> str:
    """The page with its tables as they should be. Raises KeyError or OptionError for an unknown table."""
    return _TABLE.sub(lambda found: found[1] + _table_called(found[2]) + found[3], text)


def _table_called(name: str) -> str:
    kind, _, of = name.partition(" ")
    match kind:
        case "options":
            return markdown_table(of)
        case "weights":
            return weights_table(_files_of(of))
        case "edit":
            return table_of(options_of_model(EDITS[of]))
        case "training":
            return table_of(options_of_model(options_of(of)))
    return TABLES[name]()


def _files_of(name: str) -> Iterable[WeightFile]:
    others = {"metrics": METRIC_FILES, "kokoro": KOKORO_FILES}
    return others[name] if name in others else registry.weights_of(name).catalogue.files


def settings_table() -> str:
    """Every JOYSTUDIO_ variable."""
    rows = []
    for option in options_of_model(Settings):
        default = Settings.model_fields[option.name].get_default(call_default_factory=True, validated_data={})
        if isinstance(default, Path) and default.is_absolute():
            default = default.relative_to(DOCS.parent)
        name = f"`JOYSTUDIO_{option.name.upper()}`"
        rows.append((name, "" if default is None else f"`{default}`", option.range, option.help))
    return _table(("Variable", "Default", "Range", "What it decides"), rows)


def weights_table(files: Iterable[WeightFile]) -> str:
    """Every file with its source and licence; those that may not be used commercially say so."""
    rows = [
        (
            f"`{file.path}`",
            file.size if not file.made_here else "made here",
            f"[{file.repository}]({file.address})",
            file.licence,
            ", ".join(file.groups),
        )
        for file in files
    ]
    return _table(("File", "Size", "Published at", "Licence", "For"), rows)


def metrics_table() -> str:
    """Every column of an evaluation, under the name that asks for it."""
    rows = []
    for name in MEASURERS:
        for measurer in measurers([name]):
            for metric in measurer.metrics:
                title = f"{heading(metric)}, {metric.unit}" if metric.unit else heading(metric)
                rows.append((f"`{name}`", title, metric.description, metric.licence))
    return _table(("Name", "Column", "Meaning", "Licence"), rows)


def voices_table() -> str:
    """Every kind of file that is taken as a voice."""
    rows = [
        (
            kind.name,
            ", ".join(f".{suffix}" for suffix in kind.suffixes),
            "the sound of a video" if kind.video else "",
        )
        for kind in KINDS_OF_VOICES
    ]
    return _table(("Kind", "Usual names", ""), rows)


def command_table(command: Callable[..., None]) -> str:
    """What a command takes, for `animate` whatever the engine."""
    rows = []
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        info: Any = parameter.annotation.__metadata__[0]
        # Inside Annotated, typer keeps the first flag where a default would be.
        flags = [info.default, *(info.param_decls or ())]
        written = ", ".join(flag for flag in flags if isinstance(flag, str))
        written = f"{written} {info.metavar or ''}".strip()
        default = parameter.default
        shown = "" if default in (None, False, inspect.Parameter.empty) else f"`{default}`"
        rows.append((f"`{written}`", shown, info.help))
    return _table(("Argument", "Default", "What it does"), rows)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


TABLES: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "metrics": metrics_table,
    "animate": partial(command_table, animate),
    "portrait": partial(command_table, portrait),
    "voices": voices_table,
}


if __name__ == "__main__":
    main()
