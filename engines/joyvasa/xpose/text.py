"""The codes that CLIP gives to X-Pose's words: made once, kept as one small file of safetensors.

X-Pose was trained with the text codes of CLIP ViT-B/32, taken as they leave its projection, not at unit
length. The published weights come with the codes of two prompt sets in pickles of GPU tensors; ours are
made from the CLIP model itself, so that nothing has to be unpickled and any words can be asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engines.joyvasa.xpose.prompts import PROMPT_SETS, PromptSet
from engines.weights.catalogue import RANDOM_MARK
from engines.weights.synthesis import SALT, x
from media.documents.tensor_file import fact, open_tensors
from media.errors import DocumentError, WeightsMissing

CLIP = "openai/clip-vit-base-patch32"
"""Where the text encoder is published (MIT licence)."""
CODES = "xpose_text.safetensors"
"""The file's name, beside xpose.pth."""
WIDTH = 512
LARGEST = 64_000_000
"""Bytes. The codes of 90 words have 200,000."""
RANDOM_LENGTH = 10.0
"""About the length of the true codes, which is 8.5 to 11."""


@dataclass(frozen=True, eq=False)
class TextCodes:
    """The codes of one prompt set."""

    instance: np.ndarray
    """(1, 512) float32"""
    keypoints: np.ndarray
    """(K, 512) float32, in the order of the prompts."""


def encode_prompts(clip: Path | str, sets: Iterable[PromptSet] = PROMPT_SETS) -> dict[str, TextCodes]:
    """Run CLIP's text encoder over the sentences of each set.

    clip: a folder with the model and its tokenizer, as published. Nothing is fetched. Raises OSError when
    the folder is not one.
    """
    import torch
    from transformers import CLIPTextModelWithProjection, CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(clip, local_files_only=True)
    encoder = CLIPTextModelWithProjection.from_pretrained(clip, local_files_only=True).float().eval()

    def encode(sentences: list[str]) -> np.ndarray:
        tokens = tokenizer(sentences, padding=True, return_tensors="pt")
        with torch.inference_mode():
            return encoder(**tokens).text_embeds.numpy()

    found = {}
    for prompts in sets:
        instance, keypoints = prompts.sentences()
        found[prompts.name] = TextCodes(encode([instance]), encode(keypoints))
    return found


def random_codes(sets: Iterable[PromptSet] = PROMPT_SETS, salt: str = SALT) -> dict[str, TextCodes]:
    """Codes of the usual length without any meaning, to run X-Pose with random weights."""
    scale = np.float32(RANDOM_LENGTH / WIDTH**0.5)
    return {
        prompts.name: TextCodes(
            scale * x(f"xpose_text.{prompts.instance}", (1, WIDTH), salt),
            scale * x(f"xpose_text.{prompts.name}.keypoints", (len(prompts.keypoints), WIDTH), salt),
        )
        for prompts in sets
    }


def write_codes(
    path: Path,
    codes: Mapping[str, TextCodes],
    sets: Iterable[PromptSet] = PROMPT_SETS,
    *,
    random_weights: bool = False,
) -> None:
    """Keep codes with the sentences they belong to, in one file of safetensors."""
    from safetensors.numpy import save_file

    tensors: dict[str, np.ndarray] = {}
    for name, code in codes.items():
        tensors |= {f"{name}.instance": code.instance, f"{name}.keypoints": code.keypoints}
    metadata = {prompts.name: json.dumps(prompts.sentences()) for prompts in sets if prompts.name in codes}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata | {RANDOM_MARK: json.dumps(random_weights)})


def read_codes(path: Path, sets: Iterable[PromptSet] = PROMPT_SETS) -> dict[str, TextCodes]:
    """Read what `write_codes` kept.

    Raises WeightsMissing when the file is absent, damaged, or made for other words.
    """
    makes = "python cli.py weights download joyvasa --only animal"
    again = f"Delete it, and make a new one with: {makes}"
    if not path.is_file():
        raise WeightsMissing(
            "{path}, the codes of the words that X-Pose looks for, is missing. Create it with: {makes}",
            path=path,
            makes=makes,
        )
    found = {}
    try:
        with open_tensors(path, "numpy", LARGEST) as file:
            metadata = file.metadata()
            for prompts in sets:
                if fact(metadata, prompts.name) != list(prompts.sentences()):
                    raise WeightsMissing(
                        "{path} does not contain the words of {name!r}. {again}",
                        path=path,
                        name=prompts.name,
                        again=again,
                    )
                codes = [file.get_tensor(f"{prompts.name}.{part}") for part in ("instance", "keypoints")]
                found[prompts.name] = _checked(TextCodes(*codes), prompts, path)
    except DocumentError as error:
        raise WeightsMissing(
            "{path} cannot be read ({reason}). {again}", path=path, reason=error, again=again
        ) from error
    return found


def _checked(codes: TextCodes, prompts: PromptSet, path: Path) -> TextCodes:
    if codes.instance.shape != (1, WIDTH) or codes.keypoints.shape != (len(prompts.keypoints), WIDTH):
        shapes = f"{codes.instance.shape} and {codes.keypoints.shape}"
        raise WeightsMissing(
            "The codes of {name!r} in {path} have the shapes {shapes}.",
            name=prompts.name,
            path=path,
            shapes=shapes,
        )
    return codes
