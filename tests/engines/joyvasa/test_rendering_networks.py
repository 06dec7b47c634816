"""Sizes and orders of the rendering networks, narrow; their numbers are compared in tests/parity."""

from __future__ import annotations

import torch

from engines.joyvasa.networks.appearance import AppearanceExtractor
from engines.joyvasa.networks.motion_extractor import MotionExtractor
from engines.joyvasa.networks.stitching import StitchingNetworks
from engines.joyvasa.networks.warping import WarpingNetwork, sparse_motions


def test_appearance_volume_has_channels_outside_depth() -> None:
    model = AppearanceExtractor(
        block_expansion=4, num_down_blocks=1, reshape_channel=3, reshape_depth=5, num_resblocks=0
    ).eval()
    with torch.inference_mode():
        volume = model(torch.rand(2, 3, 8, 6))
        plane = model.second(model.down_blocks[0](model.first(torch.zeros(1, 3, 8, 6))))
        black = model(torch.zeros(1, 3, 8, 6))
    assert volume.shape == (2, 3, 5, 4, 3)
    assert torch.equal(black[0, 1, 2], plane[0, 1 * 5 + 2])


def test_motion_heads_of_a_tiny_network() -> None:
    model = MotionExtractor(num_kp=4, depths=(1, 1, 1, 1), dims=(4, 6, 8, 10)).eval()
    with torch.inference_mode():
        motion = model(torch.rand(2, 3, 64, 64))
    assert [tuple(head.shape) for head in motion] == [(2, 66)] * 3 + [(2, 3), (2, 12), (2, 1), (2, 12)]


def test_stitching_networks_take_what_their_names_say() -> None:
    model = StitchingNetworks(num_kp=4, hidden=(5,), eye_hidden=(6, 7))
    assert model.stitch(torch.rand(2, 24)).shape == (2, 14)
    assert model.lips(torch.rand(2, 14)).shape == (2, 12)
    assert model.eyes(torch.rand(2, 15)).shape == (2, 12)


def test_the_first_motion_is_none_and_the_others_point_back_to_the_source() -> None:
    grid = torch.zeros(1, 1, 1, 3)
    source, driving = torch.tensor([[[0.1, 0.2, 0.3]]]), torch.tensor([[[0.5, 0.5, 0.5]]])
    motions = sparse_motions(grid, source, driving)
    torch.testing.assert_close(motions[0, :, 0, 0, 0], torch.tensor([[0.0, 0.0, 0.0], [-0.4, -0.3, -0.2]]))


def test_a_portrait_that_does_not_move_is_sampled_at_the_grid() -> None:
    model = WarpingNetwork(
        num_kp=2, block_expansion=2, num_down_blocks=1, reshape_channel=3, reshape_depth=2,
        dense_block_expansion=2, dense_num_blocks=2, dense_compress=1,
    ).eval()  # fmt: skip
    points = torch.rand(2, 2, 3) - 0.5
    with torch.inference_mode():
        warped = model(torch.rand(2, 3, 2, 8, 8), points, points)
    assert warped.out.shape == (2, 4, 8, 8)
    assert warped.occlusion_map.shape == (2, 1, 8, 8)
    torch.testing.assert_close(warped.deformation[0, 0, 0, 0], torch.tensor([-1.0, -1.0, -1.0]))
    torch.testing.assert_close(warped.deformation[1, -1, -1, -1], torch.tensor([1.0, 1.0, 1.0]))
