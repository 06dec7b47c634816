"""The audio encoders.

With these weights the attention is steep: rounding alone, which differs between processors and between orders
of summation, moves the last layers by up to about 1e-3. The plain check computes as the original did (eager
attention, one thread). Where it still exceeds the tolerance, the same network in float64 tells how much of
the difference rounding explains.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from engines.joyvasa.networks.audio_encoder import AudioModel, pad_audio
from engines.joyvasa.networks.motion_generator import MotionGenerator, MotionGeneratorConfig
from tests.engines.joyvasa.tiny_motion import generator_with
from tests.parity.allowance import allow_rounding
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden

TOLERANCE = 1e-4
FAST_TOLERANCE = 1e-3
ENCODERS: tuple[AudioModel, ...] = ("hubert", "wav2vec2")


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in the order in which the original's numbers were summed."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def generator_of(context: Context, model: AudioModel = "hubert") -> MotionGenerator:
    """The motion generator with this context's weights; eager attention unless --fast."""
    config = MotionGeneratorConfig(
        audio_model=model, encoder={"attn_implementation": "sdpa" if context.fast else "eager"}
    )
    return generator_with(context.network(f"motion_generator_{model}"), config)


def samples_of(golden: Golden) -> Tensor:
    """(1, n) float32 from a golden's 16-bit sound."""
    return torch.from_numpy(golden["audio_i16"].astype("float32") / 32768)[None]


def audio(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Padding, then every stage of both encoders."""
    samples = samples_of(golden)
    yield from _padding(golden, context, samples)
    with one_thread(), torch.no_grad():
        for model in ENCODERS:
            generator = generator_of(context, model)
            ours = _stages(generator, samples, golden, model)
            tolerance = FAST_TOLERANCE if context.fast else TOLERANCE
            compared = [golden.compare(name, value, tolerance) for name, value in ours.items()]
            if not all(comparison.ok for comparison in compared):
                exact = _stages(generator.double(), samples.double(), golden, model)
                compared = list(allow_rounding(compared, ours, exact))
            yield from compared


def _padding(golden: Golden, context: Context, samples: Tensor) -> Iterator[Comparison]:
    padded = pad_audio(samples)
    half = golden.shape("padded")[-1] // 2
    yield golden.compare("padded", torch.cat([padded[:, :half], padded[:, -half:]], dim=1), 0)
    yield golden.compare("padded_len", padded.shape[-1], 0)
    for name in golden.names():
        if not name.startswith("pad_len."):
            continue
        length = int(name.removeprefix("pad_len."))
        padded = pad_audio(torch.from_numpy(context.x(f"in.pad.{length}", (1, length))))[0]
        yield golden.compare(name, len(padded), 0)
        for end in ("head", "tail"):
            key = f"pad_{end}.{length}"
            kept = golden.shape(key)[0]
            yield golden.compare(key, padded[:kept] if end == "head" else padded[-kept:], 0)


def _stages(
    generator: MotionGenerator, samples: Tensor, golden: Golden, model: AudioModel
) -> dict[str, Tensor]:
    """Every result that the golden has of one encoder, by the golden's names."""
    encoder = generator.audio_encoder
    kept: dict[str, Tensor] = {}

    def keep(name: str):
        def hook(_, inputs, output=None) -> None:
            value = inputs[0] if output is None else output
            kept[f"{model}.{name}"] = value[0] if isinstance(value, tuple) else value

        return hook

    body = encoder.encoder
    hooks = [
        encoder.feature_extractor.register_forward_hook(keep("conv_features")),
        encoder.feature_projection.register_forward_hook(keep("projected")),
        body.pos_conv_embed.register_forward_hook(keep("pos_conv")),
        body.layers[0].register_forward_pre_hook(keep("hidden0")),
        body.layers[-1].register_forward_hook(keep("last_hidden_state")),
    ]
    hooks += [
        layer.register_forward_hook(keep(f"hidden{number}")) for number, layer in enumerate(body.layers, 1)
    ]
    frames = golden.shape(f"{model}.audio_feat")[1]
    kept[f"{model}.audio_feat"] = generator.audio_features(samples, frames)
    for hook in hooks:
        hook.remove()
    for name in golden.names():
        stem, _, count = name.rpartition("_")
        if stem == f"{model}.audio_feat" and count.isdigit():
            both = torch.cat([samples, samples.flip(1)], dim=1)
            kept[name] = generator.audio_features(both, int(count))
    return {name: value for name, value in kept.items() if name in golden}


CHECKS = {"audio": audio}
