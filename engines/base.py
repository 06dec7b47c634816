"""The contract between the job pipeline and every engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from engines.saved_motion import SavedMotion
from media.errors import EngineError

if TYPE_CHECKING:  # the command line reads options without waiting for decoders to be imported
    import numpy as np

    from engines.dubbing import Shots
    from engines.live import LiveFace
    from engines.performing import Performing
    from media.dubbing.values import PaintedPatch
    from media.partial_frames import PartialFrames
    from media.portrait import Portrait
    from media.voice import Voice

Frames: TypeAlias = "np.ndarray"
"""A batch of finished frames: (n, H, W, 3) uint8 RGB, n >= 1, in order."""

AnimationMode = Literal["human", "animal"]


@dataclass(frozen=True)
class Step:
    """A piece of work that gave no frame yet, such as one step of diffusion.

    fraction: how much of the whole job is done, 0..1, as well as the engine can tell.
    """

    fraction: float


@dataclass(frozen=True)
class Note:
    """A sentence for the user about how this job was done."""

    text: str


Work: TypeAlias = "Frames | PartialFrames | Step | Note | SavedMotion"
"""What an engine's `animate` yields."""

Dubbed: TypeAlias = "tuple[PaintedPatch, ...] | Step | Note"
"""What an engine's `dub` yields: the patches of one frame, or something between two frames."""


class EngineOptions(BaseModel):
    """Base of every engine's options.

    The model is the only place where an option's range, default and help are written: sliders, command line
    flags, the API schema, preset checks and the documentation table are made from it. A field is written as
    ``Field(default, ge=, le=, title=, description=, json_schema_extra={"step": 0.05, "advanced": True,
    "sampled": True, "modes": ["human"], "live": True})``; `step` is the slider's step, `advanced` moves it
    into the page's fold, `sampled` marks an option that decides the motion itself, not how the motion is
    rendered, `modes` names the animation modes in which it acts, if those are not all, and `live` marks an
    option that may change while a live session runs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    default_preset: ClassVar[str] = "natural"
    """The preset that is shown first; its options are the defaults."""

    added: ClassVar[Mapping[str, Any]] = {}
    """Options that the engine's first videos did not have, each with the value that makes such a video."""

    unused_in_dubs: ClassVar[tuple[str, ...]] = ()
    """Of an engine that dubs: its options without an effect on a dub. `animation_mode` and `fps` never have
    one. Flags, the page and the API offer the others for dubs.
    """

    animation_mode: AnimationMode = Field(
        "human",
        title="Animation mode",
        description="human: a person, a painting or a statue. animal: an animal's face.",
    )
    fps: int = 25

    @property
    def needs_face(self) -> bool:
        """Whether the engine needs a face that was found in the portrait; False if it can do without."""
        return True


OptionsT = TypeVar("OptionsT", bound=EngineOptions)


class Engine(ABC, Generic[OptionsT]):
    """One way to make a portrait talk.

    OptionsT: the model of its options, as in `class PulseEngine(Engine[PulseOptions])`.

    An engine knows nothing about files, pages, job ids or encoders: it receives values and yields values. One
    instance may serve several jobs at once, so it stores nothing about a job.
    """

    random_weights: bool = False
    """True after `load` if the networks have random weights; videos then say so."""

    def load(self, device: str = "cpu") -> None:
        """Read weights and build networks; called once per process and device."""

    def prepare(self) -> None:
        """Read in advance what a usual job needs beyond `load`."""

    def prepare_for(self, options: OptionsT) -> None:
        """Read what a job with these options needs beyond `load`, before its first frame.

        Call `engines.loading.loaded` after each network, here and in `load`: readers of the job then see how
        far the loading is.
        """

    def unload(self) -> None:
        """Release the memory."""

    def picture_size(self, portrait: Portrait, options: OptionsT) -> tuple[int, int]:
        """(width, height) of the frames that `animate` gives for a portrait; usually its own."""
        return portrait.width, portrait.height

    @abstractmethod
    def animate(
        self,
        portrait: Portrait,
        voice: Voice,
        options: OptionsT,
        seed: int,
        motion: SavedMotion | None = None,
    ) -> Iterator[Work]:
        """Yield exactly ``round(voice.duration * options.fps)`` frames (at least 1), in order.

        The frames have the size that `picture_size` returns; an engine that paints only a rectangle of a
        still picture may yield PartialFrames, which cost less to encode. The first batch leaves before the
        last is computed. In between come a Step after each piece of long work without frames, a Note for
        what the user should know, and one SavedMotion from an engine that saves its motion. Closing the
        generator stops the work at any point.

        motion: a motion that an earlier job of the same engine saved, to be rendered instead of a new one.
        Only passed to engines whose `EngineSpec` says `keeps_motion`, with the right number of frames and
        with `options` that agree with it where they are `sampled`.
        """

    def perform(
        self, portrait: Portrait, voice: Voice, options: OptionsT, seed: int, performing: Performing
    ) -> Iterator[Work]:
        """As `animate`, with a recorded performance that drives the face. Only called for engines whose
        `EngineSpec` says `performs` for one of blend shapes, or `follows_templates` for a motion template.

        The voice decides the length and what the performance lacks; it may be silent.
        """
        raise EngineError("This engine cannot follow a recorded performance.")

    def live(self, portrait: Portrait, options: OptionsT, seed: int, look_ahead: float) -> LiveFace:
        """A face for one live session. Only called for engines whose `EngineSpec` says `live`.

        look_ahead: seconds of sound after a frame's end that may decide the frame.
        """
        raise EngineError("This engine cannot follow a voice that is still arriving.")

    def dub(self, shots: Shots, voice: Voice, options: OptionsT, seed: int) -> Iterator[Dubbed]:
        """Repaint the mouths of a video. Only called for engines whose `EngineSpec` says `dubs`.

        Yields, for each of `shots.frames` in order, the patches of its faces: a tuple, empty for a frame that
        stays as it is. At most `engines.dubbing.READ_AHEAD` shots are read before the patches of the first
        are given, and memory does not grow with the video. In between come Steps and Notes as from `animate`;
        the fraction of a Step is that of the voice, because nothing here says how long the video is.
        Patches lie within their frame; where they overlap, the later one covers the earlier.
        """
        raise EngineError("This engine cannot dub a video.")
