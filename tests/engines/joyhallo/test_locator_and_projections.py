"""The three small networks that make conditions: sizes, keys, shapes. Parity checks their numbers."""

from __future__ import annotations

import torch
from torch import nn

from engines.joyhallo.networks.face_locator import FaceLocator
from engines.joyhallo.networks.projections import AudioProjection, ImageProjection


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_real_sizes_and_keys() -> None:
    with torch.device("meta"):
        locator, image, audio = FaceLocator(), ImageProjection(), AudioProjection()
    assert [parameters(n) for n in (locator, image, audio)] == [514_896, 1_577_472, 36_465_152]
    convolutions = ["conv_in", *(f"blocks.{i}" for i in range(6)), "conv_out"]
    assert {key.rpartition(".")[0] for key in locator.state_dict()} == set(convolutions)
    assert {key.rpartition(".")[0] for key in image.state_dict()} == {"proj", "norm"}
    assert {key.rpartition(".")[0] for key in audio.state_dict()} == {"proj1", "proj2", "proj3", "norm"}


@torch.no_grad()
def test_the_locator_looks_at_every_frame_alone() -> None:
    torch.manual_seed(0)
    locator = FaceLocator(out_channels=8, block_out_channels=(4, 6, 8, 10))
    nn.init.normal_(locator.conv_out.weight)
    region = torch.rand(2, 3, 3, 32, 48)
    feature = locator(region)
    assert feature.shape == (2, 8, 3, 4, 6)
    torch.testing.assert_close(locator(region[1:, :, 2:])[0, :, 0], feature[1, :, 2])


@torch.no_grad()
def test_image_tokens_of_no_face_are_not_zeros() -> None:
    torch.manual_seed(0)
    projection = ImageProjection(embedding_dim=16, cross_attention_dim=12, tokens=4)
    tokens = projection(torch.stack([torch.randn(16), torch.zeros(16)]))
    assert tokens.shape == (2, 4, 12)
    assert tokens[1].abs().max() > 0.1


@torch.no_grad()
def test_audio_tokens_of_a_frame_come_from_its_own_window() -> None:
    torch.manual_seed(0)
    projection = AudioProjection(window=5, layers=2, channels=6, hidden_dim=8, output_dim=10, tokens=3)
    windows = torch.randn(1, 4, 5, 2, 6)
    tokens = projection(windows)
    assert tokens.shape == (1, 4, 3, 10)
    windows[:, 1] = 0
    changed = projection(windows)
    assert [bool((changed[0, i] != tokens[0, i]).any()) for i in range(4)] == [False, True, False, False]
