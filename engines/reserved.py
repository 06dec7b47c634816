"""Names that an engine and its options cannot have, because the program uses them itself."""

from __future__ import annotations

from engines.base import EngineOptions

ENGINES = frozenset("compare curves delete dub gallery live metrics page training videos".split())
"""Tabs of the page, functions of its API, sets of weights, and folders of presets."""

OPTIONS = frozenset(
    """
    accept_long anchors angles as_json audio_track background config consent crop engine face_index fade
    group help json language max_turn motion mouth name output owner performance performance_angles
    performance_mouth performance_rate person portrait portrait_edit preset progress rate request
    second_face second_start second_voice seed shape speech speech_engine speech_voice speed spoken
    stereo_voices sync_mode text turn video voice yes
    """.split()
)
"""Parameters of `animate` and their flags, of the page's API, and columns of a batch."""

_OFF = "no_"
"""An option `no_x` would have the flag that switches an option `x` off."""


def check_engine_name(name: str) -> None:
    """Raises ValueError for a name that the program uses itself."""
    if name in ENGINES:
        raise ValueError(f"The program uses the name {name} itself. Give the engine another name.")


def check_option_names(options: type[EngineOptions]) -> None:
    """Raises ValueError for an option whose name the program uses itself."""
    for name in options.model_fields:
        if name in OPTIONS or name.startswith(_OFF):
            raise ValueError(f"The program uses the option name {name} itself. Give the option another name.")


def check_shared_flags(options: type[EngineOptions], others: type[EngineOptions]) -> None:
    """Raises ValueError where two engines share an option's name, and only one has a switch.

    Engines share one flag per name, and a switch takes no value.
    """
    for name in options.model_fields.keys() & others.model_fields.keys():
        mine, theirs = (model.model_fields[name].annotation is bool for model in (options, others))
        if mine != theirs:
            raise ValueError(
                f"The option {name} is a switch in one of two engines that share its flag. Give the option "
                "another name."
            )
