"""The weight files of the metrics: where they are published, under which licence, and what they are for."""

from __future__ import annotations

from pathlib import Path

from engines.weights.catalogue import WeightFile, WeightFolder, default_root

NAME = "metrics"
"""As the command `weights` calls them."""
TOP = "pretrained_metrics"
MARKS = ("amt_model", "dino_model", "clip_model", "syncnet", "data/syncnet_v2.model")

SYNC = "sync"
DETECTOR = "detector"
SUBJECT = "subject"
BACKGROUND = "background"
SMOOTH = "smooth"
QUALITY = "quality"
GROUPS = {
    SYNC: "Sync-C, Sync-D and the offset (SyncNet)",
    DETECTOR: "the face detector of SyncNet's authors; MediaPipe takes its place without it",
    SUBJECT: "Subject (DINO)",
    BACKGROUND: "Background (CLIP)",
    SMOOTH: "Smooth (AMT-S)",
    QUALITY: "IQA and VQA (Q-Align); 16 GB",
}
USUAL_GROUPS = (SYNC, DETECTOR, SUBJECT, BACKGROUND, SMOOTH)
"""What is fetched when nothing else is asked for."""

LATENTSYNC = "ByteDance/LatentSync"
AMT = "lalala125/AMT"
ONE_ALIGN = "q-future/one-align"

MIT = "MIT"
APACHE = "Apache-2.0"
SYNCNET_LICENCE = (
    "code MIT; none is stated for the weights (University of Oxford, trained on broadcasts): research only"
)
S3FD_LICENCE = "none is stated for the weights, which were trained on WIDER FACE: research only"
AMT_LICENCE = "CC BY-NC 4.0, code and weights: not commercial"
QALIGN_LICENCE = "S-Lab License 1.0: not commercial; built on LLaMA-2, whose community licence holds, too"
CLIP_LICENCE = "MIT; its authors advise against deployment without tests for the use at hand"


def quality_file(name: str, purpose: str = "part of Q-Align") -> WeightFile:
    """A file of Q-Align's. Those with the weights are named by the index, see `shards`."""
    return WeightFile("one-align", name, ONE_ALIGN, QALIGN_LICENCE, False, purpose, (QUALITY,))


SYNCNET_FILE = WeightFile(
    "syncnet",
    "auxiliary/syncnet_v2.model",
    LATENTSYNC,
    SYNCNET_LICENCE,
    False,
    "compares lips and sound",
    (SYNC,),
    "syncnet",
    54.6,
    ("syncnet/syncnet_v2.model", "data/syncnet_v2.model"),
)
S3FD_FILE = WeightFile(
    "syncnet",
    "auxiliary/sfd_face.pth",
    LATENTSYNC,
    S3FD_LICENCE,
    False,
    "finds faces (S3FD)",
    (DETECTOR,),
    "s3fd",
    89.8,
    ("syncnet/sfd_face.pth", "detectors/s3fd/weights/sfd_face.pth"),
)
DINO_FILE = WeightFile(
    "dino-vitb16",
    "pytorch_model.bin",
    "facebook/dino-vitb16",
    APACHE,
    True,
    "sees what is in a picture (DINO ViT-B/16)",
    (SUBJECT,),
    "dino_vitb16",
    343,
    ("dino_model/dino_vitbase16_pretrain.pth", "dino_vitbase16_pretrain.pth"),
)
CLIP_FILE = WeightFile(
    "clip-vit-base-patch32",
    "pytorch_model.bin",
    "openai/clip-vit-base-patch32",
    CLIP_LICENCE,
    True,
    "sees what is in a picture (CLIP ViT-B/32)",
    (BACKGROUND,),
    "clip_vitb32_visual",
    605,
    ("clip_model/ViT-B-32.pt", "ViT-B-32.pt"),
)
AMT_FILE = WeightFile(
    "amt_model",
    "amt-s.pth",
    AMT,
    AMT_LICENCE,
    False,
    "foretells the picture between two others (AMT-S)",
    (SMOOTH,),
    "amt_s",
    12.0,
)
QUALITY_FILES = (
    quality_file("config.json"),
    quality_file("tokenizer.model"),
    quality_file("tokenizer_config.json"),
)
SAFE_INDEX = quality_file("model.safetensors.index.json", "names the files with the weights, 16 GB")
BIN_INDEX = quality_file("pytorch_model.bin.index.json", "the same, where the weights are pickles")
FILES: tuple[WeightFile, ...] = (
    SYNCNET_FILE,
    S3FD_FILE,
    DINO_FILE,
    CLIP_FILE,
    AMT_FILE,
    *QUALITY_FILES,
    SAFE_INDEX,
    BIN_INDEX,
)


def folder(root: Path | None = None) -> WeightFolder:
    """The metrics' weights below `root` (default: JOYSTUDIO_WEIGHTS, or ./weights)."""
    return WeightFolder(default_root() if root is None else root, TOP, MARKS, USUAL_GROUPS)


def file_of(network: str) -> WeightFile:
    """The file of a network by the manifest's name for it. Raises KeyError."""
    for file in FILES:
        if file.network == network:
            return file
    raise KeyError(network)
