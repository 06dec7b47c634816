"""The namings of the two vision networks' files, and what the networks see."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import Tensor

from engines.weights.synthesis import fill_network
from evaluation.vbench.naming import clip_as_published, dino_as_published
from evaluation.vbench.resizing import for_clip, for_dino
from evaluation.vbench.vision import ClipPictures, Dino, load_clip, load_dino
from evaluation.weights.networks import TINY, network

OLD_DINO = {
    r"^layers\.": "encoder.layer.",
    r"\.attention\.q_proj\.": ".attention.attention.query.",
    r"\.attention\.k_proj\.": ".attention.attention.key.",
    r"\.attention\.v_proj\.": ".attention.attention.value.",
    r"\.attention\.o_proj\.": ".attention.output.dense.",
    r"\.mlp\.fc1\.": ".intermediate.dense.",
    r"\.mlp\.fc2\.": ".output.dense.",
}
"""What transformers called them when the files on the Hub were written."""


def made(name: str) -> dict[str, Tensor]:
    rows = network(name, TINY[name])
    return {key: torch.from_numpy(value) for key, value in fill_network(rows).items()}


def same(ours: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert set(ours) == set(expected)
    for key, value in expected.items():
        torch.testing.assert_close(ours[key], value, rtol=0, atol=0)


def test_dinos_files_of_all_programs_are_one() -> None:
    published = made("dino_vitb16")
    model = Dino(**TINY["dino_vitb16"])
    load_dino(model, published)
    today = dict(model.vit.state_dict())
    old = {}
    for key, value in today.items():
        for pattern, name in OLD_DINO.items():
            key = re.sub(pattern, name, key)
        old[key] = value
    same(dino_as_published(published), published)
    same(dino_as_published(today), published)
    same(dino_as_published(old), published)
    same(dino_as_published({f"vit.{key}": value for key, value in old.items()}), published)


def test_clips_files_of_all_programs_are_one() -> None:
    published = made("clip_vitb32_visual")
    model = ClipPictures(**TINY["clip_vitb32_visual"])
    load_clip(model, published)
    today = dict(model.clip.state_dict())
    more = {"text_model.final_layer_norm.bias": torch.zeros(4), "logit_scale": torch.zeros(())}
    position = {"vision_model.embeddings.position_ids": torch.arange(50)[None]}
    same(clip_as_published(today | more | position), published)
    same(clip_as_published(published | {"ln_final.bias": torch.zeros(4)}), published)


@pytest.mark.parametrize(
    ("size", "seen"), [((184, 248), (224, 301)), ((256, 256), (224, 224)), ((300, 200), (336, 224))]
)
def test_dino_sees_the_whole_picture_and_clip_its_middle(
    size: tuple[int, int], seen: tuple[int, int]
) -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (2, *size, 3)).astype(np.uint8)
    assert for_dino(pictures).shape == (2, 3, *seen)
    assert for_clip(pictures).shape == (2, 3, 224, 224)


@torch.inference_mode()
def test_a_picture_that_is_not_square_has_positions_of_its_own() -> None:
    model = Dino(**TINY["dino_vitb16"]).eval()
    assert model.positions(224, 305).shape == (1, 14 * 19 + 1, 48)
    assert model.positions(224, 224) is model.vit.embeddings.position_embeddings
    wide = model(torch.rand(1, 3, 224, 305))
    assert wide.shape == (1, 48)
    x = torch.rand(1, 3, 224, 305)
    torch.testing.assert_close(model(x), model(torch.cat([x[..., :304], 0 * x[..., 304:]], dim=-1)))
