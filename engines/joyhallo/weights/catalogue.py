"""The weight files of this engine: where they are published, under which licence, and what they are for."""

from __future__ import annotations

from engines.joyhallo.networks.config import AudioBlock
from engines.weights.catalogue import WeightCatalogue, WeightFile

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
"""The groups that are downloaded by default."""
COMMERCIAL_PATH = (
    "Without InsightFace's files (weights download joyhallo --only joyhallo), no part is restricted to "
    "research. The person's identity is then unknown, and MediaPipe finds the face."
)
"""For commercial use."""

NET = "net"
"""The name in this program for the five networks that share a file; see `builders.PARTS`."""
VAE = "vae"
WAV2VEC = "wav2vec"

JOYHALLO_NET = WeightFile(
    folder="joyhallo",
    name="net.pth",
    repository=JOYHALLO_REPOSITORY,
    licence=FROM_SD,
    commercial=True,
    purpose="five networks: the two U-Nets, face locator, projections of face and voice",
    groups=(JOYHALLO,),
    network=NET,
    megabytes=4750,
)
HALLO_NET = WeightFile(
    folder="",
    name="hallo/net.pth",
    repository=HALLO_REPOSITORY,
    licence=FROM_SD,
    commercial=True,
    purpose="the same five networks of Hallo, with three audio attentions instead of one",
    groups=(HALLO,),
    network=NET,
    megabytes=4850,
)
PICTURE_CODEC = WeightFile(
    folder="",
    name="sd-vae-ft-mse/diffusion_pytorch_model.safetensors",
    repository=HALLO_REPOSITORY,
    licence=MIT,
    commercial=True,
    purpose="converts images to latents and back",
    groups=(JOYHALLO, HALLO, TRAINING),
    network=VAE,
    megabytes=335,
    other_paths=("sd-vae-ft-mse/diffusion_pytorch_model.bin",),
)
MANDARIN_ENCODER = WeightFile(
    folder="chinese-wav2vec2-base",
    name="pytorch_model.bin",
    repository="TencentGameMate/chinese-wav2vec2-base",
    licence=MIT,
    commercial=True,
    purpose="encodes the voice",
    groups=(JOYHALLO, TRAINING),
    network=WAV2VEC,
    megabytes=380,
)
ENGLISH_ENCODER = WeightFile(
    folder="",
    name="wav2vec/wav2vec2-base-960h/model.safetensors",
    repository=HALLO_REPOSITORY,
    licence=APACHE,
    commercial=True,
    purpose="encodes the voice for Hallo",
    groups=(HALLO,),
    network=WAV2VEC,
    megabytes=378,
    other_paths=("wav2vec/wav2vec2-base-960h/pytorch_model.bin",),
)


def _insightface(name: str, purpose: str, megabytes: float) -> WeightFile:
    path = f"face_analysis/models/{name}"
    return WeightFile(
        folder="",
        name=path,
        repository=HALLO_REPOSITORY,
        licence=INSIGHTFACE,
        commercial=False,
        purpose=purpose,
        groups=(FACE,),
        network=None,
        megabytes=megabytes,
    )


DETECTOR = _insightface("scrfd_10g_bnkps.onnx", "finds the face", 16.9)
RECOGNISER = _insightface("glintr100.onnx", "512 numbers that identify the person", 261)
SEPARATOR = WeightFile(
    folder="",
    name="audio_separator/Kim_Vocal_2.onnx",
    repository=HALLO_REPOSITORY,
    licence=NO_LICENCE,
    commercial=False,
    purpose="separates the voice from music",
    groups=(VOCALS,),
    network=None,
    megabytes=66.8,
)
STABLE_DIFFUSION = WeightFile(
    folder="",
    name="stable-diffusion-v1-5/unet/diffusion_pytorch_model.safetensors",
    repository=HALLO_REPOSITORY,
    licence=OPENRAIL,
    commercial=True,
    purpose="the initial weights of the two U-Nets",
    groups=(TRAINING,),
    network=None,
    megabytes=3440,
)
ANIMATEDIFF = WeightFile(
    folder="",
    name="motion_module/mm_sd_v15_v2.ckpt",
    repository=HALLO_REPOSITORY,
    licence=APACHE,
    commercial=True,
    purpose="the initial weights of the motion modules (AnimateDiff)",
    groups=(TRAINING,),
    network=None,
    megabytes=1820,
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
CATALOGUE = WeightCatalogue(TOP, MARKS, FILES, GROUPS, USUAL_GROUPS, COMMERCIAL_PATH)
folder = CATALOGUE.folder


def net_of(variant: AudioBlock) -> WeightFile:
    """The five networks of JoyHallo or of Hallo."""
    return HALLO_NET if variant == "hallo" else JOYHALLO_NET


def encoder_of(variant: AudioBlock) -> WeightFile:
    """The audio encoder that a variant was trained with; the other encoder's features mean nothing to it."""
    return ENGLISH_ENCODER if variant == "hallo" else MANDARIN_ENCODER
