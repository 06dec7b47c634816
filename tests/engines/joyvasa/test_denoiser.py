from __future__ import annotations

import pytest
import torch

from engines.joyvasa.fast.fast_denoiser import FastDenoiser
from engines.joyvasa.motion.guidance import prepare_window
from engines.joyvasa.networks.denoiser import Denoiser, sinusoidal_table
from tests.engines.joyvasa.tiny_motion import tiny_generator

VOICES = 2


@pytest.fixture(scope="module")
def inputs() -> dict[str, torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    shapes = {
        "previous_motion": (25, 70),
        "previous_audio": (25, 32),
        "audio": (100, 32),
        "motion": (100, 70),
    }
    return {name: torch.randn(VOICES, *shape, generator=source) for name, shape in shapes.items()}


@pytest.mark.parametrize("encoding", ["pe_old", "pe_fixed"])
@pytest.mark.parametrize("branches", [(True,), (False,), (False, True)])
def test_the_fast_denoiser_gives_the_plain_ones_numbers(inputs, encoding, branches) -> None:
    generator = tiny_generator()
    net, null = generator.denoising_net, generator.null_audio_feat
    net.positional_encoding = encoding
    prepared = (inputs["previous_motion"], inputs["previous_audio"], inputs["audio"], branches)
    with torch.inference_mode():
        plain = prepare_window(net, null, *prepared)
        fast = prepare_window(FastDenoiser(net, null), null, *prepared)
        for step in (50, 7):
            ours, theirs = fast(inputs["motion"], step), plain(inputs["motion"], step)
            assert ours.shape == (len(branches), VOICES, 100, 70)
            assert (ours - theirs).abs().max() < 1e-5


def test_outputs_that_are_left_out_do_not_change_the_others(inputs) -> None:
    generator = tiny_generator()
    with torch.inference_mode():
        window = FastDenoiser(generator.denoising_net, generator.null_audio_feat).window(
            inputs["previous_motion"], inputs["previous_audio"], inputs["audio"], (True,)
        )
        everything = window(inputs["motion"], 3, all_outputs=True)
        assert everything.shape[2] == 125
        assert (everything[:, :, 25:] - window(inputs["motion"], 3)).abs().max() < 1e-6


def test_a_single_layer_is_first_and_last(inputs) -> None:
    net, null = Denoiser(feature_dim=32, heads=4, layers=1).eval(), torch.randn(1, 1, 32)
    prepared = (inputs["previous_motion"], inputs["previous_audio"], inputs["audio"], (False, True))
    with torch.inference_mode():
        plain = prepare_window(net, null, *prepared)(inputs["motion"], 5)
        fast = prepare_window(FastDenoiser(net, null), null, *prepared)(inputs["motion"], 5)
    assert fast.shape == plain.shape
    assert (fast - plain).abs().max() < 1e-5


def test_a_frame_hears_its_own_audio_only_through_cross_attention(inputs) -> None:
    """With self-attention silenced, changed audio in one frame changes that frame alone."""
    net = Denoiser(feature_dim=32, heads=4, layers=2).eval()
    for layer in net.transformer.layers:
        torch.nn.init.zeros_(layer.self_attn.out_proj.weight)
    other = inputs["audio"].clone()
    other[:, 40] += 1
    steps = torch.full((VOICES,), 9)
    with torch.no_grad():
        before = net(
            inputs["motion"], inputs["audio"], inputs["previous_motion"], inputs["previous_audio"], steps
        )
        after = net(inputs["motion"], other, inputs["previous_motion"], inputs["previous_audio"], steps)
    changed = (before != after).any(dim=2)
    assert changed[:, 65].all()
    assert changed.sum() == VOICES


def test_the_position_codes() -> None:
    net = Denoiser(feature_dim=32, heads=4, layers=1)
    table = sinusoidal_table(600, 32)
    assert torch.equal(net.place(125), table[:, 125:126])
    net.positional_encoding = "pe_fixed"
    assert torch.equal(net.place(125), table[:, :125])
    assert torch.equal(table[0, 0], torch.tensor([0.0, 1.0] * 16))
