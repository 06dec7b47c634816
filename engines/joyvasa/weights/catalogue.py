"""The weight files of this engine: where they are published, under which licence, and what they are for."""

from __future__ import annotations

from engines.joyvasa.xpose.text import CLIP, CODES
from engines.weights.catalogue import WeightCatalogue, WeightFile

TOP = "pretrained_weights"
MARKS = ("JoyVASA", "liveportrait", "liveportrait_animals")

JOYVASA = "jdh-algo/JoyVASA"
LIVEPORTRAIT = "KlingTeam/LivePortrait"
MIT = "MIT"
APACHE = "Apache-2.0"
INSIGHTFACE = "InsightFace model licence: research only, not commercial"
XPOSE = (
    "IDEA licence of X-Pose: scientific research only, not commercial; see github.com/IDEA-Research/X-Pose"
)

HUMAN = "human"
ANIMAL = "animal"
WORDS = "words"
LANDMARKS = "landmarks"
INSIGHT = "insightface"
TRAINING = "training"
GROUPS = {
    HUMAN: "human portraits",
    ANIMAL: "animal portraits",
    WORDS: (
        "CLIP, which encodes the words of animal mode; downloaded with it, and no longer needed afterwards"
    ),
    LANDMARKS: "lip normalisation as in the original (203 landmarks)",
    INSIGHT: "the original's face detector; without it, MediaPipe is used",
    TRAINING: "training of the motion generator; not needed to make videos",
}
USUAL_GROUPS = (HUMAN, LANDMARKS)
"""The groups that are downloaded by default: human mode, all of it free for commercial use."""
COMMERCIAL_PATH = (
    "For commercial use: human mode with the files that are downloaded by default; MediaPipe "
    "(Apache-2.0) finds the face. InsightFace's models and X-Pose are for research only. Without "
    "InsightFace, MediaPipe finds the face; without X-Pose, you click three points."
)
"""Shown where users choose the files to download."""


def _rendering(folder: str, group: str) -> tuple[WeightFile, ...]:
    parts = (
        ("appearance_feature_extractor", "the portrait's appearance", 3.39),
        ("motion_extractor", "the portrait's pose, expression and keypoints", 113),
        ("warping_module", "warps the appearance to each frame's keypoints", 182),
        ("spade_generator", "renders each frame", 222),
    )
    return tuple(
        WeightFile(
            folder="",
            name=f"{folder}/base_models/{name}.pth",
            repository=LIVEPORTRAIT,
            licence=MIT,
            commercial=True,
            purpose=purpose,
            groups=(group,),
            network=name,
            megabytes=megabytes,
        )
        for name, purpose, megabytes in parts
    )


def _encoder(folder: str, repository: str, licence: str, other_folders: tuple[str, ...] = ()) -> WeightFile:
    network = "wav2vec2_encoder" if "wav2vec2" in folder else "hubert_encoder"
    purpose = "the audio encoder before it was fine-tuned with the motion generator"
    name = "pytorch_model.bin"
    others = tuple(f"{other}/{name}" for other in other_folders)
    size = 378 if "wav2vec2" in folder else None
    return WeightFile(
        folder=folder,
        name=name,
        repository=repository,
        licence=licence,
        commercial=True,
        purpose=purpose,
        groups=(TRAINING,),
        network=network,
        megabytes=size,
        other_paths=others,
    )


