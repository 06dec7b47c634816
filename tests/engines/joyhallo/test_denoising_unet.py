from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from engines.joyhallo.networks.audio_module import AudioTransformerBlock
from engines.joyhallo.networks.denoising_unet import DEAD, DenoisingUNet
from tests.engines.joyhallo.tiny_unets import CONFIG, FRAMES, SIDE, conditions, denoising_unet, latents
from tests.parity.originals import without_dead_modules

STEP = 500


@pytest.fixture(scope="module")
def net() -> DenoisingUNet:
    return denoising_unet()


def changed_banks(given, row: int):
    """Banks with another portrait (row 0) or another motion frame, in both halves."""
    banks = {name: bank.clone() for name, bank in given.banks.items()}
    for bank in banks.values():
        bank[:, row] = bank[:, row].flip(-1)
    return replace(given, banks=banks)


def test_only_the_conditional_half_sees_the_portrait(net: DenoisingUNet) -> None:
    given = conditions()
    before, after = net(latents(), STEP, given), net(latents(), STEP, changed_banks(given, 0))
    assert before.shape == (2, 4, FRAMES, SIDE, SIDE)
    assert torch.equal(before[0], after[0])
    assert (before[1] - after[1]).abs().max() > 1e-2


@pytest.mark.parametrize("frame", [1, 2])
def test_both_halves_continue_from_the_motion_frames(net: DenoisingUNet, frame: int) -> None:
    given = conditions()
    moved = (net(latents(), STEP, given) - net(latents(), STEP, changed_banks(given, frame))).abs()
    assert moved[0].max() > 1e-2
    assert moved[1].max() > 1e-2


def test_the_function_does_not_depend_on_the_training_flag(net: DenoisingUNet) -> None:
    """In the original `.eval()` changes what is computed."""
    given = conditions()
    assert torch.equal(net.train()(latents(), STEP, given), net.eval()(latents(), STEP, given))


def test_motion_modules_that_never_run_are_not_built_but_their_keys_are_taken(net: DenoisingUNet) -> None:
    state = net.state_dict()
    assert not any(DEAD.match(key) for key in state)
    dead = {
        "down_blocks.3.motion_modules.0.temporal_transformer.norm.weight": torch.ones(64),
        "up_blocks.0.motion_modules.2.temporal_transformer.norm.weight": torch.ones(64),
    }
    assert without_dead_modules({**dead, **state}).keys() == state.keys()


def test_the_motion_scale_weighs_what_the_voice_does(net: DenoisingUNet) -> None:
    given = conditions()
    silent = replace(given, audio_tokens=given.audio_tokens + 1)
    nothing = (0.0, 0.0, 0.0)
    still = [net(latents(), STEP, replace(c, motion_scale=nothing)) for c in (given, silent)]
    assert torch.equal(*still)
    assert not torch.allclose(net(latents(), STEP, given), net(latents(), STEP, silent))
    assert not torch.allclose(still[0], net(latents(), STEP, given))


def test_a_masks_bias_acts_outside_of_it_too() -> None:
    block = AudioTransformerBlock(32, CONFIG, "joyhallo").requires_grad_(False)
    parts = block.branches(torch.randn(2, 9, 32), torch.randn(2, 5, 24), torch.zeros(3, 2, 9))
    for part, convolution in zip(parts, block.convolutions(), strict=True):
        assert torch.allclose(part, convolution.bias.expand_as(part))


def test_hallo_attends_once_for_each_mask() -> None:
    joyhallo, hallo = (AudioTransformerBlock(32, CONFIG, kind) for kind in ("joyhallo", "hallo"))
    assert len({id(attention) for attention in joyhallo.audio_attentions()}) == 1
    assert len({id(attention) for attention in hallo.audio_attentions()}) == 3
    extra = hallo.state_dict().keys() - joyhallo.state_dict().keys()
    assert len(extra) == 10
    assert {key.split(".")[0] for key in extra} == {"attn2_1", "attn2_2"}
    with pytest.raises(ValueError, match="no audio block"):
        AudioTransformerBlock(32, CONFIG, "echo")  # type: ignore[arg-type]


def test_each_row_may_have_its_own_timestep(net: DenoisingUNet) -> None:
    given = conditions()
    both = net(latents(), torch.tensor([10, 900]), given)
    for row, step in enumerate((10, 900)):
        assert torch.allclose(both[row], net(latents(), step, given)[row], atol=1e-5)


def test_every_weight_that_training_moves_has_a_gradient() -> None:
    net = denoising_unet().requires_grad_(True)
    net(latents(), STEP, conditions(guided=False, banks={})).square().mean().backward()
    assert [name for name, weight in net.named_parameters() if weight.grad is None] == []


def test_bfloat16_runs(net: DenoisingUNet) -> None:
    given = conditions()
    low = denoising_unet().bfloat16()
    rounded = replace(
        given,
        banks={name: bank.bfloat16() for name, bank in given.banks.items()},
        face_tokens=given.face_tokens.bfloat16(),
        audio_tokens=given.audio_tokens.bfloat16(),
        locator=given.locator.bfloat16(),
        masks=tuple(mask.bfloat16() for mask in given.masks),
    )
    out = low(latents().bfloat16(), STEP, rounded)
    assert out.dtype == torch.bfloat16
    exact = net(latents(), STEP, given)
    assert (out - exact).std() < 0.05 * exact.std()
