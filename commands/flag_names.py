"""Names options in messages as this command line does: `--max-turn`."""

from __future__ import annotations

from media.messages import Message

_OTHERS = {f"performance_{part}": f"--{part}" for part in ("rate", "angles", "mouth")}
"""The flags that are not called as the parameters of programs and the columns of lists."""


def as_flags(message: str) -> str:
    """The message with flags in the place of the names that programs have for options."""
    return message.with_names(flag_of) if isinstance(message, Message) else message


def flag_of(name: str) -> str:
    """The flag of an option, of a job's value or of a dub's."""
    return _OTHERS.get(name, "--" + name.replace("_", "-"))
