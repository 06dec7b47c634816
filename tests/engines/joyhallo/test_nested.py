"""The arguments of a recorded step are flattened and rebuilt, in any nested containers."""

from __future__ import annotations

from typing import NamedTuple

import torch

from engines.joyhallo.fast.nested import leaves, mapped, structure


class Pair(NamedTuple):
    left: torch.Tensor
    right: torch.Tensor


def arguments() -> tuple[object, ...]:
    banks = {"down": [torch.zeros(1), torch.ones(2)], "up": (torch.full((3,), 2.0),)}
    return torch.arange(4), banks, Pair(torch.zeros(5), torch.ones(6)), None, 0.5, []


def test_leaves_come_in_order() -> None:
    sizes = [len(leaf) for leaf in leaves(arguments()) if isinstance(leaf, torch.Tensor)]
    assert sizes == [4, 1, 2, 3, 5, 6]
    assert [leaf for leaf in leaves(arguments()) if not isinstance(leaf, torch.Tensor)] == [None, 0.5]


def test_containers_stay_as_they_are() -> None:
    given = arguments()
    doubled = mapped(lambda leaf: leaf * 2 if isinstance(leaf, torch.Tensor) else leaf, given)
    assert structure(doubled) == structure(given)
    assert isinstance(doubled[2], Pair)
    for new, old in zip(leaves(doubled), leaves(given), strict=True):
        if isinstance(old, torch.Tensor):
            assert torch.equal(new, 2 * old)
        else:
            assert new == old


def test_other_containers_are_another_structure() -> None:
    one, two = torch.zeros(1), torch.ones(1)
    kinds = [(one, two), [one, two], (one, [two]), {"a": one, "b": two}, {"b": one, "a": two}, (one, two, [])]
    assert len({structure(kind) for kind in kinds}) == len(kinds)
