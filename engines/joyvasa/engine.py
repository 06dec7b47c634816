"""The JoyVASA engine: diffusion turns a voice into motion, and LivePortrait's networks render it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from engines.base import Dubbed, Engine, Note, Step, Work
from engines.dub_check import check_dub_options
from engines.dubbing import READ_AHEAD, Shots
from engines.joyvasa.dubbing.course import LipCourse
from engines.joyvasa.dubbing.dub import dubbed
from engines.joyvasa.dubbing.painter import DubPainter
from engines.joyvasa.face.source import Finisher, picture_size, prepare_source, read_source
from engines.joyvasa.fast.batches import USUAL_BATCH, Batches
from engines.joyvasa.live.face import JoyVasaFace
from engines.joyvasa.motion.driving import Driver, sampled_motion, to_saved_motion
from engines.joyvasa.motion.head_smoothing import head_smoothing
from engines.joyvasa.motion.performed import Performed
from engines.joyvasa.motion.performed_curves import PerformedCurves
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.saved_stretches import saved_stretches
from engines.joyvasa.motion.voice_activity import voice_activity
from engines.joyvasa.motion.windows import FPS
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.weights.model_registry import PARTS, JoyVasaNetworks, dtype_for
from engines.loading import loaded
from engines.marks.option import check_unmarked
from engines.performing import Performing
from engines.saved_motion import SavedMotion
from media.portrait import Portrait
from media.voice import Voice

STARES = "Neither the performance nor a voice moves the lids. The option Blinks adds blinks."


class JoyVasaEngine(Engine[JoyVasaOptions]):
    """Keeps networks and nothing about a job, so it can serve several jobs at once."""

    def __init__(self, networks: JoyVasaNetworks | None = None) -> None:
        """networks: used until `load` is called, for example by a training."""
        self._networks = networks
        if networks is not None:
            self.random_weights = networks.random_weights

    def load(self, device: str = "cpu") -> None:
        """Read the motion generator; the networks of each mode are read with its first portrait.

        Raises WeightsMissing, which names the file and the command that downloads it, or WeightsError.
        """
        self._networks = JoyVasaNetworks(device)
        self.random_weights = self._networks.random_weights

    def prepare(self) -> None:
        """Read the networks for people. Raises WeightsMissing or WeightsError, naming the file."""
        if self._networks is not None:
            self._networks.mode(animal=False)

    def prepare_for(self, options: JoyVasaOptions) -> None:
        """Read the networks of the portrait's mode. Raises WeightsMissing or WeightsError."""
        if self._networks is not None:
            mode = self._networks.mode(animal=options.animation_mode == "animal")
            mode.renderer(dtype_for(options.precision, mode.device))
            loaded(PARTS, PARTS)

    def unload(self) -> None:
        """Release the memory."""
        self._networks = None

    def picture_size(self, portrait: Portrait, options: JoyVasaOptions) -> tuple[int, int]:
        """The portrait's size, or the crop's if it is not pasted back."""
        return picture_size(portrait, options)

    def animate(
        self,
        portrait: Portrait,
        voice: Voice,
        options: JoyVasaOptions,
        seed: int,
        motion: SavedMotion | None = None,
    ) -> Iterator[Work]:
        """See `engines.base.Engine.animate`; the first batch leaves after the first window of four seconds.

        Raises NoFaceError, WeightsMissing, WeightsError, InputError for an unusable motion, and
        OutOfMemory when not even one frame fits.
        """
        total = voice.frames(FPS)
        activity = voice_activity(voice.samples, FPS, total)
        kept: list[HeadMotion] = []

        def pieces(_: HeadMotion) -> Iterator[HeadMotion | Step]:
            if motion is not None:
                return saved_stretches(motion)
            return _collected(self._sampled(voice, options, seed, total), kept)

        yield from self._rendered(portrait, options, seed, pieces, activity)
        if motion is None:
            yield to_saved_motion(kept)

    def perform(
        self, portrait: Portrait, voice: Voice, options: JoyVasaOptions, seed: int, performing: Performing
    ) -> Iterator[Work]:
        """See `engines.base.Engine.perform`: a motion template or blend shapes drive the face. Raises as
        `animate`.
        """
        total = voice.frames(FPS)
        animal = options.animation_mode == "animal"
        lips = {"mouth": performing.mouth, "relative_lips": animal or options.lips == "relative"}
        template = performing.template
        performed: Performed | PerformedCurves
        if template is not None:
            performed = Performed(template, total, **lips)
        else:
            performed = PerformedCurves(performing.curves, total, animal=animal, **lips)
            if animal:
                yield Note("Of a performance, only the turns of the head move an animal with JoyVASA.")
        says_nothing = math.isinf(voice.peak_dbfs)  # a performance alone
        if isinstance(performed, PerformedCurves) and performed.stares(says_nothing, options.blink):
            yield Note(STARES)

        def pieces(still: HeadMotion) -> Iterator[HeadMotion | Step]:
            if isinstance(performed, Performed):
                if not performed.needs_voice:
                    return performed.alone()
                return performed.joined(self._sampled(voice, options, seed, total))
            if says_nothing or not performed.needs_voice:
                return performed.alone(still)
            return performed.joined(self._sampled(voice, options, seed, total), still)

        activity = performed.activity(voice_activity(voice.samples, FPS, total))
        from_portrait = isinstance(performed, PerformedCurves)
        yield from self._rendered(portrait, options, seed, pieces, activity, from_portrait=from_portrait)

    def _sampled(
        self, voice: Voice, options: JoyVasaOptions, seed: int, total: int
    ) -> Iterator[HeadMotion | Step]:
        """New motion of a voice."""
        assert self._networks is not None
        generator = self._networks.audio_to_motion(options.positional_encoding)
        return sampled_motion(generator, voice, options, seed, total)

    def _rendered(
        self,
        portrait: Portrait,
        options: JoyVasaOptions,
        seed: int,
        pieces: Callable[[HeadMotion], Iterator[HeadMotion | Step]],
        activity: np.ndarray,
        *,
        from_portrait: bool = False,
    ) -> Iterator[Work]:
        """Frames of a motion.

        pieces: begins it, from the portrait's own motion of one frame. activity: of the voice, (n,) 0..1.
        from_portrait: whether movement is measured from the portrait's own motion and not from the first
        frame.
        """
        if self._networks is None:
            self.load()
        networks = self._networks
        assert networks is not None
        mode = networks.mode(animal=options.animation_mode == "animal")
        source = read_source(mode, portrait, options)
        yield from map(Note, source.notes)
        dtype = dtype_for(options.precision, mode.device)
        prepared = prepare_source(mode, source, dtype)
        finish = Finisher(portrait, source.crop, options, mode.device)
        compiled = mode.compiled_renderer(dtype) if options.compile == "compiled" else None
        batches = Batches(compiled or mode.renderer(dtype), finish, mode.device, options.batch_size)

        still = source.pose.motion
        driver = Driver(mode, source, options, seed, still if from_portrait else None)
        smoothing = head_smoothing(options.smoothing, freeze=options.is_smooth_motion)
        smoothed = smoothing.apply(pieces(still)) if smoothing else pieces(still)
        keypoints = (p if isinstance(p, Step) else driver.keypoints(p, activity) for p in smoothed)
        yield from batches.render(prepared, keypoints)
        if compiled is not None:
            yield from map(Note, compiled.notes)

    def dub(self, shots: Shots, voice: Voice, options: JoyVasaOptions, seed: int) -> Iterator[Dubbed]:
        """See `engines.base.Engine.dub`: the lips follow the voice, everything else the frame's own pose.

        Raises OptionError for animals, WeightsMissing, WeightsError, and OutOfMemory when not even one face
        fits.
        """
        check_dub_options(options)
        if self._networks is None:
            self.load()
        assert self._networks is not None
        mode = self._networks.mode(animal=False)
        total = voice.frames(FPS)
        pieces = self._sampled(voice, options, seed, total)
        activity = voice_activity(voice.samples, FPS, total)
        course = LipCourse(pieces, activity, voice.duration, options.silence_closes_mouth)
        size = min(options.batch_size or USUAL_BATCH.get(mode.device.type, 2), READ_AHEAD)
        return dubbed(shots, course, DubPainter(mode, options, shots.reference), size)

    def live(self, portrait: Portrait, options: JoyVasaOptions, seed: int, look_ahead: float) -> JoyVasaFace:
        """See `engines.base.Engine.live`. Raises the errors of `JoyVasaFace`."""
        check_unmarked(options.marks)
        if self._networks is None:
            self.load()
        assert self._networks is not None
        return JoyVasaFace(self._networks, portrait, options, seed, look_ahead)


def _collected(pieces: Iterator[HeadMotion | Step], kept: list[HeadMotion]) -> Iterator[HeadMotion | Step]:
    """Yield the same pieces and keep their motion: a few kilobytes per second."""
    for piece in pieces:
        if isinstance(piece, HeadMotion):
            kept.append(piece)
        yield piece
