from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from engines.joyhallo.fast.fast_parts import attend, folded_keys, folded_values, pack, probabilities
from engines.joyhallo.fast.fast_unet import ClipMemory, FastDenoisingUNet
from engines.joyhallo.fast.fast_upsample import FastUpsample
from engines.joyhallo.networks.spatial_transformer import SpatialBlock
from engines.joyhallo.pipeline.conditions import ClipConditions
from tests.engines.joyhallo.tiny_unets import CONFIG, FRAMES, SIDE, conditions, denoising_unet, latents

STEP = 500


@torch.inference_mode()
def step(fast: FastDenoisingUNet, memory: ClipMemory, frames: int = FRAMES, deep=None):
    return fast(latents(frames), torch.tensor(STEP), memory, deep)


CASES: dict[str, dict[str, Any]] = {
    "guided": {},
    "one pass": {"guided": False},
    "a mask for each frame": {"mask_rows": 2 * FRAMES},
    "one pass, a mask for each frame": {"guided": False, "mask_rows": FRAMES},
    "weighed": {"motion_scale": (0.5, 0.0, 2.0)},
    "an odd number of frames": {"frames": 5},
}


@cache
def conditions_of(case: str) -> ClipConditions:
    return conditions(**CASES[case])


@pytest.mark.parametrize("audio", ["joyhallo", "hallo"])
@pytest.mark.parametrize("case", CASES)
def test_the_fast_path_gives_the_plain_ones_numbers(audio, case) -> None:
    given = conditions_of(case)
    net = denoising_unet(audio)
    plain = net(latents(given.frames), STEP, given)
    fast = FastDenoisingUNet(net)
    ours, _ = step(fast, fast.prepare(given), given.frames)
    assert ours.shape == plain.shape
    assert (ours - plain).abs().max() < 5e-5
    again = net(latents(given.frames), STEP, given)  # on the weights as they are packed now
    assert (again - plain).abs().max() < 5e-5


def test_several_videos_at_once_are_each_their_own() -> None:
    """Without guidance; rows of other videos are seen, as in the original, so the whole batch is compared."""
    one, two = conditions(guided=False), conditions(guided=False, motion_scale=(1, 1, 1))
    both = replace(
        one,
        banks={name: torch.cat([bank, two.banks[name] + 1]) for name, bank in one.banks.items()},
        face_tokens=torch.cat([one.face_tokens, two.face_tokens + 1]),
        audio_tokens=torch.cat([one.audio_tokens, two.audio_tokens + 1]),
        locator=torch.cat([one.locator, two.locator + 1]),
    )
    net = denoising_unet()
    noisy = torch.cat([latents(), latents() + 1])
    plain = net(noisy, STEP, both)
    fast = FastDenoisingUNet(net)
    with torch.inference_mode():
        ours = fast(noisy, STEP, fast.prepare(both))[0]
    assert (ours - plain).abs().max() < 5e-5


def test_the_conditional_half_can_continue_alone() -> None:
    fast = FastDenoisingUNet(denoising_unet())
    memory = fast.prepare(conditions())
    both, alone = step(fast, memory)[0], step(fast, memory.seeing())[0]
    assert alone.shape[0] == 1
    assert (alone[0] - both[1]).abs().max() < 5e-5


def test_the_deep_feature_stands_for_the_deep_blocks() -> None:
    fast = FastDenoisingUNet(denoising_unet())
    memory = fast.prepare(conditions())
    whole, deep = step(fast, memory)
    runs = []
    fast.plain.mid_block.resnets[0].conv2.register_forward_hook(lambda *_: runs.append(1))
    again, kept = step(fast, memory, deep=deep)
    assert runs == []
    assert kept is deep
    assert torch.equal(again, whole)
    assert not torch.equal(step(fast, memory, deep=deep.flip(1))[0], whole)


def test_weights_are_in_memory_once() -> None:
    net = denoising_unet()
    fast = FastDenoisingUNet(net)
    of_samplers = {id(value) for value in fast.samplers.buffers()}
    storages = {
        value.untyped_storage().data_ptr()
        for value in fast.buffers()
        if id(value) not in of_samplers and value.ndim == 2
    }
    packed = {weight.untyped_storage().data_ptr() for weight in net.parameters()}
    assert storages
    assert storages <= packed


