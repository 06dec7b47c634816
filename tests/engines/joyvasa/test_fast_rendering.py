"""The rearranged warping network and generator against the plain ones, tiny, with random weights."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from engines.joyvasa.fast.fast_spade import FastGenerator
from engines.joyvasa.fast.fast_warping import FastWarping, sample_shifted
from engines.joyvasa.fast.label_convolutions import SlotBranch
from engines.joyvasa.fast.rendering import FrameRenderer
from engines.joyvasa.networks.spade import SpadeGenerator, SpectralConv2d
from engines.joyvasa.networks.warping import WarpingNetwork, coordinate_grid, sample_volume, sparse_motions

KEYPOINTS = 3


def randomised(model: nn.Module, seed: int) -> nn.Module:
    """Weights that keep activations near one, moments that are not zero and one, norms that converged."""
    generator = torch.Generator().manual_seed(seed)

    def x(like: Tensor) -> Tensor:
        return torch.randn(like.shape, generator=generator)

    for name, tensor in model.state_dict().items():
        if tensor.dim() >= 2:
            tensor.copy_(x(tensor) / math.prod(tensor.shape[1:]) ** 0.5)
        elif name.endswith(("running_var", "norm.weight")):
            tensor.copy_(1 + 0.1 * x(tensor).abs())
        elif tensor.is_floating_point():
            tensor.copy_(0.1 * x(tensor))
    for module in model.modules():
        if isinstance(module, SpectralConv2d):
            u, _, v = torch.linalg.svd(module.weight_orig.detach().flatten(1), full_matrices=False)
            module.weight_u.copy_(u[:, 0])
            module.weight_v.copy_(v[0])
    return model.eval()


def tiny_warping(seed: int = 0) -> WarpingNetwork:
    model = WarpingNetwork(
        num_kp=KEYPOINTS, block_expansion=2, num_down_blocks=2, reshape_channel=4, reshape_depth=3,
        dense_block_expansion=2, dense_num_blocks=4, dense_compress=2,
    )  # fmt: skip
    return randomised(model, seed)


def tiny_generator(seed: int = 0, expansion: int = 2) -> SpadeGenerator:
    return randomised(SpadeGenerator(block_expansion=expansion, spade_hidden=5), seed)


def inputs(seed: int, frames: int, height: int = 16, width: int = 16) -> tuple[Tensor, Tensor, Tensor]:
    """A feature volume, the source's keypoints, driving keypoints."""
    generator = torch.Generator().manual_seed(seed)
    feature = torch.randn(1, 4, 3, height, width, generator=generator)
    source = torch.rand(1, KEYPOINTS, 3, generator=generator) - 0.5
    return feature, source, source + 0.2 * torch.randn(frames, KEYPOINTS, 3, generator=generator)


def psnr(ours: Tensor, wanted: Tensor) -> float:
    return -10 * math.log10((ours - wanted).square().mean().item() + 1e-12)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31), frames=st.integers(1, 3), rows=st.integers(1, 2), columns=st.integers(1, 3)
)
@torch.inference_mode()
def test_warping_is_the_plain_one(seed: int, frames: int, rows: int, columns: int) -> None:
    plain = tiny_warping(seed)
    feature, source, driving = inputs(seed, frames, 16 * rows, 16 * columns)
    wanted = plain(feature.expand(frames, -1, -1, -1, -1), source.expand(frames, -1, -1), driving)
    fast = FastWarping(plain)
    ours = fast(fast.prepare(feature, source), driving)
    for name, got, expected in zip(wanted._fields, ours, wanted, strict=True):
        torch.testing.assert_close(
            got, expected, atol=1e-4, rtol=0, msg=lambda text, name=name: f"{name}: {text}"
        )


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31), frames=st.integers(1, 2), height=st.integers(2, 9), width=st.integers(2, 9)
)
@torch.inference_mode()
def test_generator_is_the_plain_one(seed: int, frames: int, height: int, width: int) -> None:
    plain = tiny_generator(seed)
    feature = torch.randn(frames, 8, height, width, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(FastGenerator(plain)(feature), plain(feature), atol=1e-3, rtol=0)


@torch.inference_mode()
def test_generator_with_merged_taps_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """The form that a GPU runs, and 16 bits everywhere, at full precision."""
    monkeypatch.setattr(
        "engines.joyvasa.fast.fast_spade.label_branch",
        lambda shared, out, *, factor, dtype: SlotBranch(shared, out, factor, dtype),
    )
    plain = tiny_generator(3)
    feature = torch.randn(2, 8, 6, 5, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(FastGenerator(plain)(feature), plain(feature), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_sampling_by_a_shift_is_trilinear_sampling() -> None:
    volume = torch.randn(1, 2, 5, 6, 7, generator=torch.Generator().manual_seed(0))
    shifts = torch.tensor([[0.0, 0.0, 0.0], [0.3, -0.2, 0.1], [-1.5, 0.9, 2.5]])
    grid = coordinate_grid(volume.shape[2:], volume)
    moved = sparse_motions(grid, shifts[None], torch.zeros(1, 3, 3))[0, 1:]
    wanted = sample_volume(volume.expand(3, -1, -1, -1, -1), moved)
    torch.testing.assert_close(sample_shifted(volume, shifts), wanted, atol=1e-5, rtol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@torch.inference_mode()
def test_sixteen_bits_stay_close(dtype: torch.dtype) -> None:
    warping, generator = tiny_warping(), tiny_generator()
    feature, source, driving = inputs(0, 2)
    full, half = FrameRenderer(warping, generator), FrameRenderer(warping, generator, dtype=dtype)
    wanted = full.render(full.prepare(feature, source), driving)
    ours = half.render(half.prepare(feature, source), driving)
    assert (ours.dtype, ours.shape) == (torch.float32, (2, 3, 128, 128))
    assert psnr(ours, wanted) > 40


@torch.inference_mode()
def test_a_batch_is_its_frames_one_by_one() -> None:
    """To rounding, which differs from processor to processor: float64 tells how much it is on this one."""
    warping, generator = tiny_warping(), tiny_generator()
    renderer = FrameRenderer(warping, generator)
    feature, source, driving = inputs(1, 3)
    portrait = renderer.prepare(feature, source)
    together = renderer.render(portrait, driving)
    single = torch.cat([renderer.render(portrait, frame) for frame in driving.split(1)])
    volumes, sources = feature.double().expand(3, -1, -1, -1, -1), source.double().expand(3, -1, -1)
    exact = generator.double()(warping.double()(volumes, sources, driving.double()).out)
    rounding = (single - exact).abs().max()
    assert rounding < 1e-4
    assert (together - single).abs().max() <= 4 * rounding


def test_two_portraits_do_not_disturb_each_other() -> None:
    renderer = FrameRenderer(tiny_warping(), tiny_generator())
    (first, kp, driving), (second, other_kp, _) = inputs(3, 1), inputs(4, 1)
    portrait = renderer.prepare(first, kp)
    wanted = renderer.render(portrait, driving)
    other = renderer.prepare(second, other_kp)
    assert not torch.equal(renderer.render(other, driving), wanted)
    assert torch.equal(renderer.render(portrait, driving), wanted)
