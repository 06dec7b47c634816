"""The JoyHallo engine: diffusion redraws a portrait for every frame, guided by the voice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator

import cv2
import numpy as np
import torch
from torch import Tensor

from engines.base import Engine, Frames, Note, Step, Work
from engines.devices import checked_device
from engines.joyhallo.audio import vocals
from engines.joyhallo.audio.features import clip_windows, hidden_states, plan_audio
from engines.joyhallo.face.crop import SquarePasteBack
from engines.joyhallo.face.image import FaceImage, read_face
from engines.joyhallo.fast.acceleration import Accelerated
from engines.joyhallo.networks.config import AudioBlock
from engines.joyhallo.networks.vae import Codec
from engines.joyhallo.options import CLIP, FPS, JoyHalloOptions
from engines.joyhallo.pipeline.clip_sampler import ClipSampler, SamplerStep, Sampling, Still, seeded_noise
from engines.joyhallo.pipeline.conditions import stacked_masks
from engines.joyhallo.pipeline.denoisers import FastClipDenoiser
from engines.joyhallo.pipeline.schedule import Schedule
from engines.joyhallo.weights.model_registry import JoyHalloNetworks, dtype_for
from engines.saved_motion import SavedMotion
from media.portrait import Portrait
from media.voice import Voice


class JoyHalloEngine(Engine[JoyHalloOptions]):
    """Keeps networks and nothing about a job, so it can serve several jobs at once."""

    def __init__(self) -> None:
        self._device = torch.device("cpu")
        self._networks: JoyHalloNetworks | None = None
        self._read: tuple[AudioBlock, torch.dtype] | None = None
        self._lock = threading.Lock()

    def load(self, device: str = "cpu") -> None:
        """Read JoyHallo's networks in the precision that suits the device.

        Raises WeightsMissing, which names the file and the command that downloads it, WeightsError, or
        OptionError for a device that cannot be used.
        """
        self._device = checked_device(device)
        self.random_weights = self._networks_for(JoyHalloOptions()).random_weights

    def prepare_for(self, options: JoyHalloOptions) -> None:
        """Read the networks of the chosen checkpoint and precision. Raises as `load`."""
        self._networks_for(options)

    def unload(self) -> None:
        """Release the memory."""
        with self._lock:
            self._networks = self._read = None
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def picture_size(self, portrait: Portrait, options: JoyHalloOptions) -> tuple[int, int]:
        """The portrait's size, or the painted square's if it is not pasted back."""
        if options.paste_back:
            return portrait.width, portrait.height
        return options.resolution, options.resolution

    def animate(
        self,
        portrait: Portrait,
        voice: Voice,
        options: JoyHalloOptions,
        seed: int,
        motion: SavedMotion | None = None,
    ) -> Iterator[Work]:
        """See `engines.base.Engine.animate`: a Step after every step of diffusion, frames after every clip.

        motion: always None, since this engine has no motion to save. Raises NoFaceError, WeightsMissing,
        WeightsError, and OutOfMemory if offloading networks and decoding single frames did not help.
        """
        networks = self._networks_for(options)
        room = _Room(networks, options)
        face = read_face(
            portrait,
            networks.identities,
            side=networks.side(options.resolution),
            crop=options.crop_face,
            face_share=options.face_share,
            face_ratio=options.face_expand_ratio,
            lip_ratio=options.lip_expand_ratio,
            allow_no_face=options.allow_no_face,
        )
        for text in (*networks.notes, *face.notes, *room.notes):
            yield Note(text)
        finish = _finisher(portrait, face, options)
        samples = voice.samples
        if options.separate_vocals:
            samples = yield from _voice_alone(networks, voice)
        sampler = _sampler(networks, room, face, options, seed)
        total, done, clip = voice.frames(FPS), 0, 0
        for tokens in _tokens(networks, room, samples, total):
            wanted = min(CLIP, total - done)
            for work in sampler.clip(tokens, wanted):
                if isinstance(work, SamplerStep):
                    # Decoding counts as one more step.
                    yield Step((done + wanted * work.step / (work.steps + 1)) / total)
                else:
                    yield finish(_as_frames(work))
            done, clip = done + wanted, clip + 1
            if clip == 1 and (trouble := room.trouble()):
                yield Note(trouble)
            if done == total:
                return

    def _networks_for(self, options: JoyHalloOptions) -> JoyHalloNetworks:
        """The networks of a checkpoint in a precision; they replace the previous ones."""
        wish = options.checkpoint, dtype_for(options.precision, self._device)
        with self._lock:
            if self._networks is None or self._read != wish:
                self._networks = None
                self._networks = JoyHalloNetworks(self._device, *wish)
                self._read = wish
                self.random_weights = self._networks.random_weights
            return self._networks


class _Room:
    """One job's use of memory: whether networks leave the GPU while others work."""

    def __init__(self, networks: JoyHalloNetworks, options: JoyHalloOptions) -> None:
        self._networks = networks
        automatic = options.cpu_offload == "auto" and networks.short
        self.offload = options.cpu_offload == "on" or automatic
        self.notes = ("The GPU's memory is short: networks leave it between uses.",) if automatic else ()
        self.step = networks.step(options.compile)

    def make(self) -> bool:
        """Offload idle networks from now on. Returns whether that freed memory."""
        self.offload = True
        return self._networks.make_room()

    def trouble(self) -> str:
        """Why the step could not be accelerated; empty if it was or need not be."""
        return self.step.trouble if isinstance(self.step, Accelerated) else ""


