"""Which of the options that a dub was asked with have no effect on it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from engines.dub_options import unused_of
from media.errors import OptionError
from media.messages import GAP, Message, OptionName, said
from studio.dubbing.job import DubJob
from studio.presets import load_preset

MOST_NAMED = 12


def ignored_note(job: DubJob, presets: Path | None = None) -> tuple[Message, ...]:
    """A sentence about the options that were given by hand and have no effect on a dub; none without such.

    What a preset sets is not given by hand: presets are for portraits, too. presets: the folder of presets,
    as in `studio.presets.list_presets`.
    """
    names = _ignored(job, presets)
    if not names:
        return ()
    if len(names) == 1:
        return (said("The option {name} has no effect on a dub and was ignored.", name=OptionName(names[0])),)
    shown = [OptionName(name) for name in names[:MOST_NAMED]]
    listed = Message(", ".join(shown), ", ".join([GAP] * len(shown)), tuple(shown))
    if len(names) > MOST_NAMED:
        listed = said("{alike} and {count} more", alike=listed, count=len(names) - MOST_NAMED)
    return (said("These options have no effect on a dub and were ignored: {names}.", names=listed),)


def _ignored(job: DubJob, presets: Path | None) -> list[str]:
    usual = type(job.options)().model_dump()
    if job.preset is not None:
        with suppress(OptionError):  # it only says where the options began
            usual |= load_preset(job.engine, job.preset, presets).options.model_dump()
    given = job.options.model_dump(exclude_unset=True)
    unused = unused_of(job.options)
    return sorted(name for name, value in given.items() if name in unused and value != usual.get(name))
