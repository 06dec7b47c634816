from __future__ import annotations

import pytest

from engines.joyhallo.networks.builders import document
from engines.joyhallo.networks.config import UNetConfig


def test_the_public_files_give_the_real_size() -> None:
    assert UNetConfig.from_dict(document()) == UNetConfig.full()


def test_banks_are_named_in_the_order_of_a_pass() -> None:
    names = UNetConfig.full().bank_names
    assert len(names) == 16
    assert names[:2] == ("down_blocks.0.attentions.0", "down_blocks.0.attentions.1")
    assert names[6] == "mid_block.attentions.0"
    assert names[-1] == "up_blocks.3.attentions.2"


def test_other_blocks_are_refused() -> None:
    other = document()
    other["unet"] = {**other["unet"], "down_block_types": ["DownBlock2D"] * 4}
    with pytest.raises(ValueError, match="not JoyHallo's"):
        UNetConfig.from_dict(other)
