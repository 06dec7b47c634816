"""What the page calls an option that a message names."""

from __future__ import annotations

from functools import cache

from engines import registry
from media.messages import Message, said
from studio.options import list_options
from ui.components.dub_words import LABELS

_FORM = {
    "seed": "Seed",
    "language": "Language of the text",
    "speech_voice": "Who speaks",
    "speed": "Speed",
    "audio_track": "Audio track",
}
"""The labels of what every job is asked for."""


def labelled(name: str) -> Message:
    """The label in quotation marks, which has Chinese; of an option without one, its name in words."""
    known = _titles().get(name) or LABELS.get(name) or _FORM.get(name)
    return said("“{label}”", label=known or name.replace("_", " "))


@cache
def _titles() -> dict[str, str]:
    return {one.name: one.title for engine in reversed(registry.names()) for one in list_options(engine)}
