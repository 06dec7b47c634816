"""From a voice to windows: lengths, chunks, and the difference between a chunked voice and a whole one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from transformers import Wav2Vec2Config, Wav2Vec2Model

from engines.joyhallo.audio.conv_features import ConvFeatures
from engines.joyhallo.audio.features import (
    OVERLAP,
    WHOLE,
    AudioPlan,
    chunks,
    clip_windows,
    hidden_states,
    normalised,
    plan_audio,
)

SMALL = {
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "conv_dim": [16] * 7,
    "num_conv_pos_embeddings": 128,
    "num_conv_pos_embedding_groups": 4,
}


@pytest.fixture(scope="module")
def encoder() -> Iterator[nn.Module]:
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield Wav2Vec2Model(Wav2Vec2Config(**SMALL)).eval()
    torch.set_num_threads(threads)


def voice(seconds: float) -> np.ndarray:
    """Noise that swells and sinks, as speech does."""
    rng = np.random.default_rng(int(seconds * 1000))
    count = round(seconds * 16000)
    swell = 0.5 + 0.5 * np.sin(np.arange(count) / 16000 * 2 * np.pi * 0.7)
    return (0.1 * rng.standard_normal(count) * swell + 0.02).astype(np.float32)


def whole_plan(samples: np.ndarray) -> AudioPlan:
    return plan_audio(len(samples), clip=1)


@pytest.mark.parametrize(
    ("samples", "plan"),
    [
        (20800, AudioPlan(20800, 33, 48, 15 * 640)),
        (16 * 640, AudioPlan(16 * 640, 16, 16, 0)),
        (16 * 640 + 1, AudioPlan(16 * 640 + 1, 17, 32, 15 * 640)),
        (3200, AudioPlan(3200, 5, 16, 11 * 640)),
    ],
)
def test_a_voice_is_padded_to_whole_clips(samples: int, plan: AudioPlan) -> None:
    assert plan_audio(samples) == plan


def test_the_videos_frames_are_what_was_asked_for() -> None:
    """A voice's own length and that of its 16 kHz samples may differ by one frame."""
    assert plan_audio(16 * 640, 17) == AudioPlan(16 * 640, 17, 32, 16 * 640)
    assert plan_audio(16 * 640 + 1, 16) == AudioPlan(16 * 640 + 1, 16, 32, 15 * 640)
    assert plan_audio(20800, clip=1) == AudioPlan(20800, 33, 33, 0)


def test_the_wave_is_normalised_over_its_length() -> None:
    wave = normalised(voice(2))
    assert wave.dtype == np.float32
    assert wave.mean() == pytest.approx(0, abs=1e-5)
    assert wave.std() == pytest.approx(1, abs=1e-4)
    assert np.isfinite(normalised(np.zeros(100, np.float32))).all()


@given(st.integers(1, 5000), st.integers(1, 400), st.integers(0, 100))
def test_chunks_keep_every_frame_once(frames: int, kept: int, overlap: int) -> None:
    whole = kept + 2 * overlap
    place = 0
    for start, stop, first, last in chunks(frames, whole, overlap):
        assert start == place
        place = stop
        assert last - first <= whole or frames <= whole
        assert first in (0, start - overlap)
        assert last in (frames, stop + overlap)
    assert place == frames


def test_overlaps_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="keep nothing"):
        list(chunks(100, 40, 20))


def test_a_minute_is_one_chunk() -> None:
    assert list(chunks(1500)) == [(0, 1500, 0, 1500)]
    assert list(chunks(1501)) == [(0, 1000, 0, 1250), (1000, 1501, 750, 1501)]


