from __future__ import annotations

import torch

from tests.engines.joyhallo.tiny_unets import CONFIG, SIDE, reference_unet


def test_the_pass_ends_with_the_last_bank() -> None:
    """The banks are those of a whole pass, and what comes after the last of them is not computed."""
    net = reference_unet()
    source = torch.Generator().manual_seed(0)
    pictures = torch.randn(2, 4, SIDE, SIDE, generator=source)
    tokens = torch.randn(2, 4, 16, generator=source)
    runs = []
    last = net.get_submodule(CONFIG.bank_names[-1])
    last.proj_out.register_forward_hook(lambda *_: runs.append(1))
    banks = net(pictures, tokens)
    assert runs == []
    whole, feature = net(pictures, tokens, full_output=True)
    assert runs == [1]
    assert feature.shape == (2, 32, SIDE, SIDE)
    assert list(banks) == list(whole) == list(CONFIG.bank_names)
    assert all(torch.equal(banks[name], whole[name]) for name in banks)
    assert banks["down_blocks.2.attentions.0"].shape == (2, 4, 64)


def test_a_bank_is_what_the_first_norm_puts_out() -> None:
    net = reference_unet()
    banks = net(torch.ones(1, 4, SIDE, SIDE), torch.ones(1, 4, 16))
    name = "down_blocks.0.attentions.0"
    norm = net.get_submodule(name).block.norm1
    bank = (banks[name] - norm.bias) / norm.weight
    assert bank.mean(dim=-1).abs().max() < 1e-5
    assert (bank.var(dim=-1, correction=0) - 1).abs().max() < 1e-2
