"""What visitors read in place of messages that are for a shell.

The same error reaches a user in a shell, who can change flags, settings and files, and a visitor of a page,
who cannot, and must not learn where files are. So the page has its own text for such a message, found by its
template as the Chinese is (`page_forms.yaml`), and shows of every path only the name of the file.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePosixPath

from media.messages import GAP, Message
from ui.i18n.option_labels import labelled

FILE = Path(__file__).parent / "page_forms.yaml"
_PLACES = re.compile(rf"{GAP}|\{{(\d)\}}")
"""A value in a text that was found by a template: the next one, or {2} for the second."""
_INSIDE = re.compile(r"(?<![\w:/.~])~?(?:/[^\s/'\",;:()]+)+/([^\s/'\",;:()]+)")
"""A path in a text; its first group is the name of the file. Not an address on the web."""


@cache
def forms() -> dict[str, str]:
    """The page's text for every template that needs one."""
    import yaml

    found: dict[str, str] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def page_form(text: str) -> str:
    """The text as visitors of the page read it; itself if it names nothing that is not theirs."""
    named = text.with_names(labelled) if isinstance(text, Message) else text
    return _changed(named, forms())


def without_folders(text: str) -> str:
    """The text with the names of files instead of their paths, for programs, which may pass settings."""
    return _changed(text, {})


def _changed(text: str, known: dict[str, str]) -> str:
    if not isinstance(text, Message) or not text.values:
        return known.get(text, text)
    values = [
        _changed(value, known) if isinstance(value, Message) else _file_name(value) for value in text.values
    ]
    kept: list[str] = []
    in_order = iter(values)

    def fill(place: re.Match[str]) -> str:
        kept.append(values[int(place[1]) - 1] if place[1] else next(in_order, ""))
        return kept[-1]

    form = known.get(text.template, text.template)
    return Message(_PLACES.sub(fill, form), _PLACES.sub(GAP, form), tuple(kept))


def _file_name(value: str) -> str:
    if value.startswith("/") and "\n" not in value and PurePosixPath(value).parent != PurePosixPath("/"):
        return PurePosixPath(value).name
    return _INSIDE.sub(r"\1", value)
