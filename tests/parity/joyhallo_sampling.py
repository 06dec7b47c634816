"""JoyHallo's schedule, picture codec, and two clips in a row. With --fast the optimised networks run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from engines.joyhallo.fast.fast_unet import FastDenoisingUNet
from engines.joyhallo.networks.audio_module import REGIONS
from engines.joyhallo.networks.face_locator import FaceLocator
from engines.joyhallo.networks.projections import AudioProjection, ImageProjection
from engines.joyhallo.networks.vae import SCALE, Codec, build_vae
from engines.joyhallo.pipeline.clip_sampler import ClipDenoiser, ClipSampler, Sampling, Still
from engines.joyhallo.pipeline.conditions import stacked_masks
from engines.joyhallo.pipeline.denoisers import FastClipDenoiser, PlainDenoiser
from engines.joyhallo.pipeline.schedule import Schedule, Walk, make_scheduler
from tests.parity.allowance import allow_rounding
from tests.parity.context import BANKS, Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from tests.parity.joyhallo_unets import (
    MOTION_SCALE,
    ROUNDING,
    denoising_of,
    reference_of,
    shared_denoising,
    shared_reference,
)
from training.joyhallo.losses import min_snr_weights, noised, signal_to_noise

EXACT = 1e-6
FORWARD = 1e-4
PIPELINE = 1e-3


def schedule(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Both curves, the places of the steps, single steps, and what training makes of them."""
    for curve, beta_schedule in (("inference_linear", "linear"), ("train_scaled_linear", "scaled_linear")):
        scheduler = make_scheduler(beta_schedule=beta_schedule)  # type: ignore[arg-type]
        yield golden.compare(f"{curve}__betas", scheduler.betas, EXACT)
        yield golden.compare(f"{curve}__alphas_cumprod", scheduler.alphas_cumprod, EXACT)
        yield golden.compare(f"{curve}__final_alpha_cumprod", scheduler.final_alpha_cumprod, EXACT)
        for name in golden.names():
            if match := re.fullmatch(rf"{curve}__timesteps_(\d+)", name):
                times = Schedule(steps=int(match[1])).timesteps()
                yield golden.compare(name, times, 0)
                alphas = scheduler.alphas_cumprod[times]
                yield golden.compare(f"{curve}__alpha_at_timesteps_{match[1]}", alphas, EXACT)
    sample, velocity = (torch.from_numpy(golden[f"step_{name}"]) for name in ("sample", "v"))
    for name in golden.names():
        if match := re.fullmatch(r"step_out_(\d+)_t(\d+)", name):
            walk = Walk(Schedule(steps=int(match[1])))
            step = walk.timesteps.index(int(match[2]))
            yield golden.compare(name, walk.step(velocity, step, sample), EXACT)
    yield from _training(golden)


def _training(golden: Golden) -> Iterator[Comparison]:
    steps = torch.from_numpy(golden["train__t"])
    yield golden.compare("train__snr", signal_to_noise(steps), FORWARD, relative=True)
    yield golden.compare("train__minsnr_weight_v", min_snr_weights(steps), EXACT)
    clean, noise, times = (torch.from_numpy(golden[f"train_{name}"]) for name in ("x0", "noise", "t"))
    noisy, velocity = noised(clean, noise, times)
    yield golden.compare("train_noisy", noisy, EXACT)
    yield golden.compare("train_velocity", velocity, EXACT)


def codec_of(context: Context) -> Codec:
    """The folder's picture codec."""
    vae = build_vae(context.hallo_config["vae"])
    vae.load_state_dict(context.hallo_network("vae"))
    return Codec(vae)


@torch.inference_mode()
def vae(golden: Golden, context: Context) -> Iterator[Comparison]:
    codec = codec_of(context)
    picture = torch.from_numpy(golden["in_image"])
    posterior = codec.vae.encode(picture).latent_dist
    yield golden.compare("enc_mean", posterior.mean, FORWARD)
    yield golden.compare("enc_logvar", posterior.logvar, FORWARD)
    latents = codec.encode(picture)
    yield golden.compare("enc_mean", latents / SCALE, FORWARD)
    decoded = codec.vae.decode(posterior.mean).sample
    yield golden.compare("dec", decoded, FORWARD)
    (ours,) = codec.decode(latents)
    yield _as_pictures(golden, ours)


def _as_pictures(golden: Golden, ours: Tensor) -> Comparison:
    expected = (torch.from_numpy(golden["dec__val"]) / 2 + 0.5).clamp(0, 1)
    values = ours.flatten()[torch.from_numpy(golden["dec__idx"]).long()]
    return compare_arrays("dec as pictures", values, expected, FORWARD)


CLIPS = 2
LEVELS = 4


