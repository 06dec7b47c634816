"""The encoder's short cuts against the long way."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engines.joyvasa.xpose.encoder import BiAttention, Encoder, FusionLayer, TextLayer, token_centres
from tests.engines.joyvasa.xpose_tiny import filled


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def long_way(layer: BiAttention, picture: Tensor, text: Tensor, real: int) -> tuple[Tensor, Tensor]:
    """Both directions with every projection carried out, head by head."""

    def split(x: Tensor) -> Tensor:
        return x.unflatten(2, (layer.heads, -1)).transpose(1, 2)

    query, key = split(layer.v_proj(picture)), split(layer.l_proj(text))
    scores = query @ key.transpose(2, 3) / query.shape[-1] ** 0.5
    to_text = scores.transpose(2, 3).softmax(-1) @ split(layer.values_v_proj(picture))
    masked = scores.masked_fill(torch.arange(text.shape[1]) >= real, -torch.inf)
    to_picture = masked.softmax(-1) @ split(layer.values_l_proj(text))
    return (
        layer.out_v_proj(to_picture.transpose(1, 2).flatten(2)),
        layer.out_l_proj(to_text.transpose(1, 2).flatten(2)),
    )


@pytest.mark.parametrize(("words", "real"), [(1, 1), (4, 1), (4, 3)])
def test_folded_fusion_equals_the_long_way(words: int, real: int) -> None:
    layer = filled(BiAttention(8, inner=24, heads=3))
    picture, text = noise(2, 11, 8), 2 * noise(2, words, 8, seed=1)
    ours = layer(picture, text, real)
    for mine, expected in zip(ours, long_way(layer, picture, text, real), strict=True):
        torch.testing.assert_close(mine, expected)


def test_far_apart_scores_stay_finite() -> None:
    layer = filled(BiAttention(8, inner=24, heads=3))
    results = layer(1e4 * noise(1, 5, 8), 1e4 * noise(1, 2, 8, seed=1), 2)
    assert all(result.isfinite().all() for result in results)


def test_fusion_replaces_streams_by_their_norms() -> None:
    layer = filled(FusionLayer(8, inner=24, heads=3))
    layer.gamma_v.zero_()
    layer.gamma_l.zero_()
    picture, text = noise(1, 5, 8), noise(1, 2, 8, seed=1)
    fused_picture, fused_text = layer(picture, text, 2)
    torch.testing.assert_close(fused_picture, layer.layer_norm_v(picture))
    torch.testing.assert_close(fused_text, layer.layer_norm_l(text))


def test_the_text_layer_equals_attention_under_an_identity_mask() -> None:
    layer = filled(TextLayer(8, inner=16, heads=2))
    text = noise(5, 1, 8)  # token first, as the module takes it
    placed = text + noise(5, 1, 8, seed=1)  # a position code has no effect
    blocked = ~torch.eye(5, dtype=torch.bool)
    seen = layer.self_attn(placed, placed, text, attn_mask=blocked)[0]
    expected = layer.norm1(text + seen)
    expected = layer.norm2(expected + layer.linear2(layer.linear1(expected).relu()))
    torch.testing.assert_close(layer(text.transpose(0, 1)), expected.transpose(0, 1))


def test_token_centres_run_row_by_row_through_all_levels() -> None:
    centres = token_centres([(2, 4), (1, 2)], torch.device("cpu"))
    assert centres.shape == (10, 2)
    assert centres[5].tolist() == [1.5 / 4, 1.5 / 2]
    assert centres[9].tolist() == [1.5 / 2, 0.5]


def test_padding_of_the_text_changes_nothing() -> None:
    encoder = filled(Encoder(8, inner=32, heads=2, depth=2, levels=2, points=2))
    shapes = [(3, 4), (2, 2)]
    picture, positions, text = noise(1, 16, 8), noise(16, 8, seed=1), noise(1, 2, 8, seed=2)
    seen, read = encoder(picture, positions, shapes, text, 2)
    padded = torch.cat((text, noise(1, 5, 8, seed=3)), dim=1)
    seen_padded, read_padded = encoder(picture, positions, shapes, padded, 2)
    torch.testing.assert_close(seen_padded, seen)
    torch.testing.assert_close(read_padded[:, :2], read)
