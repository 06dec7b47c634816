"""LivePortrait's animation of a video source in the region lip: the keypoints of each of its frames.

The original was run on four frames, the pictures of golden_F and their mirror images, with the motion of
golden_geometry and lips that close from frame to frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import torch

from engines.joyvasa.dubbing.lips import LIPS, LipDriver, SpokenLips
from engines.joyvasa.motion.pose import SourcePose
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden
from tests.parity.joyvasa_geometry import motion_of
from tests.parity.joyvasa_pipeline import network

SMOOTHING = 0.02
"""What the original's smoothing over the video moves of a way of 0.9, in frames without any likeness."""


def video(golden: Golden, context: Context) -> Iterator[Comparison]:
    from engines.joyvasa.networks.motion_extractor import MotionExtractor
    from engines.joyvasa.networks.stitching import StitchingNetworks
    from tests.parity.joyvasa_render import loaded

    pictures = context.golden("F")["image_u8"]
    pictures = np.concatenate([pictures, pictures[:, :, ::-1]])
    extractor = loaded(MotionExtractor(), context, "motion_extractor")
    with torch.inference_mode():
        heads = extractor(torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255.0)
    poses = [SourcePose.from_heads(heads, number) for number in range(len(pictures))]
    yield golden.compare("x_s", np.concatenate([pose.keypoints for pose in poses]), 1e-4)

    ratios = golden["lip_ratio"][:, 0].tolist()
    exp = motion_of(context.golden("geometry"), "smooth.in.").exp[: len(poses), LIPS]
    spoken = [SpokenLips(lips, lips - exp[0], shut=0.0) for lips in exp]
    corrector = loaded(StitchingNetworks(), context, "stitching_retargeting_module")
    close, stitch = (network(corrector.get_submodule(f"retarget_{part}")) for part in ("mouth", "shoulder"))
    for name in golden.names():
        if match := re.fullmatch(r"(relative|absolute)(_\w+)?\.x_d", name):
            stitching = None if match[2] == "_nostitch" else stitch
            driver = LipDriver(match[1], 1.0, close, stitching)  # type: ignore[arg-type]  # the file says which
            tolerance = SMOOTHING if match[2] == "_smoothed" else 1e-4
            yield golden.compare(name, driver.keypoints(poses, ratios, spoken), tolerance)


CHECKS = {"video": video}
