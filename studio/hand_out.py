"""What a finished video's maker may take along besides the video: its settings, to be used or read."""

from __future__ import annotations

import json

from studio.events import Result

_INNER = ("job_id", "path", "motion")
"""What only this machine knows a video by."""


def preset_yaml(result: Result) -> str:
    """The options as a preset: put into presets/<engine>/ it is offered by its file name."""
    import yaml

    preset = {"description": f"Taken from a video of seed {result.seed}.", "options": result.options}
    return f"# {result.engine}\n" + yaml.safe_dump(preset, sort_keys=False, allow_unicode=True)


def settings_json(result: Result) -> str:
    """Everything that decided the video, and how it went, without the places of files."""
    facts = {name: value for name, value in result.as_json().items() if name not in _INNER}
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
