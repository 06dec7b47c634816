"""The weight files of the metrics: where they are published, under which licence, and what they are for."""

from __future__ import annotations

from engines.weights.catalogue import WeightCatalogue, WeightFile

NAME = "metrics"
"""Their name in the command `weights`."""
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
"""The groups that are downloaded by default."""

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
    """A file of Q-Align's. Its index names the files with the weights, see `shards`."""
    return WeightFile(
        folder="one-align",
        name=name,
        repository=ONE_ALIGN,
        licence=QALIGN_LICENCE,
        commercial=False,
        purpose=purpose,
        groups=(QUALITY,),
    )


SYNCNET_FILE = WeightFile(
    folder="syncnet",
    name="auxiliary/syncnet_v2.model",
    repository=LATENTSYNC,
    licence=SYNCNET_LICENCE,
    commercial=False,
    purpose="compares lips and sound",
    groups=(SYNC,),
    network="syncnet",
    megabytes=54.6,
    other_paths=("syncnet/syncnet_v2.model", "data/syncnet_v2.model"),
)
S3FD_FILE = WeightFile(
    folder="syncnet",
    name="auxiliary/sfd_face.pth",
    repository=LATENTSYNC,
    licence=S3FD_LICENCE,
    commercial=False,
    purpose="finds faces (S3FD)",
    groups=(DETECTOR,),
    network="s3fd",
    megabytes=89.8,
    other_paths=("syncnet/sfd_face.pth", "detectors/s3fd/weights/sfd_face.pth"),
)
DINO_FILE = WeightFile(
    folder="dino-vitb16",
    name="pytorch_model.bin",
    repository="facebook/dino-vitb16",
    licence=APACHE,
    commercial=True,
    purpose="sees what an image shows (DINO ViT-B/16)",
    groups=(SUBJECT,),
    network="dino_vitb16",
    megabytes=343,
    other_paths=("dino_model/dino_vitbase16_pretrain.pth", "dino_vitbase16_pretrain.pth"),
)
CLIP_FILE = WeightFile(
    folder="clip-vit-base-patch32",
    name="pytorch_model.bin",
    repository="openai/clip-vit-base-patch32",
    licence=CLIP_LICENCE,
    commercial=True,
    purpose="sees what an image shows (CLIP ViT-B/32)",
    groups=(BACKGROUND,),
    network="clip_vitb32_visual",
    megabytes=605,
    other_paths=("clip_model/ViT-B-32.pt", "ViT-B-32.pt"),
)
AMT_FILE = WeightFile(
    folder="amt_model",
    name="amt-s.pth",
    repository=AMT,
    licence=AMT_LICENCE,
    commercial=False,
    purpose="predicts the frame between two others (AMT-S)",
    groups=(SMOOTH,),
    network="amt_s",
    megabytes=12.0,
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
CATALOGUE = WeightCatalogue(TOP, MARKS, FILES, GROUPS, USUAL_GROUPS)
folder = CATALOGUE.folder


def file_of(network: str) -> WeightFile:
    """The file of a network by the manifest's name for it. Raises KeyError."""
    for file in FILES:
        if file.network == network:
            return file
    raise KeyError(network)
