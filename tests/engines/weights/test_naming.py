from __future__ import annotations

import pytest
import torch

from engines.weights.naming import current_name, encoder_tensors, older_name, without_module

STEM = "encoder.pos_conv_embed.conv."


@pytest.mark.parametrize(
    ("older", "newer"),
    [("weight_g", "parametrizations.weight.original0"), ("weight_v", "parametrizations.weight.original1")],
)
def test_both_names_of_a_weight_normalised_layer(older: str, newer: str) -> None:
    assert current_name(STEM + older) == current_name(STEM + newer) == STEM + newer
    assert older_name(STEM + newer) == older_name(STEM + older) == STEM + older


def test_other_layers_keep_their_names() -> None:
    assert current_name("head.weight_g") == older_name("head.weight_g") == "head.weight_g"


def test_training_on_several_devices_leaves_no_trace() -> None:
    assert without_module("module.head.module.weight") == "head.weight"
    assert without_module("modules.0.weight") == "modules.0.weight"


def test_an_encoders_tensors() -> None:
    given = {
        "wav2vec2.encoder.layer_norm.bias": 1,
        "module.hubert.masked_spec_embed": 2,
        f"wav2vec2.{STEM}weight_v": 3,
        "project_hid.weight": 4,
        "quantizer.codevectors": 5,
        "lm_head.bias": 6,
    }
    found = encoder_tensors({key: torch.tensor(value) for key, value in given.items()})
    assert {key: int(value) for key, value in found.items()} == {
        "encoder.layer_norm.bias": 1,
        "masked_spec_embed": 2,
        f"{STEM}parametrizations.weight.original1": 3,
    }
