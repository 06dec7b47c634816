"""The weight files of this engine: where they are published, under which licence, and what they are for."""

from __future__ import annotations

from pathlib import Path

from engines.joyhallo.networks.config import AudioBlock
from engines.weights.catalogue import WeightFile, WeightFolder, default_root

TOP = "pretrained_models"
MARKS = ("chinese-wav2vec2-base", "sd-vae-ft-mse", "face_analysis", "audio_separator")

JOYHALLO_REPOSITORY = "jdh-algo/JoyHallo-v1"
HALLO_REPOSITORY = "fudan-generative-ai/hallo"
MIT = "MIT"
FROM_SD = "MIT; based on Stable Diffusion 1.5, whose CreativeML OpenRAIL-M licence restricts its use"
OPENRAIL = "CreativeML OpenRAIL-M: commercial use within its restrictions"
APACHE = "Apache-2.0"
INSIGHTFACE = "InsightFace model licence: research only, not commercial"
NO_LICENCE = "no licence is stated for this model"

JOYHALLO = "joyhallo"
HALLO = "hallo"
FACE = "face"
VOCALS = "vocals"
TRAINING = "training"
GROUPS = {
    JOYHALLO: "videos with JoyHallo",
    FACE: "the person's identity, as in the original (InsightFace)",
    HALLO: "videos with the original Hallo, on which JoyHallo is based",
    VOCALS: "removes music and noise from the voice",
    TRAINING: "training from scratch; not needed to make videos",
}
USUAL_GROUPS = (JOYHALLO, FACE)
"""What is fetched when nothing else is asked for."""
COMMERCIAL_PATH = (
    "Without InsightFace's files (weights download joyhallo --only joyhallo), no part is restricted to "
    "research. The person's identity is then unknown, and MediaPipe finds the face."
)
"""For commercial use."""

NET = "net"
"""The name here for the five networks that share a file; see networks.PARTS."""
VAE = "vae"
WAV2VEC = "wav2vec"

JOYHALLO_NET = WeightFile(
    "joyhallo",
    "net.pth",
    JOYHALLO_REPOSITORY,
    FROM_SD,
    True,
    "five networks: the two U-Nets, face locator, projections of face and voice",
    (JOYHALLO,),
    NET,
    4750,
)
HALLO_NET = WeightFile(
    "",
    "hallo/net.pth",
    HALLO_REPOSITORY,
    FROM_SD,
    True,
    "the same five networks of Hallo, with three audio attentions instead of one",
    (HALLO,),
    NET,
    4850,
)
PICTURE_CODEC = WeightFile(
    "",
    "sd-vae-ft-mse/diffusion_pytorch_model.safetensors",
    HALLO_REPOSITORY,
    MIT,
    True,
    "converts images to latents and back",
    (JOYHALLO, HALLO, TRAINING),
    VAE,
    335,
    ("sd-vae-ft-mse/diffusion_pytorch_model.bin",),
)
MANDARIN_ENCODER = WeightFile(
    "chinese-wav2vec2-base",
    "pytorch_model.bin",
    "TencentGameMate/chinese-wav2vec2-base",
    MIT,
    True,
    "encodes the voice",
    (JOYHALLO, TRAINING),
    WAV2VEC,
    380,
)
ENGLISH_ENCODER = WeightFile(
    "",
    "wav2vec/wav2vec2-base-960h/model.safetensors",
    HALLO_REPOSITORY,
    APACHE,
    True,
    "encodes the voice for Hallo",
    (HALLO,),
    WAV2VEC,
    378,
    ("wav2vec/wav2vec2-base-960h/pytorch_model.bin",),
)


def _insightface(name: str, purpose: str, megabytes: float) -> WeightFile:
    path = f"face_analysis/models/{name}"
    return WeightFile(
        "",
        path,
        HALLO_REPOSITORY,
        INSIGHTFACE,
        False,
        purpose,
        (FACE,),
        None,
        megabytes,
    )


DETECTOR = _insightface("scrfd_10g_bnkps.onnx", "finds the face", 16.9)
RECOGNISER = _insightface("glintr100.onnx", "512 numbers that identify the person", 261)
SEPARATOR = WeightFile(
    "",
    "audio_separator/Kim_Vocal_2.onnx",
    HALLO_REPOSITORY,
    NO_LICENCE,
    False,
    "separates the voice from music",
    (VOCALS,),
    None,
    66.8,
)
STABLE_DIFFUSION = WeightFile(
    "",
    "stable-diffusion-v1-5/unet/diffusion_pytorch_model.safetensors",
    HALLO_REPOSITORY,
    OPENRAIL,
    True,
    "the initial weights of the two U-Nets",
    (TRAINING,),
    None,
    3440,
)
ANIMATEDIFF = WeightFile(
    "",
    "motion_module/mm_sd_v15_v2.ckpt",
    HALLO_REPOSITORY,
    APACHE,
    True,
    "the initial weights of the motion modules (AnimateDiff)",
    (TRAINING,),
    None,
    1820,
)

FILES: tuple[WeightFile, ...] = (
    JOYHALLO_NET,
    PICTURE_CODEC,
    MANDARIN_ENCODER,
    DETECTOR,
    RECOGNISER,
    HALLO_NET,
    ENGLISH_ENCODER,
    SEPARATOR,
    STABLE_DIFFUSION,
    ANIMATEDIFF,
)


def folder(root: Path | None = None) -> WeightFolder:
    """This engine's weights below `root` (default: JOYSTUDIO_WEIGHTS, or ./weights)."""
    return WeightFolder(default_root() if root is None else root, TOP, MARKS, USUAL_GROUPS)


def net_of(variant: AudioBlock) -> WeightFile:
    """The five networks of JoyHallo or of Hallo."""
    return HALLO_NET if variant == "hallo" else JOYHALLO_NET


def encoder_of(variant: AudioBlock) -> WeightFile:
    """The audio encoder that a variant was trained with; with the other one its voice means nothing to it."""
    return ENGLISH_ENCODER if variant == "hallo" else MANDARIN_ENCODER
