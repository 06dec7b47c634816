from __future__ import annotations

import pytest

from benchmarks import joyhallo_flops
from benchmarks.joyhallo_flops import AIM, PARTS, count


def test_the_plain_step_takes_what_the_original_takes() -> None:
    """Counted on the original's own networks: 52.83 TFLOP a guided step."""
    assert count(fast=False).step == pytest.approx(52.83, abs=0.01)


def test_the_fast_step_keeps_its_aim() -> None:
    counted = count(fast=True)
    assert counted.step < AIM
    assert set(counted.parts) == set(PARTS)
    assert min(counted.parts.values()) > 0
    assert counted.clip["prepared by the fast path"] < 0.02 * counted.step


def test_names_of_results_tell_the_part() -> None:
    parts = {
        "down_blocks.1": "samplers",
        "up_blocks.3.resnets.2": "resnets",
        "mid_block.attentions.0": "spatial transformers",
        "conv_in": "rest",
        "mid_block": "rest",
    }
    assert {name: joyhallo_flops._part(name) for name in parts} == parts
