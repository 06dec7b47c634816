"""Flags of the original JoyVASA that have another meaning here, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from media.errors import OptionError

_WITHOUT_EFFECT = {
    "audio-priority": 1,
    "driving-smooth-observation-variance": 1,
    "flag-crop-driving-video": 0,
    "scale-crop-driving-video": 1,
    "source-division": 1,
    "vx-ratio-crop-driving-video": 1,
    "vy-ratio-crop-driving-video": 1,
}
"""Flags that change no video, with the number of their values. They are dropped."""
_OF_THE_PAGE = "The page is started with: python app.py, and JOYSTUDIO_HOST and JOYSTUDIO_PORT say where."
_REFUSED = {
    "flag-eye-retargeting": "In the original it discards the motion; use --blink and --gaze-x, --gaze-y.",
    "flag-lip-retargeting": "In the original it discards the motion; use --mouth-open.",
    "flag-source-video-eye-retargeting": "It is for videos as source; here the source is a portrait.",
    "gradio-temp-dir": _OF_THE_PAGE,
    "p": _OF_THE_PAGE,
    "server-name": _OF_THE_PAGE,
    "server-port": _OF_THE_PAGE,
    "share": _OF_THE_PAGE,
}


def plain_arguments(arguments: Iterable[str]) -> tuple[list[str], list[str]]:
    """The arguments in this program's flags, and those that were dropped because they have no effect.

    Names may have underscores or dashes, as in the original. Raises OptionError for a flag of the original
    that would not do what it says.
    """
    left = list(arguments)
    kept: list[str] = []
    dropped: list[str] = []
    while left:
        argument = _dashed(left.pop(0))
        if argument == "--":
            return [*kept, argument, *left], dropped
        name, equals, _ = argument.lstrip("-").partition("=")
        positive = name.removeprefix("no-")
        if not argument.startswith("-") or positive not in {*_REFUSED, *_WITHOUT_EFFECT}:
            kept.append(argument)
        elif positive in _REFUSED:
            if name == positive:
                raise OptionError(
                    "{flag} is not supported. {advice}",
                    flag=argument.partition("=")[0],
                    advice=_REFUSED[name],
                )
        else:
            dropped.append(positive)
            del left[: 0 if equals else _WITHOUT_EFFECT[positive]]
    return kept, dropped


def _dashed(argument: str) -> str:
    if not argument.startswith("--"):
        return argument
    name, equals, value = argument.partition("=")
    return name.replace("_", "-") + equals + value


def sentence(dropped: Sequence[str]) -> str:
    """The note about dropped flags."""
    names = ", ".join(f"--{name}" for name in dropped)
    return f"{names}: without effect on this video, as in the original."
