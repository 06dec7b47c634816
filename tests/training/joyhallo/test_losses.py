from __future__ import annotations

import pytest
import torch

from training.joyhallo.losses import min_snr_weights, noised, sample_losses, signal_to_noise, total_loss

STEPS = torch.tensor([0, 200, 500, 900, 999])


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape)))


def test_the_last_step_is_pure_noise_and_its_velocity_the_picture() -> None:
    clean, noise = drawn(2, 4, 3, 8, 8), drawn(2, 4, 3, 8, 8) + 1
    noisy, velocity = noised(clean, noise, torch.tensor([999, 0]))
    torch.testing.assert_close(noisy[0], noise[0])
    torch.testing.assert_close(velocity[0], -clean[0])
    assert (noisy[1] - clean[1]).abs().mean() < 0.05  # the first step is hardly noisy


def test_noisy_and_velocity_give_the_clean_latents_back() -> None:
    """x = a z + s e and v = a e - s z, so z = a x - s v."""
    clean, noise = drawn(5, 4, 2, 4, 4), drawn(5, 4, 2, 4, 4).flip(0)
    noisy, velocity = noised(clean, noise, STEPS)
    ratio = signal_to_noise(STEPS)
    signal = (ratio / (ratio + 1)).sqrt().view(-1, 1, 1, 1, 1)
    spread = (1 / (ratio + 1)).sqrt().view(-1, 1, 1, 1, 1)
    torch.testing.assert_close(signal * noisy - spread * velocity, clean, atol=1e-5, rtol=1e-4)


def test_clear_samples_count_less_and_no_sample_counts_more_than_one() -> None:
    weights = min_snr_weights(STEPS)
    ratios = signal_to_noise(STEPS)
    assert ratios[-1] == 0
    assert torch.all(ratios.diff() < 0)
    assert torch.all(weights.diff() >= 0)
    assert weights[-1] == weights[-2] == 1
    torch.testing.assert_close(weights[0], 5 / (ratios[0] + 1))
    torch.testing.assert_close(min_snr_weights(STEPS, limit=2.0)[0], 2 / (ratios[0] + 1))


def test_each_sample_has_its_own_loss() -> None:
    velocity = drawn(2, 4, 3, 4, 4)
    predicted = velocity.clone()
    predicted[1] += 2
    torch.testing.assert_close(sample_losses(predicted, velocity), torch.tensor([0.0, 4.0]))
    assert sample_losses(predicted.bfloat16(), velocity.bfloat16()).dtype == torch.float32


@pytest.mark.parametrize(("reference_loss", "expected"), [(False, 1.0), (True, 4 / 3)])
def test_the_original_averages_before_it_weighs(reference_loss: bool, expected: float) -> None:
    losses, weights = torch.tensor([1.0, 3.0]), torch.tensor([1.0, 1 / 3])
    total = total_loss(losses, weights, reference_loss=reference_loss)
    assert float(total) == pytest.approx(expected)
