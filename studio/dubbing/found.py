"""Reads from a video's metadata that it is a dub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from media.sound.generated import KEY as GENERATED
from media.sound.generated import facts_in
from studio.random_weights import KEY, says_random

VIDEO = "video_sha256"
"""What only the metadata of a dub has."""
_ASKED = {"sync_mode": str, "person": str, "max_turn": float, "fade": float}


def found_dub(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `studio.events.Result` that the metadata of a dub gives; what became of its frames is not
    among them.

    Raises KeyError, TypeError, ValueError or OverflowError for foreign facts.
    """
    about = {name: kind(facts[name]) for name, kind in _ASKED.items()}
    return {
        "engine": str(facts["engine"]),
        "preset": str(facts["preset"]) if facts.get("preset") else None,
        "options": dict(facts["options"]),
        "seed": int(facts["seed"]),
        "portrait_sha256": str(facts[VIDEO]),
        "speech_sha256": str(facts["speech_sha256"]),
        KEY: says_random(facts),
        GENERATED: facts_in(json.dumps({GENERATED: facts.get(GENERATED)})),
        "dub": about | {"used_sync_mode": about["sync_mode"]},
    }
