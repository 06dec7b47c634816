"""X-Pose: a picture, the word "face" and sets of keypoint names.

The original fills its text up to 350 rows and its keypoints up to 68; without --fast ours does so too, and
reads the pyramid with grid_sample, so that every intermediate map can be compared. With --fast the words
alone are computed, as in use: what the words themselves give is compared, the filling is passed over.

The best proposals are chosen by scores that may lie closer together than float32 can tell. So the scores
are compared, the original's choice must be ours up to that noise, and the rest starts from its choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engines.joyvasa.xpose.decoder import Poses
from engines.joyvasa.xpose.deformable import DeformableAttention, sample_by_grid
from engines.joyvasa.xpose.model import MAX_INSTANCES, Prompts, XPose
from engines.joyvasa.xpose.transformer import Memory
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from tests.parity.joyvasa_render import loaded, recorded

TOLERANCE = 2e-3
REPEATS = 10  # the picture's coarse part has one number per 10x10 pixels
PATCH = 4


def picture(golden: Golden, context: Context) -> Tensor:
    """(1, 3, H, W), H and W the multiples of 10 that give the stored number of 4x4 patches."""
    patches = golden.shape("patch_embed")[2:]
    height, width = (PATCH * n // REPEATS * REPEATS for n in patches)
    coarse = context.x("in.xpose_image", (3, height // REPEATS, width // REPEATS))
    fine = context.x("in.xpose_fine", (3, height, width))
    coarse = coarse.repeat(REPEATS, axis=1).repeat(REPEATS, axis=2)
    return torch.from_numpy(coarse + np.float32(0.1) * fine)[None]


def keypoint_sets(golden: Golden) -> dict[str, int]:
    """The prefixes of the file and the number of keypoints of each, the one with all maps first."""
    found = (re.match(r"(k(\d+))\.", name) for name in golden.names())
    return {match[1]: int(match[2]) for match in found if match}


def prompts_of(model: XPose, context: Context, keypoints: int) -> Prompts:
    """The words' codes from the file beside the goldens, projected."""
    with np.load(context.folder / f"clip_embedding_{keypoints}.npz") as codes:
        instance, names = torch.from_numpy(codes["instance"]), torch.from_numpy(codes["keypoints"])
    return model.read_prompts(instance, names, padded=not context.fast)


def stages(model: XPose) -> dict[str, torch.nn.Module]:
    """The modules whose outputs the file holds, by its names."""
    backbone, encoder = model.backbone[0], model.transformer.encoder
    found: dict[str, Any] = {"patch_embed": backbone.patch_embed, "backbone": backbone}
    found |= {f"input_proj{i}": project for i, project in enumerate(model.input_proj)}
    found |= {f"fusion{i}": layer for i, layer in enumerate(encoder.fusion_layers)}
    found |= {f"text{i}": layer for i, layer in enumerate(encoder.text_layers)}
    found |= {f"enc_layer{i}": layer for i, layer in enumerate(encoder.layers)}
    return found | {f"dec_layer{i}": layer for i, layer in enumerate(model.transformer.decoder.layers)}


def in_its_layout(found: dict[str, Any]) -> dict[str, Tensor]:
    """The recorded outputs as the original has them: maps channels-first, text and queries token-first."""
    maps = dict(found)
    maps["patch_embed"] = found["patch_embed"].permute(0, 3, 1, 2)
    maps |= {f"backbone{i}": plane for i, plane in enumerate(maps.pop("backbone"))}
    for name in found:
        if name.startswith("fusion"):
            maps[f"{name}.v"], maps[f"{name}.l"] = maps.pop(name)
        elif name.startswith(("text", "dec_layer")):
            maps[name] = found[name].transpose(0, 1)
    return maps


def compared(golden: Golden, name: str, ours: Tensor) -> Iterator[Comparison]:
    """Compare a map that is in the file, its first rows where the file has the first rows only.

    Filling that ours leaves out (--fast) is passed over, and so is a sampled map of another shape.
    """
    if name not in golden:
        return
    shape = golden.shape(name)
    short = tuple(min(n, m) for n, m in zip(ours.shape, shape, strict=True))
    cut = ours[tuple(slice(n) for n in short)]
    if short == shape:
        yield golden.compare(name, cut, TOLERANCE)
    elif f"{name}__val" in golden:
        golden[f"{name}__val"]
    else:
        yield compare_arrays(name, cut, golden[name][tuple(slice(n) for n in short)], TOLERANCE)