MOTION_GENERATOR = WeightFile(
    folder="JoyVASA",
    name="motion_generator/motion_generator_hubert_chinese.pt",
    repository=JOYVASA,
    licence=MIT,
    commercial=True,
    purpose="generates the motion from the voice",
    groups=(HUMAN, ANIMAL),
    network="motion_generator_hubert",
    megabytes=414,
    other_paths=("JoyVASA/motion_generator/iter_0020000.pt",),
)
MOTION_TEMPLATE = WeightFile(
    folder="JoyVASA",
    name="motion_template/motion_template.pkl",
    repository=JOYVASA,
    licence=MIT,
    commercial=True,
    purpose="the ranges of the motion",
    groups=(HUMAN, ANIMAL),
    network=None,
    megabytes=0.00314,
)
STITCHING = WeightFile(
    folder="",
    name="liveportrait/retargeting_models/stitching_retargeting_module.pth",
    repository=LIVEPORTRAIT,
    licence=MIT,
    commercial=True,
    purpose="keeps the shoulders still and the lips shut",
    groups=(HUMAN, ANIMAL),
    network="stitching_retargeting_module",
    megabytes=None,
    other_paths=("liveportrait_animals/retargeting_models/stitching_retargeting_module.pth",),
)
LANDMARK = WeightFile(
    folder="",
    name="liveportrait/landmark.onnx",
    repository=LIVEPORTRAIT,
    licence=MIT,
    commercial=True,
    purpose="203 landmarks of a face",
    groups=(LANDMARKS,),
    network=None,
    megabytes=115,
)
XPOSE_DETECTOR = WeightFile(
    folder="",
    name="liveportrait_animals/xpose.pth",
    repository=LIVEPORTRAIT,
    licence=XPOSE,
    commercial=False,
    purpose="finds an animal's face",
    groups=(ANIMAL,),
    network="xpose",
)
TEXT_CODES = WeightFile(
    folder="",
    name=f"liveportrait_animals/{CODES}",
    repository=CLIP,
    licence=MIT,
    commercial=True,
    purpose="the words that X-Pose looks for, encoded on this machine by CLIP",
    groups=(ANIMAL,),
    made_here=True,
)
CLIP_FOLDER = "clip-vit-base-patch32"
_CLIP_FILES = (
    "config.json",
    "merges.txt",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
)


def _clip(name: str, megabytes: float | None = None) -> WeightFile:
    return WeightFile(
        folder=CLIP_FOLDER,
        name=name,
        repository=CLIP,
        licence=MIT,
        commercial=True,
        purpose="part of CLIP",
        groups=(WORDS,),
        network=None,
        megabytes=megabytes,
    )


_BUFFALO = "insightface/models/buffalo_l"

FILES: tuple[WeightFile, ...] = (
    MOTION_GENERATOR,
    MOTION_TEMPLATE,
    *_rendering("liveportrait", HUMAN),
    STITCHING,
    LANDMARK,
    *_rendering("liveportrait_animals", ANIMAL),
    XPOSE_DETECTOR,
    TEXT_CODES,
    *map(_clip, (*_CLIP_FILES, "vocab.json")),
    _clip("pytorch_model.bin", 605),
    WeightFile(
        folder="",
        name=f"{_BUFFALO}/det_10g.onnx",
        repository=LIVEPORTRAIT,
        licence=INSIGHTFACE,
        commercial=False,
        purpose="finds faces",
        groups=(INSIGHT,),
    ),
    WeightFile(
        folder="",
        name=f"{_BUFFALO}/2d106det.onnx",
        repository=LIVEPORTRAIT,
        licence=INSIGHTFACE,
        commercial=False,
        purpose="106 landmarks",
        groups=(INSIGHT,),
    ),
    _encoder(
        "TencentGameMate:chinese-hubert-base",
        "TencentGameMate/chinese-hubert-base",
        MIT,
        ("chinese-hubert-base",),
    ),
    _encoder("wav2vec2-base-960h", "facebook/wav2vec2-base-960h", APACHE),
    _encoder("hubert-base-ls960", "facebook/hubert-base-ls960", APACHE),
)
CATALOGUE = WeightCatalogue(TOP, MARKS, FILES, GROUPS, USUAL_GROUPS, COMMERCIAL_PATH)
folder = CATALOGUE.folder


def file_of(network: str, *, animal: bool = False) -> WeightFile:
    """The file of a network by the manifest's name for it; animals have their own four for rendering.

    Raises KeyError for a network without a published file.
    """
    for file in FILES:
        if file.network == network and (ANIMAL if animal else HUMAN) in file.groups:
            return file
    for file in FILES:
        if file.network == network:
            return file
    raise KeyError(network)