def _sampler(
    networks: JoyHalloNetworks, room: _Room, face: FaceImage, options: JoyHalloOptions, seed: int
) -> ClipSampler:
    def reference(latents: Tensor, tokens: Tensor) -> dict[str, Tensor]:
        with networks.reference.here(leaves=room.offload) as unet:
            return unet(latents, tokens)

    batch = options.decode_batch or networks.decode_batch(offload=room.offload)
    sampling = Sampling(
        schedule=Schedule(options.scheduler, options.inference_steps),
        cfg_scale=options.cfg_scale,
        guidance_share=options.guidance_share,
        cache_interval=options.cache_interval,
        reuse_motion=options.reuse_motion,
    )
    return ClipSampler(
        FastClipDenoiser(reference, networks.unet.prepare, room.step),
        Codec(networks.vae, batch),
        _still(networks, face, options),
        sampling,
        seeded_noise(seed),
        make_room=room.make,
    )


@torch.inference_mode()
def _still(networks: JoyHalloNetworks, face: FaceImage, options: JoyHalloOptions) -> Still:
    """Encode the portrait once for all clips."""
    device, dtype = networks.device, networks.dtype
    image = torch.from_numpy(face.image.copy()).to(device).permute(2, 0, 1).unsqueeze(0)
    embedding = torch.from_numpy(face.embedding).to(device).unsqueeze(0)
    region = torch.from_numpy(face.region()).to(device)[None, :, None]
    masks = face.masks()
    return Still(
        image=image.float() / 127.5 - 1,
        face_tokens=networks.image_projection(embedding).to(dtype),
        null_face_tokens=networks.image_projection(torch.zeros_like(embedding)).to(dtype),
        locator=networks.face_locator(region).to(dtype),
        masks=[mask.to(device, dtype) for mask in stacked_masks(masks.full, masks.face, masks.lips)],
        motion_scale=(options.pose_weight, options.face_weight, options.lip_weight),
    )


def _voice_alone(networks: JoyHalloNetworks, voice: Voice) -> Generator[Work, None, np.ndarray]:
    """The samples without music and noise, or unchanged, with a Note, if the network for it is missing.

    Yields a Step between the pieces, so that the job can be stopped; compared with the diffusion, this takes
    no time.
    """
    model = networks.separator()
    if model is None:
        yield Note(vocals.MISSING)
        return voice.samples
    pieces = vocals.separate(voice, model)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value
        yield Step(0.0)


def _tokens(networks: JoyHalloNetworks, room: _Room, samples: np.ndarray, frames: int) -> Iterator[Tensor]:
    """The audio tokens, clip by clip: (1, 16, 32, audio_dim)."""
    plan = plan_audio(len(samples), frames)

    def pieces() -> Iterator[Tensor]:
        states = None
        while True:
            with networks.encoder.here(leaves=room.offload) as encoder:
                states = states or hidden_states(encoder, samples, plan)
                piece = next(states, None)
            if piece is None:
                return
            yield piece

    for windows in clip_windows(pieces()):
        with torch.inference_mode():
            tokens = networks.audio_projection(windows.unsqueeze(0).to(networks.dtype))
        yield tokens


def _finisher(
    portrait: Portrait, face: FaceImage, options: JoyHalloOptions
) -> Callable[[np.ndarray], np.ndarray]:
    """The function that turns painted squares into the video's frames."""
    if options.paste_back:
        return SquarePasteBack(portrait.image, face.square)
    size = options.resolution, options.resolution

    def enlarged(squares: np.ndarray) -> np.ndarray:
        if squares.shape[2:0:-1] == size:
            return squares
        return np.stack([cv2.resize(square, size, interpolation=cv2.INTER_LINEAR) for square in squares])

    return enlarged


def _as_frames(pictures: Tensor) -> Frames:
    """(k, 3, H, W) from 0 to 1 -> (k, H, W, 3) uint8, truncated instead of rounded, as in the original."""
    return (pictures * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
