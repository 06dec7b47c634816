"""Q-Align: which pictures, how they are prepared, and the score from the words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from evaluation.qalign.pictures import GREY, chosen, place, prepared, squared
from evaluation.qalign.scoring import Scale, score_levels
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden
from tests.parity.metrics_pictures import enlarged
from tests.parity.originals import level_logits

SCALES: dict[str, Scale] = {"w01": "0..1", "w15": "1..5"}
STEP = 8
TOLERANCE = 1e-4
HALF_TOLERANCE = 1e-3


def qalign(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Everything but the network itself."""
    logits = golden["logits"]
    for name, scale in SCALES.items():
        yield golden.compare(f"score_fp32.{name}", score_levels(logits, scale), TOLERANCE)
        half = score_levels(logits.astype(np.float16), scale).astype(np.float32)
        yield golden.compare(f"score_fp16.{name}", half, HALF_TOLERANCE)
    levels = level_logits(golden["full_logits"], golden["level_token_ids_excellent_to_bad"].tolist())
    yield golden.compare("score_from_full.w01", score_levels(levels), TOLERANCE)
    found = [chosen(fps, int(count)) for fps, count, _ in golden["video_index.fps_n_count"]]
    counts = np.array([len(indices) for indices in found])
    given = golden["video_index.fps_n_count"].copy()
    given[:, 2] = counts
    yield golden.compare("video_index.fps_n_count", given, 0)
    yield golden.compare("video_index.flat", np.concatenate(found), 0)
    yield golden.compare("video_index.offsets", np.concatenate([[0], np.cumsum(counts)]), 0)
    for name in golden.names():
        if match := re.fullmatch(r"(\w+)\.low_u8", name):
            (picture,) = enlarged(golden[name][None], STEP)
            stem = match[1]
            yield golden.compare(f"{stem}.square_size", squared(picture).shape[:2], 0)
            yield golden.compare(f"{stem}.pad_color", GREY, 0)
            yield golden.compare(f"{stem}.paste_top_left", place(*picture.shape[:2]), 0)
            yield golden.compare(f"{stem}.pixel_values", prepared(picture), TOLERANCE)


CHECKS = {"qalign": qalign}
