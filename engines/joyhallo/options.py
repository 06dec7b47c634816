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
        "joyhallo: trained on Mandarin. hallo: the original Hallo, trained mostly on English, with "
        "a different audio encoder.",
        labels={"joyhallo": "JoyHallo", "hallo": "Hallo"},
    )
    inference_steps: int = slider(
        40,
        (1, 100, 1),
        "Diffusion steps",
        "Steps per 16 frames; the time grows in proportion. The original uses 40; 15 to 20 are often enough.",
    )
    cfg_scale: float = slider(
        3.5,
        (1.0, 10.0, 0.1),
        "Guidance (cfg_scale)",
        "How closely the face and lips follow the portrait and the voice. 1 means no guidance and "
        "takes half the time.",
    )
    pose_weight: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Pose weight",
        "How much the voice moves the area around the face: head, hair and shoulders.",
    )
    face_weight: float = slider(
        1.0, (0.0, 2.0, 0.05), "Face weight", "How much the voice moves the face without the mouth."
    )
    lip_weight: float = slider(1.0, (0.0, 2.0, 0.05), "Lip weight", "How much the voice moves the mouth.")
    resolution: int = slider(
        512,
        (128, 512, 64),
        "Resolution",
        "Side of the rendered square in pixels, a multiple of 64. The networks were trained at "
        "512; smaller squares are faster and less sharp.",
        whole_steps=True,
    )
    face_expand_ratio: float = slider(
        1.2,
        (0.5, 3.0, 0.05),
        "Face area",
        "Side of the area that counts as the face, relative to the face.",
        advanced=True,
    )
    lip_expand_ratio: float = slider(
        2.0,
        (0.5, 4.0, 0.05),
        "Mouth area",
        "Side of the area that counts as the mouth, relative to the lips.",
        advanced=True,
    )
    crop_face: bool = choice(
        True,
        "Crop the face",
        "Crops a square around the face if the portrait is not square or the face does not have "
        "the right size. Off: the whole portrait is squeezed into the square, as in the original.",
        crops=True,
    )
    face_share: float = slider(
        0.6,
        (0.5, 0.7, 0.01),
        "Face in the crop",
        "Size of the face relative to the side of the crop.",
        advanced=True,
        crops=True,
    )
    paste_back: bool = choice(
        True,
        "Paste back",
        "Pastes the rendered square back into the whole portrait. Off: the video shows only the square.",
    )
    allow_no_face: bool = choice(
        False,
        "Allow portraits without a face",
        "Animates the whole portrait if no face is found, without the identity of the person.",
        crops=True,
    )
    separate_vocals: bool = choice(
        True,
        "Separate the voice",
        "Removes music and noise before the engine analyses the voice, if the model for this is "
        "installed. The video keeps the original sound.",
    )
    scheduler: Literal["ddim", "euler", "dpm-solver++", "unipc"] = choice(
        "ddim",
        "Solver",
        "ddim is the original's solver; dpm-solver++ and unipc reach the same accuracy with about "
        "half the steps.",
        labels={"ddim": "DDIM", "dpm-solver++": "DPM-Solver++", "unipc": "UniPC"},
    )
    guidance_share: float = slider(
        1.0,
        (0.0, 1.0, 0.05),
        "Guided steps",
        "Approximation: the share of steps with guidance, starting with the first; steps without "
        "guidance take half the time. 1 is exact.",
        advanced=True,
    )
    cache_interval: int = slider(
        1,
        (1, 5, 1),
        "Steps per deep pass",
        "Approximation: the inner layers run only in every n-th step, and the steps in between "
        "reuse their result. 1 is exact.",
        advanced=True,
    )
    reuse_motion: bool = choice(
        False,
        "Reuse motion latents",
        "Approximation: a clip continues from the sampled latents of the previous two frames "
        "instead of decoding and encoding those frames.",
    )
    precision: Literal["auto", "fp32", "fp16", "bf16"] = choice(
        "auto",
        "Precision",
        "Number format of the networks. auto uses fp16 on a GPU, as published, and the fastest "
        "format on a CPU.",
        labels={"fp32": "fp32", "fp16": "fp16", "bf16": "bf16"},
    )
    compile: Literal["off", "graphs", "compiled"] = choice(
        "off",
        "Compile",
        "For GPUs. graphs records a step once and replays it; compiled also compiles it, which "
        "takes minutes the first time. If this fails, the engine runs without it.",
    )
    cpu_offload: Literal["auto", "on", "off"] = choice(
        "auto",
        "Offload",
        "Moves idle networks out of the GPU's memory. auto does this if memory is short.",
    )
    decode_batch: int = slider(
        0,
        (0, 16, 1),
        "Frames decoded at once",
        "More frames are faster on a GPU but need more memory. 0 adapts to the device.",
        advanced=True,
    )
    fps: int = slider(FPS, (FPS, FPS, 1), "Frames per second", "The model supports only 25.", advanced=True)
    """One value only, so it is not offered."""

    @property
    def needs_face(self) -> bool:
        """The engine itself reports what to do about a portrait without a face."""
        return False
