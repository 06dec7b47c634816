"""The weight files of this engine: where they are published, under which licence, and what they are for."""

from __future__ import annotations

from pathlib import Path

from engines.joyvasa.xpose.text import CLIP, CODES
from engines.weights.catalogue import WeightFile, WeightFolder, default_root

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
"""What is fetched when nothing else is asked for: human mode, all of it free for commercial use."""
COMMERCIAL_PATH = (
    "For commercial use: human mode with the files that are downloaded by default; MediaPipe "
    "(Apache-2.0) finds the face. InsightFace's models and X-Pose are for research only. Without "
    "InsightFace, MediaPipe finds the face; without X-Pose, you click three points."
)
"""What is shown where someone chooses what to fetch and to use."""


def _rendering(folder: str, group: str) -> tuple[WeightFile, ...]:
    parts = (
        ("appearance_feature_extractor", "the portrait's appearance", 3.39),
        ("motion_extractor", "the portrait's pose, expression and keypoints", 113),
        ("warping_module", "warps the appearance to each frame's keypoints", 182),
        ("spade_generator", "renders each frame", 222),
    )
    return tuple(
        WeightFile(
            "",
            f"{folder}/base_models/{name}.pth",
            LIVEPORTRAIT,
            MIT,
            True,
            purpose,
            (group,),
            name,
            megabytes,
        )
        for name, purpose, megabytes in parts
    )


def _encoder(folder: str, repository: str, licence: str, other_folders: tuple[str, ...] = ()) -> WeightFile:
    network = "wav2vec2_encoder" if "wav2vec2" in folder else "hubert_encoder"
    purpose = "the audio encoder before it was fine-tuned with the motion generator"
    name = "pytorch_model.bin"
    others = tuple(f"{other}/{name}" for other in other_folders)
    size = 378 if "wav2vec2" in folder else None
    return WeightFile(folder, name, repository, licence, True, purpose, (TRAINING,), network, size, others)


MOTION_GENERATOR = WeightFile(
    "JoyVASA",
    "motion_generator/motion_generator_hubert_chinese.pt",
    JOYVASA,
    MIT,
    True,
    "generates the motion from the voice",
    (HUMAN, ANIMAL),
    "motion_generator_hubert",
    414,
    ("JoyVASA/motion_generator/iter_0020000.pt",),
)
MOTION_TEMPLATE = WeightFile(
    "JoyVASA",
    "motion_template/motion_template.pkl",
    JOYVASA,
    MIT,
    True,
    "the ranges of the motion",
    (HUMAN, ANIMAL),
    None,
    0.00314,
)
STITCHING = WeightFile(
    "",
    "liveportrait/retargeting_models/stitching_retargeting_module.pth",
    LIVEPORTRAIT,
    MIT,
    True,
    "keeps the shoulders still and the lips shut",
    (HUMAN, ANIMAL),
    "stitching_retargeting_module",
    None,
    ("liveportrait_animals/retargeting_models/stitching_retargeting_module.pth",),
)
LANDMARK = WeightFile(
    "",
    "liveportrait/landmark.onnx",
    LIVEPORTRAIT,
    MIT,
    True,
    "203 landmarks of a face",
    (LANDMARKS,),
    None,
    115,
)
XPOSE_DETECTOR = WeightFile(
    "",
    "liveportrait_animals/xpose.pth",
    LIVEPORTRAIT,
    XPOSE,
    False,
    "finds an animal's face",
    (ANIMAL,),
    "xpose",
)
TEXT_CODES = WeightFile(
    "",
    f"liveportrait_animals/{CODES}",
    CLIP,
    MIT,
    True,
    "the words that X-Pose looks for, encoded on this machine by CLIP",
    (ANIMAL,),
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
    return WeightFile(CLIP_FOLDER, name, CLIP, MIT, True, "part of CLIP", (WORDS,), None, megabytes)


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
    WeightFile("", f"{_BUFFALO}/det_10g.onnx", LIVEPORTRAIT, INSIGHTFACE, False, "finds faces", (INSIGHT,)),
    WeightFile(
        "", f"{_BUFFALO}/2d106det.onnx", LIVEPORTRAIT, INSIGHTFACE, False, "106 landmarks", (INSIGHT,)
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


def folder(root: Path | None = None) -> WeightFolder:
    """This engine's weights below `root` (default: JOYSTUDIO_WEIGHTS, or ./weights)."""
    return WeightFolder(default_root() if root is None else root, TOP, MARKS, USUAL_GROUPS)


def file_of(network: str, *, animal: bool = False) -> WeightFile:
    """The file of a network by the manifest's name for it; animals have their own four for rendering.

    Raises KeyError for a network that no file was published for.
    """
    for file in FILES:
        if file.network == network and (ANIMAL if animal else HUMAN) in file.groups:
            return file
    for file in FILES:
        if file.network == network:
            return file
    raise KeyError(network)