def pipeline(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Two clips of four frames, three steps each, with the variants that are ours.

    `evalpath` is what `.eval()` makes of the original: another function, for diagnosis only.
    """
    golden.pass_over("evalpath")
    for bank in set(BANKS) - set(context.banks):
        golden.pass_over(f"_{bank}_")
    for variant in dict.fromkeys(name.partition("__")[0] for name in golden.unused()):
        if variant.startswith("cfg"):
            yield from _variant(golden, context, variant)


def _variant(golden: Golden, context: Context, variant: str) -> Iterator[Comparison]:
    """A variant's numbers beside the original's. Float64 says how much of an error is rounding."""
    yield golden.compare(f"{variant}__timesteps", sampling_of(golden, variant).schedule.timesteps(), 0)
    ours = dict(clips_of(golden, context, variant))
    compared = [golden.compare(name, value, PIPELINE) for name, value in ours.items()]
    if not all(comparison.ok for comparison in compared):
        exact = dict(clips_of(golden, context, variant, torch.float64))
        compared = list(allow_rounding(compared, ours, exact))
    yield from compared


def sampling_of(golden: Golden, variant: str) -> Sampling:
    """How a variant's clips are sampled: `cfg35_bank16` with a guidance scale of 3.5."""
    scale = variant.removeprefix("cfg").partition("_")[0]
    return Sampling(Schedule(steps=len(golden[f"{variant}__timesteps"])), float(scale) / 10)


@torch.inference_mode()
def clips_of(
    golden: Golden, context: Context, variant: str, dtype: torch.dtype = torch.float32
) -> Iterator[tuple[str, Tensor]]:
    """Every step of a variant's clips and their frames, by their names in the golden file.

    dtype: in which they are computed; float64 runs the plain networks, also with --fast. The frames of a clip
    are (1, 3, frames, h, w) in 0..1.
    """
    _, rounding, *rest = variant.split("_")
    given = iter(range(CLIPS))
    seen: dict[str, Tensor] = {}
    with default_type(dtype):
        codec = codec_of(context)
        if dtype == torch.float64:
            codec.vae.double()
        sampler = ClipSampler(
            denoiser_of(context, ROUNDING[rounding], dtype),
            codec,
            still_of(golden, context, MOTION_SCALE if "motionscale" in rest else (1.0, 1.0, 1.0), dtype),
            sampling_of(golden, variant),
            lambda shape: torch.from_numpy(golden[f"in_latents_{next(given)}"]).to(dtype),
            observe=seen.__setitem__,
        )
        audio = audio_projection(context).to(dtype)
        for clip in range(CLIPS):
            if f"{variant}__clip{clip}_video" not in golden:
                break
            tokens = audio(torch.from_numpy(golden[f"in_audio_window_{clip}"]).to(dtype))
            pictures = [batch for batch in sampler.clip(tokens) if isinstance(batch, Tensor)]
            for name, value in seen.items():
                yield f"{variant}__clip{clip}_{name}", value
            yield f"{variant}__clip{clip}_video", torch.cat(pictures).transpose(0, 1).unsqueeze(0)


@contextmanager
def default_type(dtype: torch.dtype) -> Iterator[None]:
    """Within it, torch makes new floating-point tensors of this type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def still_of(
    golden: Golden,
    context: Context,
    motion_scale: tuple[float, float, float],
    dtype: torch.dtype = torch.float32,
) -> Still:
    """What all steps of the folder's clips share, computed in `dtype`."""
    document = context.hallo_config
    projection = ImageProjection.from_dict(document["imageproj"], document["unet"]["cross_attention_dim"])
    projection.load_state_dict(context.hallo_network("imageproj"))
    projection.to(dtype)
    locator = FaceLocator.from_dict(document["face_locator"])
    locator.load_state_dict(context.hallo_network("face_locator"))
    locator.to(dtype)

    def given(name: str) -> Tensor:
        return torch.from_numpy(golden[name]).to(dtype)

    face = given("in_face_emb")
    return Still(
        image=given("in_image"),
        face_tokens=projection(face),
        null_face_tokens=projection(torch.zeros_like(face)),
        locator=locator(given("in_face_region").unsqueeze(2)),
        masks=stacked_masks(
            *([golden[f"in_{region}_mask_{level}"] for level in range(LEVELS)] for region in REGIONS)
        ),
        motion_scale=motion_scale,
    )


def audio_projection(context: Context) -> AudioProjection:
    """The folder's audio projection."""
    projection = AudioProjection.from_dict(context.hallo_config["audioproj"])
    projection.load_state_dict(context.hallo_network("audioproj"))
    return projection


def denoiser_of(
    context: Context, rounding: torch.dtype | None, dtype: torch.dtype = torch.float32
) -> ClipDenoiser:
    """The folder's U-Nets as a denoiser. rounding: of the reference features."""
    if dtype == torch.float64:  # copies, as the shared ones stay float32
        networks = reference_of(context).to(dtype), denoising_of(context).to(dtype)
        return PlainDenoiser(*networks, rounding=rounding)
    reference, unet = shared_reference(context), shared_denoising(context)
    if not context.fast:
        return PlainDenoiser(reference, unet, rounding=rounding)
    fast = FastDenoisingUNet(unet)
    return FastClipDenoiser(reference, fast.prepare, fast, rounding=rounding)


CHECKS = {"tiny_schedule": schedule, "tiny_vae": vae, "tiny_pipeline": pipeline}
