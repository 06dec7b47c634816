"""Opens the networks of a JoyHallo training, with weights from files or new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engines.joyhallo.networks.builders import PARTS, Size, build, document
from engines.joyhallo.networks.config import AudioBlock
from engines.joyhallo.networks.denoising_unet import DEAD
from engines.joyhallo.networks.vae import Codec
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.checkpoints import canonical, load_part, load_whole, open_file, open_net
from engines.weights.reading import read_checkpoint
from media.documents.paths import given_path
from media.errors import WeightsError
from training.joyhallo.clip_step import TRAINED_MODULES
from training.joyhallo.options import JoyHalloTraining

ENGINE = "joyhallo"
_UNUSED_BY_REFERENCE = ("conv_norm_out.", "conv_out.")


@dataclass(eq=False)
class TrainedNetworks:
    """The networks of a net file, by their names there, and the image codec.

    sizes: as of `builders.document`. random_weights: the mark of random weights, which networks trained from
    them keep. source: the net file with which the training began, for tensors that the networks here do not
    have.
    """

    parts: dict[str, nn.Module]
    codec: Codec
    sizes: Mapping[str, Any]
    variant: AudioBlock
    random_weights: Mapping[str, Any] | None
    source: Path | None
    notes: tuple[str, ...] = ()

    def side(self, resolution: int) -> int:
        """The side of the frames: `resolution`, or proportionally less for smaller networks."""
        native = int(self.sizes["unet"]["sample_size"])
        return max(64, round(resolution * native / 64 / 64) * 64)


def open_networks(options: JoyHalloTraining) -> TrainedNetworks:
    """Read or initialise the networks; all in float32, in eval mode and frozen.

    Raises WeightsMissing, which names the file and the command that downloads it, or WeightsError.
    """
    if options.start == "net":
        return _from_net(options)
    size: Size = options.size if options.start == "random" else "full"
    sizes = document(size)
    torch.manual_seed(options.seed)
    parts: dict[str, nn.Module] = {name: build(name, sizes).eval().requires_grad_(False) for name in PARTS}
    _begin_as_nothing(parts["denoising_unet"])
    mark = {"network": weights.NET, "salt": "random", "size": "tiny"} if size == "tiny" else None
    notes: tuple[str, ...] = ()
    if options.start == "stable-diffusion":
        fill_from_stable_diffusion(parts, *_published())
        notes = ("Both U-Nets begin with Stable Diffusion 1.5, the motion modules with AnimateDiff.",)
    return TrainedNetworks(parts, _codec(), sizes, "joyhallo", mark, None, notes)


def _from_net(options: JoyHalloTraining) -> TrainedNetworks:
    folder, file = weights.folder(), weights.JOYHALLO_NET
    if options.net:
        path = given_path(options.net)
        if not path.is_file():
            raise WeightsError(
                "There is no net file {path}; name one with --net, or leave it out for the engine's own.",
                path=path,
            )
        opened = open_net(path)
    else:
        with folder.named(file, ENGINE):
            opened = open_net(folder.require(file, ENGINE))
    parts: dict[str, nn.Module] = {name: _own(load_part(opened, name, dtype=torch.float32)) for name in PARTS}
    notes = opened.notes
    if opened.random_weights is not None:
        notes = (*notes, f"The weights in {opened.path} are random, or were trained from random ones.")
    return TrainedNetworks(
        parts, _codec(), opened.sizes, opened.variant, opened.random_weights, opened.path, notes
    )


def _codec() -> Codec:
    folder, file = weights.folder(), weights.PICTURE_CODEC
    with folder.named(file, ENGINE):
        opened = open_file(folder.require(file, ENGINE), weights.VAE)
    vae: Any = load_whole(opened, dtype=torch.float32)
    return Codec(vae)


def _own(module: nn.Module) -> nn.Module:
    """The same module with its own memory instead of a mapped file's."""
    for tensor in (*module.parameters(), *module.buffers()):
        tensor.data = tensor.data.clone()
    return module


def _begin_as_nothing(unet: nn.Module) -> None:
    """New audio and motion modules add nothing at first: stage 2 begins where stage 1 ended."""
    for name, module in unet.named_modules():
        if any(part in f".{name}" for part in TRAINED_MODULES) and name.endswith(".proj_out"):
            for parameter in module.parameters():
                nn.init.zeros_(parameter)


def _published() -> Iterator[dict[str, Tensor]]:
    """The tensors of Stable Diffusion 1.5's U-Net and of AnimateDiff's motion modules."""
    folder = weights.folder()
    for file in (weights.STABLE_DIFFUSION, weights.ANIMATEDIFF):
        yield canonical(weights.NET, read_checkpoint(folder.require(file, ENGINE)).tensors)


def fill_from_stable_diffusion(
    parts: Mapping[str, nn.Module], base: Mapping[str, Tensor], moving: Mapping[str, Tensor]
) -> None:
    """Put Stable Diffusion's U-Net (base) into both U-Nets and AnimateDiff's modules (moving) into one.

    Raises WeightsError for a tensor that the network does not have.
    """
    _fill(parts["denoising_unet"], base, "stable-diffusion-v1-5")
    _fill(parts["denoising_unet"], _alive(moving), "mm_sd_v15_v2.ckpt")
    unet = {key: value for key, value in base.items() if not key.startswith(_UNUSED_BY_REFERENCE)}
    _fill(parts["reference_unet"], unet, "stable-diffusion-v1-5")


def _alive(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors without the modules that never run and without the position tables, which are
    longer here.
    """
    return {
        key: value
        for key, value in tensors.items()
        if DEAD.match(key) is None and "motion_modules" in key and not key.endswith(".pe")
    }


def _fill(module: nn.Module, tensors: Mapping[str, Tensor], name: str) -> None:
    """Load all tensors. Raises WeightsError for one that the module does not have."""
    own = module.state_dict()
    wrong = [key for key, value in tensors.items() if key not in own or own[key].shape != value.shape]
    if wrong:
        raise WeightsError(
            "{name} does not fit the networks: {count} of {total} tensors have no place, {first} among "
            "them; download it again.",
            name=name,
            count=len(wrong),
            total=len(tensors),
            first=wrong[0],
        )
    module.load_state_dict({key: value.float() for key, value in tensors.items()}, strict=False)
