"""VBench's Subject, Background and Smooth: arithmetic, preparation of pictures, and the networks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from evaluation.vbench.amt import AmtS
from evaluation.vbench.consistency import Consistency
from evaluation.vbench.resizing import for_clip, for_dino
from evaluation.vbench.smoothness import Foretell, Smoothness
from evaluation.vbench.vision import ClipPictures, Dino, load_clip, load_dino
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden
from tests.parity.metrics_pictures import enlarged
from tests.parity.originals import mean_over_pictures, mean_over_videos

FEATURE = 2e-4
SCORE = 1e-5
PICTURE = 1e-4
STEP = 8


@torch.inference_mode()
def consistency(golden: Golden, context: Context) -> Iterator[Comparison]:
    """From given features to scores, and from pictures to scores."""
    yield from _arithmetic(golden)
    dino, clip = Dino(), ClipPictures()
    load_dino(dino, context.metric_network("dino_vitb16"))
    load_clip(clip, context.metric_network("clip_vitb32_visual"))
    dino.eval(), clip.eval()
    yield golden.compare("dino.pos_224x305", dino.positions(224, 305), FEATURE)
    for name in golden.names():
        if match := re.fullmatch(r"e2e\.(\w+)\.low_u8", name):
            pictures = enlarged(golden[name], STEP)
            stem = f"e2e.{match[1]}"
            both = (
                ("dino", "subject", for_dino(pictures), dino),
                ("clip", "background", for_clip(pictures), clip),
            )
            for network, metric, seen, model in both:
                yield golden.compare(f"{stem}.{network}_in", seen, FEATURE)
                if network == "dino":
                    yield golden.compare(f"{stem}.dino_in_size", seen.shape, 0)
                features = torch.cat([model(one) for one in seen.split(2)])
                found = Consistency()
                for one in features.split(2):
                    found.add(one)
                yield golden.compare(f"{stem}.{network}_feat", features, FEATURE)
                yield golden.compare(f"{stem}.{metric}", found.score(), SCORE)


def _arithmetic(golden: Golden) -> Iterator[Comparison]:
    features = [golden[name] for name in golden.names() if name.startswith("arith.feat.")]
    plain, half = ([Consistency(half=rounded) for _ in features] for rounded in (False, True))
    for video, rounded, given in zip(plain, half, features, strict=True):
        for chunk in torch.from_numpy(given).split(4):
            video.add(chunk)
            rounded.add(chunk)
    scores = [video.score() for video in plain]
    for metric in ("subject", "background"):
        yield golden.compare(f"arith.{metric}.per_video", scores, SCORE)
        yield golden.compare(f"arith.{metric}.total", mean_over_pictures(plain), SCORE)
    yield golden.compare("arith.subject.total_multi_process", mean_over_videos(map(_known, scores)), SCORE)
    yield golden.compare("arith.background.total_multi_process", mean_over_pictures(plain), SCORE)
    yield golden.compare("arith.background.video_sim", [video.total for video in plain], SCORE)
    yield golden.compare("arith.background.cnt", [video.count for video in plain], 0)
    yield golden.compare("arith.background.total_fp16_features", mean_over_pictures(half), SCORE)
    rounded_scores = [video.score() for video in half]
    yield golden.compare("arith.background.per_video_fp16_features", rounded_scores, SCORE)


def _known(score: float | None) -> float:
    assert score is not None
    return score


@torch.inference_mode()
def motion(golden: Golden, context: Context) -> Iterator[Comparison]:
    """AMT-S with everything inside, and the score with it and with a plain mean in its place."""
    model = AmtS()
    model.load_state_dict(context.metric_network("amt_s"))
    model.eval()
    yield from _network(golden, model)
    foretold: dict[str, Foretell] = {
        "average": lambda a, b: (a + b) / 2,
        "amt_s": lambda a, b: model(a, b).frame,
    }
    for clip in [name.partition(".")[0] for name in golden.names() if name.endswith(".frames_shape")]:
        count, height, width, _ = (int(n) for n in golden[f"{clip}.frames_shape"])
        pictures = enlarged(golden[f"{clip}.low_u8"], STEP)[:count, :height, :width]
        for name, foretell in foretold.items():
            yield from _smooth(golden, f"{clip}.{name}", pictures, foretell)


def _smooth(golden: Golden, stem: str, pictures: np.ndarray, foretell: Foretell) -> Iterator[Comparison]:
    seen: list[list[int]] = []

    def watched(first: Tensor, second: Tensor) -> Tensor:
        seen.append(list(first.shape[-2:]))
        return foretell(first, second)

    found = Smoothness(watched)
    for picture in pictures:
        before = len(found.differences)
        found.add(picture)
        if len(found.differences) > before and f"{stem}.interp{before}" in golden:
            yield golden.compare(f"{stem}.interp{before}", found.foretold, 1)
    yield golden.compare(f"{stem}.padded_hw", seen[0], 0)
    yield golden.compare(f"{stem}.scale", 1.0, 0)
    yield golden.compare(f"{stem}.per_pair_mean_abs_diff", found.differences, 255 * SCORE)
    yield golden.compare(f"{stem}.score", found.score(), SCORE)


def _network(golden: Golden, model: AmtS) -> Iterator[Comparison]:
    pictures = torch.from_numpy(enlarged(golden["amt.low_u8"], STEP)).permute(0, 3, 1, 2).float() / 255
    first, second = pictures[:1], pictures[2:3]
    mean = torch.cat([first, second], dim=2).mean(dim=(1, 2, 3), keepdim=True)
    yield golden.compare("amt.mean", mean, 1e-6)
    yield golden.compare("amt.fmap0", model.feat_encoder(first - mean), PICTURE, relative=True)
    for number, output in enumerate(model.encoder(first - mean), 1):
        yield golden.compare(f"amt.enc0_{number}", output, PICTURE, relative=True)
    found = model(first, second)
    for way, flows in enumerate(found.flows):
        for level, flow in enumerate(flows):
            yield golden.compare(f"amt.flow{way}_pred.{level}", flow, PICTURE, relative=True)
    for level, features in enumerate(found.features):
        yield golden.compare(f"amt.ft_pred.{level}", features, PICTURE, relative=True)
    yield golden.compare("amt.imgt_pred", found.frame, PICTURE)
    yield golden.compare("amt.imgt_pred_t0.25", model(first, second, 0.25).frame, PICTURE)


CHECKS = {"vbench_consistency": consistency, "vbench_motion": motion}
