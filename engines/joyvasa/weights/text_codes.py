"""Makes the embeddings of X-Pose's words with CLIP's text encoder."""

from __future__ import annotations

from pathlib import Path

from engines.joyvasa.weights import catalogue as weights
from engines.joyvasa.xpose.text import encode_prompts, write_codes
from engines.weights.catalogue import WeightFolder
from media.errors import WeightsError


def make_text_codes(folder: WeightFolder) -> Path:
    """Run CLIP, which must be downloaded, over X-Pose's prompts and save the embeddings.

    Returns their path. Raises WeightsError if CLIP's folder cannot be used.
    """
    clip = folder.base / weights.CLIP_FOLDER
    try:
        codes = encode_prompts(clip)
    except Exception as error:  # transformers raises many kinds
        reason = " ".join(str(error).split())[:150]
        raise WeightsError(
            "{clip} cannot be used as CLIP ({reason}); delete it and download it again.",
            clip=clip,
            reason=reason,
        ) from error
    path = folder.target(weights.TEXT_CODES)
    write_codes(path, codes)
    return path
