"""What a video may be made of, and how it is made."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from media.decoding.limits import Limits
from speech.text import MOST_CHARACTERS
from studio.setting_groups.blank import UnlessBlank
from studio.setting_groups.group import SettingGroup


class Rendering(SettingGroup):
    """What a video may be made of, and how it is made."""

    device: UnlessBlank[str] = Field(
        "cpu", description="Device that runs the networks: cpu, cuda, cuda:1, mps."
    )
    max_seconds: float = Field(600.0, gt=0.2, le=36_000, description="Longest voice, in seconds.")
    text_characters: int = Field(
        MOST_CHARACTERS,
        ge=1,
        le=100_000,
        description="Longest text that is spoken as a voice, in characters.",
    )
    max_side: int = Field(1280, ge=64, le=8192, description="Longest side of a video, in pixels.")
    max_picture_mpixels: float = Field(
        Limits.max_pixels / 1e6,
        ge=0.01,
        le=150,
        description=(
            "Largest size at which a portrait is decoded, in millions of pixels; larger JPEGs are "
            "decoded at a reduced size."
        ),
    )
    decode: Literal["isolated", "direct"] = Field(
        "isolated",
        description="Where portraits, voices and performances are decoded: each in a separate process "
        "(isolated), or in the program's process (direct). `animate` on the command line uses direct "
        "unless this is set.",
    )
    decode_seconds: float = Field(
        Limits.seconds,
        gt=0,
        le=3600,
        description="Time limit for decoding an image, or each block of a voice, in seconds.",
    )
    decode_memory_mb: int = Field(
        Limits.memory_mb, ge=16, le=100_000, description="Memory limit for decoding one file, in megabytes."
    )
    quality: int = Field(20, ge=0, le=51, description="x264's quantizer, 0 to 51; lower is better.")
    startup_shortcuts: bool = Field(
        True,
        description="Whether libraries are imported by shortcuts that act on the whole process.",
    )
    packed_layers: bool = Field(
        True,
        description="Whether JoyVASA calls private operations of PyTorch that are faster on x86 processors.",
    )
