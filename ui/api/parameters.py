"""The parameters of an engine's endpoint, made from its options model."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engines import registry
from studio.consent import STATEMENT
from studio.options import Option, list_options, modes_of
from studio.presets import list_presets
from ui.api.owner import ABOUT as OWNER_ABOUT
from ui.api.owner import OWNER

FILES = frozenset({"portrait", "voice", "second_voice", "performance", "video"})
"""The parameters that are files."""
WORDS = ("type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
"""The parts of an option's JSON schema that are passed on."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of an endpoint.

    schema: JSON schema; empty for a file, which its component describes. default: also None if the preset or
    the engine decides.
    """

    name: str
    title: str
    help: str
    schema: Mapping[str, Any]
    default: Any = None

    @property
    def described(self) -> dict[str, Any]:
        """The schema with the help, in the keys that Gradio and MCP read."""
        return {**self.schema, "description": self.help, "additional_description": self.help}


def parameters_of(engine: str, presets: Path) -> tuple[Parameter, ...]:
    """Portrait and voice, the parameters of every engine, and the options of this one."""
    named = [preset.name for preset in list_presets(engine, presets)]
    given = [
        Parameter("portrait", "Portrait", "An image with a face: JPEG, PNG, WebP and others.", {}),
        Parameter(
            "voice",
            "Voice",
            "A recording of one person who speaks: WAV, MP3 and others, or a video with sound.",
            {},
        ),
        Parameter("consent", "Consent", f"Must be true. It states: {STATEMENT}", {"type": "boolean"}, False),
        Parameter(
            "seed",
            "Seed",
            "From 0. The same seed and inputs give the same video.",
            {"type": "integer", "minimum": 0},
            0,
        ),
    ]
    if named:
        what = "A named set of options; those that are given as well go before it."
        given.append(Parameter("preset", "Preset", what, {"type": "string", "enum": named}))
    given.append(
        Parameter(
            "face_index",
            "Face",
            "Which face of the portrait, from 0 for the largest.",
            {"type": "integer", "minimum": 0},
            0,
        )
    )
    given.append(Parameter("audio_track", "Audio track", TRACK, {"type": "integer", "minimum": 1}))
    if "animal" in modes_of(engine):
        given.append(Parameter("anchors", "Points", ANCHORS, POINTS))
    schemas = registry.options_of(engine).model_json_schema()["properties"]
    options = (_parameter(option, schemas[option.name]) for option in list_options(engine))
    # In the order in which they came, so that programs that pass arguments by position keep working: a new
    # one goes to the end.
    last = [Parameter("owner", "Owner", OWNER_ABOUT, OWNER), *TEXT]
    accept = Parameter("accept_long", "Accept a long job", LONG, {"type": "boolean"}, False)
    if registry.spec_of(engine).cost is not None:
        last.append(accept)
    last.append(EDIT)
    if registry.spec_of(engine).two_voices:
        last += SECOND
    spec = registry.spec_of(engine)
    if spec.performs:
        last += BOTH if spec.follows_templates else PERFORMANCE
    elif spec.follows_templates:
        last += TEMPLATE
    if accept not in last:
        last.append(accept)
    return (*given, *options, *last)


LONG = "Whether to start a job that is expected to take over half an hour; it is refused otherwise."
TRACK = "Which audio track of the voice, from 1. Without it, the one most like a voice; a note says which."
TEXT = (
    Parameter("text", "Text", "A text to speak, instead of a voice.", {"type": "string"}),
    Parameter(
        "language",
        "Language",
        "The language of the text, such as en or zh. Without it, the letters decide.",
        {"type": "string"},
    ),
    Parameter("speech_engine", "Speech engine", "The speech engine for the text.", {"type": "string"}),
    Parameter(
        "speech_voice", "Speech voice", "One of the speech engine's voices, by name.", {"type": "string"}
    ),
    Parameter(
        "speed",
        "Speed",
        "How fast the text is spoken; 1 without it.",
        {"type": "number", "minimum": 0.5, "maximum": 2},
    ),
)
"""The parameters of a text, for jobs without a recording."""
EDIT = Parameter(
    "portrait_edit",
    "Portrait edit",
    "What to change about the portrait first: turn (degrees clockwise: 90, 180 or 270), crop (left, top, "
    "right, bottom in pixels of the turned portrait), shape (9:16, 1:1 or 16:9, around the largest face) "
    'and background (blur, or a colour such as #1a2b3c). Example: {"shape": "9:16", "background": "blur"}.',
    {"type": "object"},
)
SECOND = (
    Parameter("second_voice", "Second voice", "The voice of a second face of the portrait.", {}),
    Parameter(
        "stereo_voices",
        "Two channels",
        "Whether the voice's left channel is the left face's voice and its right channel the right face's.",
        {"type": "boolean"},
        False,
    ),
    Parameter(
        "second_start",
        "Start of the second voice",
        "In seconds. Without it, the second voice begins when the first ends; 0 begins both together.",
        {"type": "number", "minimum": 0},
    ),
    Parameter(
        "second_face",
        "Second face",
        "Which face has the second voice, as for face_index; without it, the largest other one.",
        {"type": "integer", "minimum": 0},
    ),
)
"""The parameters of a second voice, for engines that move two faces."""
PERFORMANCE = (
    Parameter(
        "performance",
        "Performance",
        "A recorded performance that drives the face, with a voice or alone: Live Link Face CSV, Audio2Face "
        "JSON or CSV, .vrma, Rhubarb cues and others.",
        {},
    ),
    Parameter(
        "performance_rate",
        "Frame rate of the performance",
        "Frames per second, for files that do not say it, as a number or a fraction such as 30000/1001.",
        {"type": "string"},
    ),
    Parameter(
        "performance_angles",
        "Angles of the performance",
        "The unit of the head's angles; without it, it is found.",
        {"type": "string", "enum": ["auto", "deg", "rad"]},
    ),
    Parameter(
        "performance_mouth",
        "Mouth of the performance",
        "What moves the mouth: the file, or the voice while the file moves the rest.",
        {"type": "string", "enum": ["file", "voice"]},
    ),
)
"""The parameters of a recorded performance, for engines that follow one."""
TEMPLATE = (
    replace(
        PERFORMANCE[0],
        help="A motion template of LivePortrait (.pkl) that drives the face, with a voice or alone.",
    ),
    *(one for one in PERFORMANCE[1:] if one.name != "performance_angles"),
)
"""The same, for engines that follow motion templates only."""
BOTH = (
    replace(
        PERFORMANCE[0],
        help=PERFORMANCE[0].help.removesuffix(".") + "; also a motion template of LivePortrait (.pkl).",
    ),
    *PERFORMANCE[1:],
)
"""The same, for engines that follow both."""
ANCHORS = (
    "For an animal whose face is not found: left eye, right eye and mouth as [[x, y], [x, y], [x, y]] in "
    "pixels of the portrait."
)
POINTS = {
    "type": "array",
    "minItems": 3,
    "maxItems": 3,
    "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
}


def _parameter(option: Option, schema: Mapping[str, Any]) -> Parameter:
    kept = {word: schema[word] for word in WORDS if word in schema}
    default = str(option.default).lower() if option.kind == "switch" else option.default
    facts = f"{option.help} Default: {default}, or the preset's."
    return Parameter(option.name, option.title, facts, kept)


def signature_of(parameters: tuple[Parameter, ...], *more: inspect.Parameter) -> inspect.Signature:
    """The signature of a function with these parameters, followed by `more`."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    required = {"portrait", "video"}  # and a voice or a text
    own = [
        inspect.Parameter(
            one.name,
            kind,
            default=inspect.Parameter.empty if one.name in required else one.default,
            annotation=Any,
        )
        for one in parameters
    ]
    return inspect.Signature([*own, *more])


def docstring_of(about: str, parameters: tuple[Parameter, ...]) -> str:
    """A function's description and parameters, as Gradio passes them to programs and language models."""
    lines = (f"    {one.name}: {' '.join(one.help.split())}" for one in parameters)
    return "\n".join([about, "", "Args:", *lines])
