"""From motion to keypoints as a whole, and a few frames through the renderer back into the picture."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from torch import nn

from engines.joyvasa.face import openness as ratios
from engines.joyvasa.face.crop import FaceCrop, crop_face
from engines.joyvasa.face.paste_back import place
from engines.joyvasa.face.paste_back_torch import TorchPasteBack
from engines.joyvasa.motion.live_portrait import write_live_portrait
from engines.joyvasa.motion.performed import at_engine_rate
from engines.joyvasa.motion.pose import HeadMotion, SourcePose
from engines.joyvasa.motion.retargeting import Network, Retargeter, Retargeting, lip_closing
from engines.saved_motion import SavedMotion
from media.performance.motion_template import read_template
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden
from tests.parity.joyvasa_geometry import GEOMETRY, mask_template, motion_of, pixels

RENDERED_SHARE = 0.1
"""A network that is right to 1e-4 moves a value across a grey level in a few of a hundred places."""


def network(module: nn.Module) -> Network:
    """A small network as a function of numpy arrays."""

    @torch.inference_mode()
    def run(inputs: np.ndarray) -> np.ndarray:
        return module(torch.from_numpy(inputs)).numpy()

    return run


def settings_of(case: str) -> tuple[Retargeting, bool, bool]:
    """How the original was set in a case such as human.expression-friendly_mult1.3: the settings, and
    whether stitching and lip normalisation were on.
    """
    subject, _, words = case.partition(".")
    animal = subject == "animal"
    region = re.search(r"region_(\w+)", words)
    strength = re.search(r"mult([\d.]*\d)", words)
    settings = Retargeting(
        animal=animal,
        region=region[1] if region else "all",  # type: ignore[arg-type]  # the file says which
        driving_option="expression-friendly" if "expression-friendly" in words else "pose-friendly",
        relative_motion="norelative" not in words,
        multiplier=float(strength[1]) if strength else 1.0,
        original=True,
    )
    lips = not animal and settings.relative_motion and "nolipnorm" not in words
    return settings, "nostitch" not in words, lips


def by_template(motion: HeadMotion) -> HeadMotion:
    """The motion as it comes back from a motion template of LivePortrait, whose turns are matrices."""
    saved = SavedMotion({f.name: getattr(motion, f.name) for f in fields(motion)}, {})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "motion.pkl"
        with path.open("wb") as file:
            write_live_portrait(file, saved)
        return at_engine_rate(read_template(path))


def pipeline(golden: Golden, context: Context) -> Iterator[Comparison]:
    from engines.joyvasa.networks.motion_extractor import MotionExtractor
    from engines.joyvasa.networks.stitching import StitchingNetworks
    from tests.parity.joyvasa_render import loaded

    portrait = (golden if "image_u8" in golden else context.golden("F"))["image_u8"][:1]
    inputs = context.golden("geometry")
    extractor = loaded(MotionExtractor(), context, "motion_extractor")
    with torch.inference_mode():
        source = SourcePose.from_heads(extractor(torch.from_numpy(portrait).permute(0, 3, 1, 2) / 255.0))
    yield golden.compare("x_s", source.keypoints, 1e-4)
    ratio = ratios.lip_ratio(inputs["ratio.lmk"][:1])
    yield golden.compare("lip_ratio_source", ratio, GEOMETRY, relative=True)
    corrector = loaded(StitchingNetworks(), context, "stitching_retargeting_module")
    stitch = network(corrector.get_submodule("retarget_shoulder"))
    closing = lip_closing(source, float(ratio[0, 0]), network(corrector.get_submodule("retarget_mouth")))
    driving = motion_of(inputs, "smooth.in.")

    def keypoints(case: str, name: str) -> np.ndarray:
        settings, stitching, lips = settings_of(case)
        frames = driving[: golden.shape(name)[0]]
        retargeter = Retargeter(
            source,
            frames,
            settings,
            stitch=stitch if stitching else None,
            lip_offset=closing if lips else None,
        )
        return retargeter.keypoints(frames)

    for name in golden.names():
        if match := re.fullmatch(r"((?:human|animal)\..+)\.x_d", name):
            yield golden.compare(name, keypoints(match[1], name), 1e-4)
    driving = by_template(driving)
    yield golden.compare("human.default.x_d", keypoints("human.default", "human.default.x_d"), 1e-4)
    crop = crop_face(inputs["crop.image_u8"], inputs["crop.lmk106"])
    yield golden.compare("M_c2o", crop.to_picture, GEOMETRY, relative=True)
    if "e2e.x_d" in golden:
        driven = keypoints("human.default", "e2e.x_d")
        yield golden.compare("e2e.x_d", driven, 1e-4)
        yield from whole(golden, context, portrait, source.keypoints, driven, crop)


@torch.inference_mode()
def whole(
    golden: Golden,
    context: Context,
    portrait: np.ndarray,
    still: np.ndarray,
    driven: np.ndarray,
    crop: FaceCrop,
) -> Iterator[Comparison]:
    """A few frames through the renderer and back into the picture."""
    from engines.joyvasa.networks.appearance import AppearanceExtractor
    from tests.parity.joyvasa_render import loaded

    image = context.golden("geometry")["crop.image_u8"]
    extractor = loaded(AppearanceExtractor(), context, "appearance_feature_extractor")
    feature = extractor(torch.from_numpy(portrait).permute(0, 3, 1, 2) / 255.0)
    render = renderer(context, feature, torch.from_numpy(still))
    paste_back = TorchPasteBack(
        place(image, crop.to_crop, crop.size, mask_template(context.folder)), original=True
    )
    for i, keypoints in enumerate(driven):
        if f"e2e.pasted_frame{i}" in golden:
            picture = render(torch.from_numpy(keypoints)[None])
            yield from pixels(golden, f"e2e.pasted_frame{i}", paste_back(picture)[0], RENDERED_SHARE)


def renderer(
    context: Context, feature: torch.Tensor, still: torch.Tensor
) -> Callable[[torch.Tensor], torch.Tensor]:
    """W and G, plain or rearranged, as a function from driving keypoints (1, 21, 3) to a picture."""
    from engines.joyvasa.networks.spade import SpadeGenerator
    from engines.joyvasa.networks.warping import WarpingNetwork
    from tests.parity.joyvasa_render import loaded

    warping = loaded(WarpingNetwork(), context, "warping_module")
    generator = loaded(SpadeGenerator(), context, "spade_generator")
    if not context.fast:
        return lambda driven: generator(warping(feature, still, driven).out)
    from engines.joyvasa.fast.fast_spade import FastGenerator
    from engines.joyvasa.fast.fast_warping import FastWarping

    fast_warping, fast_generator = FastWarping(warping), FastGenerator(generator)
    prepared = fast_warping.prepare(feature, still)
    return lambda driven: fast_generator(fast_warping(prepared, driven).out)


CHECKS = {"pipeline": pipeline}
