"""Groups of queries: their members, and which queries attend to which."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from engines.joyvasa.xpose.decoder import DecoderLayer, nameless_mask
from engines.joyvasa.xpose.positions import box_positions, inverse_sigmoid, sine_code
from tests.engines.joyvasa.xpose_tiny import filled, tiny_xpose, words

SHAPES = [(3, 4), (2, 2)]


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def decoder_layer() -> DecoderLayer:
    return filled(DecoderLayer(8, 16, heads=2, levels=2, points=2))


def run(layer: DecoderLayer, queries: Tensor, group: int, named: int | None, text: Tensor) -> Tensor:
    count = queries.shape[1]
    boxes = noise(1, count, 4, seed=2).sigmoid()
    memory, positions = noise(1, 16, 8, seed=3), noise(1, count, 8, seed=4)
    blocked = nameless_mask(group, named, queries.device)
    return layer(queries, positions, boxes, text, memory, SHAPES, group, blocked)


@pytest.mark.parametrize("named", [2, None])
def test_groups_equal_one_mask_over_all_queries(named: int | None) -> None:
    layer, groups, group = decoder_layer(), 3, 5
    queries, text = noise(1, groups * group, 8), noise(1, 1, 8, seed=1)
    visible = torch.arange(group) <= (group if named is None else named)
    own = torch.arange(groups * group) // group
    flags = visible.repeat(groups)
    blocked = (own[:, None] != own[None]) | (flags[:, None] != flags[None])

    calls: list[Tensor] = []
    layer.self_attn.register_forward_hook(lambda module, inputs, output: calls.append(output[0]))
    run(layer, queries, group, named, text)
    grouped = calls[0].reshape(1, -1, 8)
    placed = queries + noise(1, groups * group, 8, seed=4)
    expected = layer.self_attn(placed, placed, queries, attn_mask=blocked)[0]
    torch.testing.assert_close(grouped, expected)


def test_a_change_stays_in_its_group_and_among_its_kind() -> None:
    layer, text = decoder_layer(), noise(1, 1, 8, seed=1)
    queries = noise(1, 12, 8)
    changed = queries.clone()
    changed[0, 5] += 1  # group 1 of three groups of four, its first keypoint
    for named, expected in ((None, [4, 5, 6, 7]), (2, [4, 5, 6]), (0, [5, 6, 7])):
        before, after = run(layer, queries, 4, named, text), run(layer, changed, 4, named, text)
        moved = (after - before).abs().amax(-1)[0] > 1e-6
        assert moved.nonzero().flatten().tolist() == expected


def test_one_word_needs_no_scores() -> None:
    layer, queries = decoder_layer(), noise(1, 4, 8)
    text = noise(1, 1, 8, seed=1)
    twice = text.expand(1, 2, 8)  # attention over two equal words is attention over one
    torch.testing.assert_close(run(layer, queries, 4, None, text), run(layer, queries, 4, None, twice))


def test_no_mask_where_all_have_a_name() -> None:
    assert nameless_mask(5, None, torch.device("cpu")) is None
    assert nameless_mask(5, 4, torch.device("cpu")) is None
    mask = nameless_mask(4, 1, torch.device("cpu"))
    assert mask is not None
    assert mask.int().tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]


def test_groups_begin_at_the_best_boxes() -> None:
    model = tiny_xpose()
    prompts = model.read_prompts(words(1), words(20, seed=2))
    poses = model(noise(1, 3, 48, 64), prompts)
    best = poses.query_logits[0].argsort(descending=True)[:3]
    assert poses.groups[0].tolist() == best.tolist()
    forced = best.flip(0)[None]
    memory = model.encode(noise(1, 3, 48, 64), prompts)
    proposals = model.transformer.propose(memory)
    turned = model.transformer.decode(memory, proposals, prompts.keypoints, groups=forced)
    torch.testing.assert_close(turned.keypoints, poses.keypoints.flip(1))
    torch.testing.assert_close(turned.logits, poses.logits.flip(1))


def test_heads_read_the_normed_output_and_the_boxes_before_the_last_layer() -> None:
    model = tiny_xpose()
    decoder = model.transformer.decoder
    seen: list[tuple[Tensor, Tensor]] = []
    decoder.layers[-1].register_forward_hook(
        lambda module, inputs, output: seen.append((inputs[2], decoder.norm(output)))
    )
    poses = model(noise(1, 3, 48, 64), model.read_prompts(words(1), words(20, seed=2)))
    before, output = (x.view(1, 3, 21, -1) for x in seen[0])
    keypoints = inverse_sigmoid(before[:, :, 1:, :2]) + model.pose_embed[0](output[:, :, 1:])
    boxes = inverse_sigmoid(before[:, :, 0]) + model.bbox_embed[0](output[:, :, 0])
    torch.testing.assert_close(poses.keypoints, keypoints.sigmoid())
    torch.testing.assert_close(poses.boxes, boxes.sigmoid())


def test_inverse_sigmoid_is_kept_within_reach() -> None:
    inside = torch.tensor([0.002, 0.3, 0.5, 0.998])
    torch.testing.assert_close(inverse_sigmoid(inside).sigmoid(), inside)
    ends = inverse_sigmoid(torch.tensor([-1.0, 0.0, 1.0, 2.0])).tolist()
    limit = math.log(1000)
    assert ends == pytest.approx([-limit, -limit, limit, limit])


def test_codes_of_boxes_are_row_column_width_height() -> None:
    boxes = torch.tensor([0.1, 0.2, 0.3, 0.4])
    expected = torch.cat([sine_code(boxes[i], 4, 10000.0) for i in (1, 0, 2, 3)])
    torch.testing.assert_close(box_positions(boxes, 8), expected)


def test_a_sine_code_alternates_sine_and_cosine() -> None:
    code = sine_code(torch.tensor(0.25), 4, 100.0)
    angle = torch.tensor([torch.pi / 2, torch.pi / 2, torch.pi / 20, torch.pi / 20])
    expected = torch.stack((angle[0].sin(), angle[1].cos(), angle[2].sin(), angle[3].cos()))
    torch.testing.assert_close(code, expected)
