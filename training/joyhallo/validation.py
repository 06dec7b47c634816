"""Shows what the networks predict so far, with the engine's sampler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engines.joyhallo.pipeline.clip_sampler import (
    ClipDenoiser,
    ClipSampler,
    SamplerStep,
    Sampling,
    Still,
    seeded_noise,
)
from engines.joyhallo.pipeline.denoisers import PlainDenoiser
from engines.joyhallo.pipeline.schedule import Schedule
from media.errors import VoiceError
from media.video import VideoWriter
from media.voice import SAMPLE_RATE, Voice, open_voice
from training.dataset.index import FPS
from training.joyhallo.encoding import as_pictures
from training.joyhallo.spatial import SpatialDenoiser
from training.joyhallo.stage import JoyHalloRecipe
from training.joyhallo.videos import Video

STRIPS = 2
"""Number of videos of which stage 1 predicts a frame."""
SEED = 42


def write_strips(recipe: JoyHalloRecipe, folder: Path) -> list[Path]:
    """A frame for each of the first videos: portrait | face region | prediction."""
    parts: dict[str, Any] = recipe.all.parts
    denoiser = SpatialDenoiser(parts["reference_unet"], parts["denoising_unet"])
    silence = torch.zeros(1, 1, 1, 1, device=recipe.device)
    paths = []
    for video in recipe.videos[:STRIPS]:
        portrait = video.squares([0], recipe.side)
        painted = _painted(recipe, denoiser, video, portrait, silence)
        region = (video.region(recipe.side) * 255).to(torch.uint8).expand(3, -1, -1)
        strip = np.concatenate([_rows(portrait)[0], _rows(region[None])[0], painted[0]], axis=1)
        paths.append(folder / f"{video.item.name}.png")
        Image.fromarray(strip).save(paths[-1])
    return paths


def write_clip(recipe: JoyHalloRecipe, folder: Path) -> list[Path]:
    """The first clip of the first video, with its sound."""
    parts: dict[str, Any] = recipe.all.parts
    denoiser = PlainDenoiser(parts["reference_unet"], parts["denoising_unet"])
    video = recipe.videos[0]
    windows = video.windows(0, recipe.options.frames).unsqueeze(0).to(recipe.device)
    with _calculating(recipe):
        audio_tokens = parts["audioproj"](windows).to(recipe.dtype)
    portrait = video.squares([0], recipe.side)
    painted = _painted(recipe, denoiser, video, portrait, audio_tokens)
    path = folder / f"{video.item.name}.mp4"
    sound = _sound(video.item.folder / "voice.wav", recipe.options.frames)
    with VideoWriter(path, (recipe.side, recipe.side), FPS, sound=sound) as writer:
        writer.write(painted)
    return [path]


def _painted(
    recipe: JoyHalloRecipe, denoiser: ClipDenoiser, video: Video, portrait: Tensor, audio_tokens: Tensor
) -> np.ndarray:
    """(f, side, side, 3) uint8. portrait: (1, 3, side, side) uint8. heard: (1, f, tokens, audio_dim)."""
    options = recipe.options
    sampling = Sampling(Schedule("ddim", options.validation_steps), options.cfg_scale)
    pictures = []
    with _calculating(recipe):
        still = _still(recipe, video, portrait)
        sampler = ClipSampler(denoiser, recipe.all.codec, still, sampling, seeded_noise(SEED))
        for work in sampler.clip(audio_tokens):
            if not isinstance(work, SamplerStep):
                pictures.append((work * 255).to(torch.uint8).cpu())
    return _rows(torch.cat(pictures))


def _still(recipe: JoyHalloRecipe, video: Video, portrait: Tensor) -> Still:
    parts: dict[str, Any] = recipe.all.parts
    device, dtype = recipe.device, recipe.dtype
    embedding = video.embedding().to(device).unsqueeze(0)
    region = video.region(recipe.side).to(device).expand(3, -1, -1)[None, :, None]
    project, locate = parts["imageproj"], parts["face_locator"]
    own = project.proj.weight.dtype
    return Still(
        image=as_pictures(portrait).to(device),
        face_tokens=project(embedding.to(own)).to(dtype),
        null_face_tokens=project(torch.zeros_like(embedding, dtype=own)).to(dtype),
        locator=locate(region.to(own)).to(dtype),
        masks=[mask.to(device, dtype).unsqueeze(1) for mask in video.masks(recipe.side // 8)],
    )


def _calculating(recipe: JoyHalloRecipe) -> torch.autocast:
    """Compute as the loop does: trained weights stay in float32, whatever the dtype."""
    return torch.autocast(recipe.device.type, recipe.dtype, enabled=recipe.dtype != torch.float32)


def _sound(path: Path, frames: int) -> Voice | None:
    """The voice of the first frames; None if it is silent."""
    samples = open_voice(path).samples[: round(frames / FPS * SAMPLE_RATE)]
    try:
        return open_voice((SAMPLE_RATE, samples))
    except VoiceError:
        return None


def _rows(pictures: Tensor) -> np.ndarray:
    return pictures.permute(0, 2, 3, 1).contiguous().numpy()