@torch.no_grad()
def test_layers_are_those_that_the_library_gives(encoder: nn.Module) -> None:
    """At 50 frames a second, where interpolation changes nothing, the library's own states come out."""
    samples = voice(2)
    wave = torch.from_numpy(normalised(samples))
    length = ConvFeatures(encoder, wave, 1).length
    plan = AudioPlan(len(samples), length, length, 0)
    ours = torch.cat(list(hidden_states(encoder, samples, plan)))
    theirs = encoder(wave[None], output_hidden_states=True).hidden_states[1:]
    torch.testing.assert_close(ours, torch.stack(theirs, dim=2)[0], atol=1e-5, rtol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("part", [1000, 16000, 33333])
def test_convolutions_in_parts_are_exact(encoder: nn.Module, part: int) -> None:
    samples = voice(4.3)
    plan = whole_plan(samples)
    wave = torch.from_numpy(normalised(samples))
    features = ConvFeatures(encoder, wave, plan.padded_frames, part)
    expected = encoder.feature_extractor(wave[None])
    assert features.length == expected.shape[2]
    torch.testing.assert_close(features.encoder_frames(0, features.length), expected[0], atol=1e-5, rtol=1e-5)
    interpolated = nn.functional.interpolate(expected, plan.padded_frames, mode="linear", align_corners=True)[
        0
    ].T
    torch.testing.assert_close(features.frames(0, plan.padded_frames), interpolated, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(features.frames(40, 57), interpolated[40:57], atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_more_frames_than_the_encoder_has(encoder: nn.Module) -> None:
    wave = torch.from_numpy(normalised(voice(0.2)))
    features = ConvFeatures(encoder, wave, 16, part=2000)
    expected = nn.functional.interpolate(
        encoder.feature_extractor(wave[None]),
        16,
        mode="linear",
        align_corners=True,
    )
    torch.testing.assert_close(features.frames(0, 16), expected[0].T, atol=1e-5, rtol=1e-5)


def test_other_encoders_and_too_short_waves_are_refused(encoder: nn.Module) -> None:
    other = Wav2Vec2Model(Wav2Vec2Config(**SMALL, feat_extract_norm="layer"))
    with pytest.raises(ValueError, match="`group`"):
        ConvFeatures(other, torch.zeros(16000), 25)
    with pytest.raises(ValueError, match="399 samples are shorter than the 400"):
        ConvFeatures(encoder, torch.zeros(399), 1)


def test_the_seam_of_a_chunked_voice_is_bounded(encoder: nn.Module) -> None:
    """What a chunk cannot hear is the rest of the voice; at its seam, with the overlap, it loses no more."""
    samples = voice(100)
    plan = whole_plan(samples)
    assert plan.frames > WHOLE
    exact = torch.cat(list(hidden_states(encoder, samples, plan, whole=10**9)))
    pieces = list(hidden_states(encoder, samples, plan))
    assert [len(piece) for piece in pieces] == [1000, 1000, 500]
    error = relative_error(torch.cat(pieces), exact)
    assert error.mean() < 0.001
    assert error.max() < 0.01
    seam, middle = error[990:1010].mean(), error[400:600].mean()
    assert seam < 1.25 * middle
    blunt = relative_error(
        torch.cat(list(hidden_states(encoder, samples, plan, whole=1000, overlap=0))), exact
    )
    assert blunt[990:1010].mean() > 5 * seam
    assert OVERLAP >= 128  # the reach of the convolution over positions, there and back


def relative_error(ours: Tensor, exact: Tensor) -> Tensor:
    """(n,): of every frame the difference in shares of the usual value."""
    return (ours - exact).square().mean(dim=(1, 2)).sqrt() / exact.square().mean().sqrt()


def test_no_chunk_is_longer_than_allowed(encoder: nn.Module) -> None:
    """Memory grows with what a layer is given at once; that does not depend on the voice."""
    heard: list[int] = []
    seen: list[int] = []
    inner = encoder.get_submodule("encoder.layers.0")
    first = encoder.get_submodule("feature_extractor.conv_layers.0.conv")
    handles = [
        inner.register_forward_pre_hook(lambda _, given: heard.append(given[0].shape[1])),
        first.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape[2])),
    ]
    samples = voice(40)
    list(hidden_states(encoder, samples, whole_plan(samples), whole=300, overlap=50))
    for handle in handles:
        handle.remove()
    assert max(heard) == 300
    assert max(seen) <= 10 * 16000 + 400


@pytest.mark.parametrize("sizes", [[48], [16, 32], [5] * 9 + [3], [1] * 48])
def test_windows_do_not_depend_on_how_the_frames_arrive(sizes: list[int]) -> None:
    rows = torch.arange(48.0)[:, None, None].expand(48, 2, 3)
    clips = list(clip_windows(iter(rows.split(sizes))))
    assert [clip.shape for clip in clips] == [(16, 5, 2, 3)] * 3
    expected = (torch.arange(48)[:, None] + torch.arange(-2, 3)).clamp(0, 47).float()
    assert torch.equal(torch.cat(clips)[..., 0, 0], expected)


def test_the_first_clip_leaves_before_the_last_piece_is_computed() -> None:
    computed = []

    def pieces() -> Iterator[Tensor]:
        for i in range(3):
            computed.append(i)
            yield torch.zeros(32, 1, 1)

    next(clip_windows(pieces()))
    assert computed == [0]