def choice(name: str, scores: Tensor, golden: Golden, indices: Tensor) -> Iterator[Comparison]:
    """The original's choice among (n,) scores: the same scores, and none clearly below our own choice."""
    wanted = golden[f"{name}.val"].reshape(-1)
    yield compare_arrays(f"{name}.val", scores[indices], wanted, TOLERANCE)
    lowest = scores.topk(len(indices)).values[-1]
    short = (lowest - scores[indices]).clamp(min=0)
    yield compare_arrays(f"{name}.idx", short, torch.zeros_like(short), TOLERANCE)
    distinct = len(indices.unique()) == len(indices)
    yield compare_arrays(f"{name}.idx distinct", np.array(distinct), np.array(True))


def indices(golden: Golden, key: str) -> Tensor:
    return torch.from_numpy(golden[key]).reshape(-1).long()


def found_poses(golden: Golden, prefix: str, poses: Poses, size: tuple[int, int]) -> Iterator[Comparison]:
    """Compare what was found, in the original's numbers: all keypoints, then as many visibilities of 0.73."""
    logits = poses.logits[0, :, 0]
    count = poses.keypoints.shape[2]
    yield golden.compare(f"{prefix}.pred_logits_first", poses.logits[..., :1], TOLERANCE)
    shape = np.array([*poses.logits.shape[:2], MAX_INSTANCES])
    yield golden.compare(f"{prefix}.pred_logits_shape", shape, 0)
    yield golden.compare(f"{prefix}.pred_boxes", poses.boxes, TOLERANCE)
    flat = golden[f"{prefix}.pred_keypoints"]
    total = flat.shape[-1] // 3
    yield compare_arrays(
        f"{prefix}.pred_keypoints", poses.keypoints.flatten(2), flat[..., : 2 * count], TOLERANCE
    )
    seen = torch.ones(*flat.shape[:2], total).sigmoid()
    yield compare_arrays(f"{prefix}.visibility", seen, flat[..., 2 * total :], 1e-6)

    yield golden.compare(f"{prefix}.max_logit", logits, TOLERANCE)
    ordered = logits[indices(golden, f"{prefix}.order_by_logit")]
    rises = ordered.diff().clamp(min=0)
    yield compare_arrays(f"{prefix}.order_by_logit", rises, torch.zeros_like(rises), TOLERANCE)
    best = int(golden[f"{prefix}.best"])
    yield compare_arrays(f"{prefix}.best", logits[best], logits.max(), TOLERANCE)
    yield golden.compare(f"{prefix}.best_score", logits[best].sigmoid(), TOLERANCE)
    pixels = golden[f"{prefix}.best_keypoints_px"]
    ours = poses.keypoints[0, best, : len(pixels)] * torch.tensor(size[::-1])
    yield compare_arrays(f"{prefix}.best_keypoints_px", ours, pixels, TOLERANCE * max(size))


def decoded(
    golden: Golden, prefix: str, model: XPose, memory: Memory, prompts: Prompts
) -> tuple[Poses, list[Comparison]]:
    """Decode from the original's choice of proposals and groups."""
    chosen, groups = indices(golden, f"{prefix}.topk0.idx"), indices(golden, f"{prefix}.topk1.idx")
    proposals = model.transformer.propose(memory)
    poses = model.transformer.decode(
        memory, proposals, prompts.keypoints, prompts.named, chosen[None], groups[None]
    )
    first = choice(f"{prefix}.topk0", proposals.scores[0], golden, chosen)
    return poses, [*first, *choice(f"{prefix}.topk1", poses.query_logits[0], golden, groups)]


def recorded_maps(found: dict[str, Any], golden: Golden) -> Iterator[Comparison]:
    """Compare every recorded output that the file has."""
    for name, tensor in in_its_layout(found).items():
        if not name.startswith("in."):
            yield from compared(golden, name, tensor)


@torch.inference_mode()
def xpose(golden: Golden, context: Context) -> Iterator[Comparison]:
    """One pass of the encoder; the decoder once per set of keypoints.

    A file without any set is compared as far as the picture goes without words.
    """
    model = loaded(XPose(), context, "xpose")
    if not context.fast:
        for module in model.modules():
            if isinstance(module, DeformableAttention):
                module.sample = sample_by_grid
    image = picture(golden, context)
    sets = keypoint_sets(golden)
    if not sets:
        with recorded(stages(model)) as found:
            model.look(image)
        yield from recorded_maps(found, golden)
    memory: Memory | None = None
    for prefix, count in sets.items():
        prompts = prompts_of(model, context, count)
        with recorded(stages(model)) as found:
            first = memory is None
            memory = model.encode(image, prompts) if memory is None else memory
            poses, choices = decoded(golden, prefix, model, memory, prompts)
        if first:  # the maps in the file are of the first set
            yield from recorded_maps(found, golden)
            yield from compared(golden, "projection", prompts.instances)
            yield from compared(golden, "projection_kpt", prompts.keypoints)
        yield from choices
        yield from found_poses(golden, prefix, poses, (image.shape[2], image.shape[3]))


CHECKS = {"xpose": xpose}
