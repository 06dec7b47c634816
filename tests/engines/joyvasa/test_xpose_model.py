"""The whole network, narrow, and the names of the real one."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engines.joyvasa.networks.builders import manifest
from engines.joyvasa.xpose.model import MAX_INSTANCES, XPose
from engines.joyvasa.xpose.transformer import Memory, anchor_boxes
from tests.engines.joyvasa.xpose_tiny import tiny_xpose, words


@pytest.fixture(scope="module")
def model() -> XPose:
    return tiny_xpose()


@pytest.fixture(scope="module")
def image() -> Tensor:
    """An odd size: neither whole patches nor whole windows."""
    return torch.randn(1, 3, 61, 85, generator=torch.Generator().manual_seed(5))


def test_names_and_shapes_are_those_of_the_published_file() -> None:
    with torch.device("meta"):
        state = XPose().state_dict()
    assert {name: tuple(value.shape) for name, value in state.items()} == manifest()["xpose"].shapes


def test_aliases_are_one_tensor_each(model: XPose) -> None:
    state = model.state_dict(keep_vars=True)
    aliases = [row for row in manifest()["xpose"].rows if row.rule == "alias"]
    assert aliases
    for row in aliases:
        if row.name in state:  # the narrow one has fewer layers
            assert state[row.name].data_ptr() == state[str(row.alias)].data_ptr()


def test_filling_up_changes_nothing_for_the_words(model: XPose, image: Tensor) -> None:
    instance, names = words(1), words(7, seed=2)
    short = model.read_prompts(instance, names)
    full = model.read_prompts(instance, names, padded=True)
    assert (short.instances.shape[1], full.instances.shape[1]) == (1, MAX_INSTANCES)
    assert (short.keypoints.shape[1], full.keypoints.shape[1]) == (7, 20)
    ours, original = model(image, short), model(image, full)
    assert torch.equal(ours.groups, original.groups)
    for mine, theirs in (
        (ours.logits, original.logits),
        (ours.boxes, original.boxes),
        (ours.keypoints, original.keypoints[:, :, :7]),
    ):
        torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-4)


def test_one_memory_serves_several_sets_of_keypoints(model: XPose, image: Tensor) -> None:
    few, many = (model.read_prompts(words(1), words(count, seed=count)) for count in (3, 20))
    memory = model.encode(image, few)
    poses = model.decode(memory, many)
    assert poses.keypoints.shape == (1, 3, 20, 2)
    torch.testing.assert_close(poses.keypoints, model(image, many).keypoints)


def test_pictures_of_a_batch_do_not_meet(model: XPose, image: Tensor) -> None:
    pictures = torch.cat((image, image.flip(3)))
    prompts = model.read_prompts(words(1), words(4, seed=2))
    together = model(pictures, prompts)
    for i in range(2):
        alone = model(pictures[i : i + 1], prompts)
        torch.testing.assert_close(together.keypoints[i : i + 1], alone.keypoints, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(together.logits[i : i + 1], alone.logits, atol=1e-4, rtol=1e-4)


def test_several_things_may_be_looked_for_at_once(model: XPose, image: Tensor) -> None:
    prompts = model.read_prompts(words(3), words(4, seed=2))
    poses = model(image, prompts)
    assert poses.logits.shape == (1, 3, 3)
    assert poses.logits.isfinite().all()


def test_found_places_lie_in_the_picture(model: XPose, image: Tensor) -> None:
    poses = model(image, model.read_prompts(words(1), words(9, seed=2)))
    for places in (poses.boxes, poses.keypoints):
        assert places.min() >= 0
        assert places.max() <= 1


def test_more_names_than_keypoints_are_refused(model: XPose) -> None:
    with pytest.raises(ValueError, match="21 keypoints"):
        model.read_prompts(words(1), words(21))


def test_anchors_double_from_level_to_level() -> None:
    boxes = anchor_boxes([(2, 2), (1, 1)], torch.device("cpu"))
    expected = [[0.25, 0.25, 0.05, 0.05], [0.75, 0.25, 0.05, 0.05], [0.25, 0.75, 0.05, 0.05]]
    torch.testing.assert_close(boxes[:3], torch.tensor(expected))
    torch.testing.assert_close(boxes[4], torch.tensor([0.5, 0.5, 0.1, 0.1]))


def test_tokens_on_the_border_propose_nothing_of_their_own(model: XPose) -> None:
    shapes = [(2, 100), (1, 40), (1, 20), (1, 10)]  # the first column of the finest is at x = 0.005
    length = sum(h * w for h, w in shapes)
    content = torch.randn(1, length, 64, generator=torch.Generator().manual_seed(0))
    proposals = model.transformer.propose(Memory(content, torch.ones(1, 1, 64), shapes, 1))
    outside = proposals.anchors.isinf().all(-1)
    assert outside.nonzero().flatten().tolist() == [0, 99, 100, 199]
    silent = model.transformer.enc_output_norm(model.transformer.enc_output.bias)
    for token in (0, 99, 100, 199):
        torch.testing.assert_close(proposals.content[0, token], silent)
    assert not torch.allclose(proposals.content[0, 1], silent)
    torch.testing.assert_close(proposals.anchors[1].sigmoid(), torch.tensor([0.015, 0.25, 0.05, 0.05]))


def test_a_network_can_be_laid_out_without_memory() -> None:
    with torch.device("meta"):
        model = XPose(channels=32, inner=32, encoder_layers=1, queries=4, backbone_depths=(1, 1, 1, 1))
    assert {parameter.device.type for parameter in model.parameters()} == {"meta"}