def test_conditions_without_banks_are_for_training_only() -> None:
    with pytest.raises(ValueError, match="no bank"):
        FastDenoisingUNet(denoising_unet()).prepare(conditions(banks={}))


def test_nothing_in_a_step_depends_on_data() -> None:
    """On tensors without contents it runs all the same, so it can be recorded."""
    with torch.device("meta"):
        fast = FastDenoisingUNet(denoising_unet())
    memory = fast.prepare(_emptied(conditions()))
    out, _ = fast(latents().to("meta"), torch.tensor(STEP, device="meta"), memory)
    assert out.shape == (2, 4, FRAMES, SIDE, SIDE)


def _emptied(given):
    return replace(
        given,
        banks={name: bank.to("meta") for name, bank in given.banks.items()},
        face_tokens=given.face_tokens.to("meta"),
        audio_tokens=given.audio_tokens.to("meta"),
        locator=given.locator.to("meta"),
        masks=tuple(mask.to("meta") for mask in given.masks),
    )


def test_bfloat16_is_as_near_as_in_the_plain_path() -> None:
    given = conditions()
    exact = denoising_unet()(latents(), STEP, given)
    fast = FastDenoisingUNet(denoising_unet().bfloat16())
    with torch.inference_mode():
        ours = fast(latents().bfloat16(), STEP, fast.prepare(given))[0]
    assert ours.dtype == torch.bfloat16
    assert (ours - exact).std() < 0.05 * exact.std()


@settings(max_examples=20, deadline=None)
@given_any(
    st.integers(1, 5), st.integers(1, 5), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**31 - 1)
)
def test_a_merged_enlargement_is_the_plain_one(height, width, inputs, outputs, seed) -> None:
    torch.manual_seed(seed)
    convolution = torch.nn.Conv2d(inputs, outputs, 3, padding=1)
    x = torch.randn(2, inputs, height, width)
    plain = convolution(F.interpolate(x, scale_factor=2, mode="nearest"))
    assert (FastUpsample(convolution)(x) - plain).abs().max() < 5e-5


def test_folded_attention_is_attention() -> None:
    attention = SpatialBlock(32, CONFIG).requires_grad_(False).attn2
    tokens, context = torch.randn(2, 9, 32), torch.randn(2, 5, 16)
    shares = probabilities(tokens, folded_keys(attention, context), CONFIG.heads)
    folded = shares @ folded_values(attention, context)
    assert (folded - attention(tokens, encoder_hidden_states=context)).abs().max() < 5e-5


def test_packed_layers_are_views_of_one_matrix() -> None:
    layers = [torch.nn.Linear(4, 8, bias=False) for _ in range(3)]
    x = torch.randn(2, 4)
    before = torch.cat([layer(x) for layer in layers], dim=1)
    packed = pack(*layers)
    packed_again = F.linear(x, packed)
    assert torch.allclose(packed_again, before, atol=1e-6)
    packed.zero_()
    assert not torch.cat([layer(x) for layer in layers]).any()


def test_fused_attention_takes_heads_in_turn() -> None:
    query, key = torch.randn(1, 2, 8), torch.randn(1, 3, 8)
    value = torch.randn(1, 3, 8)
    both = attend(query, key, value, 2)
    first = attend(query[..., :4], key[..., :4], value[..., :4], 1)
    assert torch.allclose(both[..., :4], first, atol=1e-6)


class RepeatedWeights(TorchDispatchMode):
    """Counts products in which every batch is given the same matrix: on a CPU each has a copy of it made."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function is torch.ops.aten.bmm.default:
            self.count += any(factor.shape[0] > 1 and factor.stride(0) == 0 for factor in args)
        return function(*args, **(kwargs or {}))


def test_no_layer_is_multiplied_batch_by_batch() -> None:
    fast = FastDenoisingUNet(denoising_unet())
    memory = fast.prepare(conditions())
    # inference mode would show a layer as one call
    with torch.no_grad(), RepeatedWeights() as repeated:
        fast(latents(), STEP, memory)
    assert repeated.count == 0
