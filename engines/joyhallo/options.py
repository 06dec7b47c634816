"""Everything a user can set on the JoyHallo engine.

Options of the original, JoyHallo's configs/inference/inference.yaml, keep its names and, where it has them,
its defaults. Options that change the result to save time say so and are off by default.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from engines.base import EngineOptions
from engines.option_fields import choice, slider

CLIP = 16
"""Frames that are sampled together."""
FPS = 25


class JoyHalloOptions(EngineOptions):
    """Options of the JoyHallo engine."""

    default_preset: ClassVar[str] = "paper"

    animation_mode: Literal["human"] = choice(
        "human",
        "Animation mode",
        "human: a person, a painting or a statue. There is no animal mode.",
        advanced=False,
    )
    checkpoint: Literal["joyhallo", "hallo"] = choice(
        "joyhallo",
        "Checkpoint",
        "joyhallo: trained on Mandarin. hallo: the original Hallo, trained mostly on English, with its own "
        "audio encoder.",
        labels={"joyhallo": "JoyHallo", "hallo": "Hallo"},
    )
    inference_steps: int = slider(
        40,
        (1, 100, 1),
        "Diffusion steps",
        "Steps for every 16 frames; time grows with them. 40 is the original's, 15 to 20 are often enough.",
    )
    cfg_scale: float = slider(
        3.5,
        (1.0, 10.0, 0.1),
        "Guidance (cfg_scale)",
        "How closely face and lips follow portrait and voice. 1 is no guidance and takes half the time.",
    )
    pose_weight: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Pose weight",
        "How much the voice moves what is around the face: head, hair and shoulders.",
    )
    face_weight: float = slider(
        1.0, (0.0, 2.0, 0.05), "Face weight", "How much the voice moves the face without the mouth."
    )
    lip_weight: float = slider(1.0, (0.0, 2.0, 0.05), "Lip weight", "How much the voice moves the mouth.")
    resolution: int = slider(
        512,
        (128, 512, 64),
        "Resolution",
        "Side of the square that is painted, in pixels, a multiple of 64. The networks were trained at 512; "
        "smaller is faster and less sharp.",
        whole_steps=True,
    )
    face_expand_ratio: float = slider(
        1.2,
        (0.5, 3.0, 0.05),
        "Face area",
        "Side of the area that counts as face, in sizes of the face.",
        advanced=True,
    )
    lip_expand_ratio: float = slider(
        2.0,
        (0.5, 4.0, 0.05),
        "Mouth area",
        "Side of the area that counts as mouth, in sizes of the lips.",
        advanced=True,
    )
    crop_face: bool = choice(
        True,
        "Crop the face",
        "Cuts a square around the face where the picture is not square or the face has not the right size. "
        "Off: the whole picture is squeezed into the square, as in the original.",
        crops=True,
    )
    face_share: float = slider(
        0.6,
        (0.5, 0.7, 0.01),
        "Face in the crop",
        "How much of the crop's side the face takes.",
        advanced=True,
        crops=True,
    )
    paste_back: bool = choice(
        True,
        "Paste back",
        "Puts the painted square back into the whole portrait. Off: the video shows the square alone.",
    )
    allow_no_face: bool = choice(
        False,
        "Allow pictures without a face",
        "Animates a picture in which no face is found, as a whole and without knowing who it is.",
        crops=True,
    )
    separate_vocals: bool = choice(
        True,
        "Separate the voice",
        "Takes music and noise out before the voice is listened to, where the model for it is installed. The "
        "video keeps the whole sound.",
    )
    scheduler: Literal["ddim", "euler", "dpm-solver++", "unipc"] = choice(
        "ddim",
        "Solver",
        "ddim is the original's; dpm-solver++ and unipc come as near with about half the steps.",
        labels={"ddim": "DDIM", "dpm-solver++": "DPM-Solver++", "unipc": "UniPC"},
    )
    guidance_share: float = slider(
        1.0,
        (0.0, 1.0, 0.05),
        "Guided steps",
        "Approximation: the share of the steps, from the first on, that are guided; the others take half the "
        "time. 1 is exact.",
        advanced=True,
    )
    cache_interval: int = slider(
        1,
        (1, 5, 1),
        "Steps per deep pass",
        "Approximation: the inner layers run in every n-th step only and keep their result in between. 1 is "
        "exact.",
        advanced=True,
    )
    reuse_motion: bool = choice(
        False,
        "Reuse motion latents",
        "Approximation: the two frames a clip goes on from are taken as they were sampled, not painted and "
        "read again.",
    )
    precision: Literal["auto", "fp32", "fp16", "bf16"] = choice(
        "auto",
        "Precision",
        "Numbers that the networks work with. auto is fp16 on a GPU, as published, and the fastest on a CPU.",
        labels={"fp32": "fp32", "fp16": "fp16", "bf16": "bf16"},
    )
    compile: Literal["off", "graphs", "compiled"] = choice(
        "off",
        "Compile",
        "For GPUs. graphs records a step once and plays it back; compiled also rewrites it, which takes "
        "minutes at first. Where it fails, the plain way is taken.",
    )
    cpu_offload: Literal["auto", "on", "off"] = choice(
        "auto",
        "Offload",
        "Keeps networks that are not at work out of the GPU's memory. auto does so where memory is short.",
    )
    decode_batch: int = slider(
        0,
        (0, 16, 1),
        "Frames decoded at once",
        "More is faster on a GPU and needs more memory. 0 fits the device.",
        advanced=True,
    )
    fps: int = slider(FPS, (FPS, FPS, 1), "Frames per second", "The model knows 25 only.", advanced=True)
    """One value only, so it is not offered."""

    @property
    def needs_face(self) -> bool:
        """The engine itself says what can be done about a portrait without a face."""
        return False
