from __future__ import annotations

import numpy as np
import torch

from engines.joyhallo.pipeline.conditions import NO_REFERENCE_FRAMES, prepare, stacked_masks, tiled
from tests.engines.joyhallo.tiny_unets import SIDE, conditions, reference_unet

NAME = "down_blocks.1.attentions.0"


def test_face_tokens_are_tiled_over_the_pictures() -> None:
    """Unconditional and conditional in turn, whatever half a picture belongs to."""
    sets = torch.tensor([[[0.0]], [[1.0]]])
    assert tiled(sets, 6).flatten().tolist() == [0, 1, 0, 1, 0, 1]


def test_frames_see_the_portraits_rows_in_turn() -> None:
    given = conditions(frames=4)
    first, second = given.banks[NAME][:, 0]
    seen = given.reference(NAME)
    assert seen is not None
    assert len(seen) == 8
    assert torch.equal(seen[4], first)
    assert torch.equal(seen[5], second)


def test_motion_features_are_the_later_rows_as_maps() -> None:
    given = conditions()
    features = given.motion_features(NAME, torch.zeros(8, 32, 4, 4))
    bank = given.banks[NAME]
    assert features.shape == (2, 2, 32, 4, 4)
    assert torch.equal(features[1, 0, :, 1, 2], bank[1, 1, 6])


def test_without_a_reference_pass_zeros_stand_for_the_motion_frames() -> None:
    given = conditions(banks={})
    features = given.motion_features(NAME, torch.ones(8, 32, 4, 4))
    assert features.shape == (2, NO_REFERENCE_FRAMES, 32, 4, 4)
    assert not features.any()
    assert given.reference(NAME) is None


def _prepared(null: torch.Tensor | None, rounding: torch.dtype | None = None):
    source = torch.Generator().manual_seed(0)
    return prepare(
        reference_unet(),
        latents=torch.randn(3, 4, SIDE, SIDE, generator=source),
        face_tokens=torch.ones(1, 4, 16),
        null_face_tokens=null,
        audio_tokens=torch.ones(1, 5, 2, 24),
        locator=torch.ones(1, 32, 1, SIDE, SIDE),
        masks=(),
        rounding=rounding,
    )


def test_guidance_stacks_an_unconditional_half_that_neither_hears_nor_has_a_locator() -> None:
    given = _prepared(torch.zeros(1, 4, 16))
    assert (given.rows, given.frames, given.blind) == (2, 5, 1)
    for values in (given.audio_tokens, given.locator, given.face_tokens):
        assert not values[0].any()
        assert values[1].all()
    assert given.banks[NAME].shape == (2, 3, 16, 32)


def test_without_guidance_there_is_one_row_that_sees() -> None:
    given = _prepared(None)
    assert (given.rows, given.blind) == (1, 0)
    assert given.banks[NAME].shape == (1, 3, 16, 32)


def test_banks_can_be_rounded_as_the_original_does() -> None:
    exact, rounded = _prepared(None).banks[NAME], _prepared(None, torch.float16).banks[NAME]
    assert rounded.dtype == torch.float32
    assert torch.equal(rounded, exact.half().float())
    assert not torch.equal(rounded, exact)


def test_masks_are_stacked_by_level() -> None:
    regions = [
        [np.full((1, 4), region + level / 10, np.float32) for level in range(4)] for region in range(3)
    ]
    levels = stacked_masks(*regions)
    assert [level.shape for level in levels] == [(3, 1, 4)] * 4
    assert levels[2][1].unique().item() == np.float32(1.2)
