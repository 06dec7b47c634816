"""The files of Kokoro: where they are published, under which licence, and what they are for."""

from __future__ import annotations

from pathlib import Path

from engines.weights.catalogue import RANDOM_MARK, WeightCatalogue, WeightFile, WeightFolder
from speech.kokoro.spec import ENGLISH, MANDARIN

ENGINE = "kokoro"
TOP = "kokoro"
REPOSITORY = "onnx-community/Kokoro-82M-v1.0-ONNX"
APACHE = "Apache-2.0"
NETWORK, ENGLISH_VOICES, MANDARIN_VOICES, PRECISE = "network", "english", "mandarin", "precise"
GROUPS = {
    NETWORK: "the network, in 8 bits",
    ENGLISH_VOICES: "English voices",
    MANDARIN_VOICES: "Mandarin voices",
    PRECISE: "the network in 32 bits, which is used instead where it is there; faster on most processors",
}
MOST_STYLES = 512
"""A published voice has 510 styles."""
_LARGEST_RANDOM = 1 << 20


def _network(
    name: str, purpose: str, group: str, megabytes: float, others: tuple[str, ...] = ()
) -> WeightFile:
    return WeightFile(
        folder="",
        name=f"onnx/{name}",
        repository=REPOSITORY,
        licence=APACHE,
        commercial=True,
        purpose=purpose,
        groups=(group,),
        megabytes=megabytes,
        other_paths=others,
    )


def _voice(name: str) -> WeightFile:
    return WeightFile(
        folder="",
        name=f"voices/{name}.bin",
        repository=REPOSITORY,
        licence=APACHE,
        commercial=True,
        purpose="the styles of a voice",
        groups=(MANDARIN_VOICES if name in MANDARIN else ENGLISH_VOICES,),
        megabytes=0.522,
    )


SMALL = _network("model_quantized.onnx", "speaks", NETWORK, 92.4, ("kokoro-v1.0.int8.onnx",))
LARGE = _network("model.onnx", "speaks", PRECISE, 326, ("kokoro-v1.0.onnx",))
FILES = (SMALL, *map(_voice, (*ENGLISH, *MANDARIN)), LARGE)
CATALOGUE = WeightCatalogue(
    TOP,
    ("onnx", "voices", "kokoro-v1.0.int8.onnx"),
    FILES,
    GROUPS,
    (NETWORK, ENGLISH_VOICES, MANDARIN_VOICES),
    "All files are under the Apache licence, which allows commercial use.",
)
folder = CATALOGUE.folder


def network_in(folder: WeightFolder) -> Path:
    """The network to use: the precise one if it is installed. Raises WeightsMissing."""
    return folder.find(LARGE) or folder.require(SMALL, ENGINE)


def voice_in(folder: WeightFolder, name: str) -> Path:
    """The file of a voice. Raises WeightsMissing."""
    (file,) = (file for file in FILES if file.name == f"voices/{name}.bin")
    return folder.require(file, ENGINE)


def is_random(path: Path) -> bool:
    """Whether a file was written by `weights synthesize`."""
    try:
        return path.stat().st_size <= _LARGEST_RANDOM and RANDOM_MARK.encode() in path.read_bytes()
    except OSError:
        return False
