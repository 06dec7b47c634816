from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.joyvasa.networks.audio_encoder import build_audio_encoder, encode, pad_audio, resample_frames
from engines.joyvasa.networks.builders import ENCODER
from tests.engines.joyvasa.tiny_motion import generator_with, tiny_generator, tiny_state, voice

STEM = "audio_encoder.encoder.pos_conv_embed.conv."


@settings(max_examples=60, deadline=None)
@given(length=st.integers(700, 4000))
def test_padding_makes_a_frame_of_every_whole_hop_unless_the_sound_reaches_on(length: int) -> None:
    samples = torch.arange(length, dtype=torch.float32)[None]
    padded = pad_audio(samples)
    extra = padded.shape[1] - length
    assert extra % 2 == 0
    kept = padded[:, extra // 2 : extra // 2 + length]
    assert torch.equal(kept, samples)
    wanted = 320 * (length // 320) + 80
    assert padded.shape[1] in (wanted, wanted + 1) if length <= wanted else padded.shape[1] == length


def test_two_mirrors_are_not_one_of_twice_the_width() -> None:
    samples = torch.arange(64000, dtype=torch.float32)[None]
    padded = pad_audio(samples)[0]
    assert padded[:41].tolist() == [*range(20), *range(20, -1, -1)]


@pytest.mark.parametrize("model", ["hubert", "wav2vec2"])
def test_an_encoder_gives_the_frames_asked_for(model) -> None:
    encoder = build_audio_encoder(model, **ENCODER).eval()
    with torch.no_grad():
        hidden = encode(encoder, pad_audio(torch.from_numpy(voice(6400))[None]), 10)
    assert hidden.shape == (1, 10, ENCODER["hidden_size"])
    assert torch.isfinite(hidden).all()


def test_both_encoders_agree_on_the_same_weights() -> None:
    samples = torch.from_numpy(voice(64000))[None]
    with torch.no_grad():
        ours = [tiny_generator(model).audio_features(samples) for model in ("hubert", "wav2vec2")]
    assert (ours[0] - ours[1]).abs().max() < 1e-5


def test_loudness_is_not_normalised_away() -> None:
    generator = tiny_generator()
    samples = torch.from_numpy(voice(64000))[None]
    with torch.no_grad():
        loud, soft = generator.audio_features(samples), generator.audio_features(samples * 0.1 + 0.05)
    assert (loud - soft).abs().max() > 1e-3


def test_old_weight_norm_names_are_read_as_the_new_ones() -> None:
    new, state = tiny_generator(), tiny_state()
    for old, name in (("weight_g", "original0"), ("weight_v", "original1")):
        state[STEM + old] = state.pop(f"{STEM}parametrizations.weight.{name}")
    read = generator_with(state, new.config)
    assert read.state_dict().keys() == new.state_dict().keys()
    samples = torch.from_numpy(voice(6400))[None]
    with torch.no_grad():
        assert torch.equal(read.audio_features(samples, 10), new.audio_features(samples, 10))


def test_halving_frames_is_the_mean_of_neighbours() -> None:
    features = torch.randn(1, 3, 8)
    halved = resample_frames(features, 4)
    assert torch.allclose(halved, features.unflatten(-1, (4, 2)).mean(-1))
    assert resample_frames(features, 8) is features


def test_an_unknown_encoder_is_named() -> None:
    with pytest.raises(ValueError, match="whisper"):
        build_audio_encoder("whisper")  # type: ignore[arg-type]


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("model", ["hubert", "wav2vec2"])
def test_a_frozen_extractor_takes_no_part_in_gradients(model, frozen) -> None:
    encoder = build_audio_encoder(model, **ENCODER).train()
    encoder.feature_extractor.requires_grad_(not frozen)
    seen = []
    encoder.feature_extractor.register_forward_hook(lambda module, given, out: seen.append(out.requires_grad))
    encode(encoder, pad_audio(torch.from_numpy(voice(6400))[None]), 10).sum().backward()
    assert seen == [not frozen]
    assert all((one.grad is None) is frozen for one in encoder.feature_extractor.parameters())
    assert encoder.feature_projection.projection.weight.grad is not None
