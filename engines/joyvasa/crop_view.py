"""Finds the part of a portrait that this engine sees, without loading its networks."""

from __future__ import annotations

import numpy as np

from engines.crop_view import CropView
from engines.joyvasa.face.crop import crop_face, whole_picture
from engines.joyvasa.face.source_encoder import FaceFinder
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.weights import catalogue as weights
from media.portrait import Portrait


def view_crop(portrait: Portrait, options: JoyVasaOptions) -> CropView | None:
    """The crop of a portrait; None for an animal that X-Pose has to find. Raises NoFaceError."""
    height, width = portrait.image.shape[:2]
    if not options.flag_do_crop:
        crop = whole_picture(portrait.image)
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
        return CropView(crop.for_network(), corners)
    folder = weights.folder()
    animal = portrait.subject == "animal"
    if animal and portrait.anchors is None and (portrait.face is None or folder.find(weights.XPOSE_DETECTOR)):
        return None
    face = FaceFinder.from_folder(folder.base).find(portrait, det_thresh=options.det_thresh)
    crop = crop_face(
        portrait.image,
        face.points,
        scale=options.scale,
        vx_ratio=options.vx_ratio,
        vy_ratio=options.vy_ratio,
        rotate=options.flag_do_rot,
    )
    return CropView(crop.for_network(), crop.box.corners(turned=options.flag_do_rot).astype(np.float64))
