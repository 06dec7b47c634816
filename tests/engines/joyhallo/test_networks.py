"""Which networks there are, in which sizes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from engines.joyhallo.networks.builders import (
    HALLO,
    PARTS,
    TINY,
    build,
    constants,
    document,
    listed_name,
    manifest,
    network,
)
from engines.joyhallo.networks.denoising_unet import DEAD
from engines.weights.naming import current_name
from engines.weights.synthesis import fill_network
from tests.parity.originals import without_dead_modules

NAMES = (*PARTS, HALLO, "vae", "wav2vec")


def test_the_lists_count_what_was_published() -> None:
    """The published checkpoints of JoyHallo and Hallo have these."""
    listed = manifest()
    assert sum(len(listed[part].rows) for part in PARTS) == 2496
    numbers = [math.prod(row.shape) for part in PARTS for row in listed[part].rows if row.rule != "keep"]
    assert sum(numbers) == 2_372_049_684
    extra = listed[HALLO].shapes.keys() - listed["denoising_unet"].shapes.keys()
    assert len(extra) == 160
    assert all(".attn2_1." in key or ".attn2_2." in key for key in extra)


def test_the_motion_modules_that_never_run_are_listed() -> None:
    dead = [row for row in manifest()["denoising_unet"].rows if DEAD.match(row.name) and row.rule != "keep"]
    assert sum(row.size for row in dead) == 180_358_400


@pytest.mark.parametrize("name", NAMES)
def test_real_sizes_are_built_as_listed(name: str) -> None:
    with torch.device("meta"):
        state = build(name).state_dict()
    rows = manifest()[name].rows
    listed = {current_name(row.name): row.shape for row in rows if not DEAD.match(row.name)}
    assert {key: tuple(value.shape) for key, value in state.items()} == listed


@pytest.mark.parametrize("name", NAMES)
def test_tiny_networks_take_what_is_random_for_them(name: str) -> None:
    sizes = document("tiny")
    rows = network(name, sizes)
    full = {row.name: row for row in manifest()[name].rows}
    assert all(row.rule == full[row.name].rule for row in rows.rows)
    filled = fill_network(rows, keep=constants(rows))
    state = {current_name(key): torch.from_numpy(value) for key, value in filled.items()}
    build(name, sizes).load_state_dict(without_dead_modules(state), strict=True)


def test_tiny_sizes_differ_from_the_real_ones_and_nothing_else_does() -> None:
    full, tiny = document(), document("tiny")
    assert full.keys() == tiny.keys()
    for part, given in full.items():
        assert {key for key in given if given[key] != tiny[part][key]} <= TINY.get(part, {}).keys()


def test_position_tables_are_sines_and_cosines_in_turn() -> None:
    rows = network("denoising_unet", document("tiny"))
    tables = constants(rows)
    assert len(tables) == 42
    table = next(iter(tables.values()))
    assert table.shape == (1, 32, 32)
    np.testing.assert_allclose(table[0, 3, :2], [math.sin(3), math.cos(3)], atol=1e-6)


def test_a_hallo_network_is_another_one() -> None:
    assert listed_name("denoising_unet", "hallo") == HALLO
    assert listed_name("reference_unet", "hallo") == "reference_unet"
    with pytest.raises(KeyError):
        build("nothing")
