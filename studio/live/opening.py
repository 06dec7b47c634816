"""Checks and reads what a live session begins with."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError, create_model

from engines import registry
from engines.base import EngineOptions
from engines.live import LiveFace
from media.desk.edit import PLAIN, PortraitEdit
from media.documents.paths import given_path
from media.documents.quoting import shown
from media.errors import OptionError
from media.messages import OptionName, said
from studio.animal_advice import animal_advice
from studio.decoding import decoding_for
from studio.hosting.spaces import engine_for
from studio.job import Job, checked_seed
from studio.live.curve_senders import check_curves
from studio.live.face_setup import FaceSetup
from studio.live.machine_speed import check_estimate, check_measured
from studio.live.painters.painting import ProcessPainting
from studio.live.painters.pool import Painters
from studio.live.painters.process import PaintedSession
from studio.live.painting import Painting, ThreadPainting
from studio.live.places import HeldPlace, LivePlaces
from studio.options import explain, list_options, make_options
from studio.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from media.portrait import Portrait

LONGEST_LOOK_AHEAD = 1000
BACKLOGS = 100, 10_000
LONGEST_LEAD = 1000
"""Milliseconds, as the look-ahead."""
LEAST_PATIENCE = 0.5
"""Seconds."""
_FIELDS: dict[str, Any] = {
    name: (Job.model_fields[name].annotation, Job.model_fields[name])
    for name in ("portrait", "face_index", "anchors", "portrait_edit")
}
_View = create_model("_View", **_FIELDS)
"""What a session and a job have in common about the portrait."""


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """A checked live session, before its portrait is read.

    in_time: refuse a machine that is too slow for the engine.
    Raises OptionError for an engine that cannot go live, and for values out of range.
    """

    portrait: Path | bytes | Portrait
    engine: str
    options: EngineOptions
    seed: int
    look_ahead: float
    max_backlog: float | None = None
    lead: float = 0.0
    face_index: int = 0
    anchors: Any = None
    portrait_edit: PortraitEdit = PLAIN
    marked: bool = False
    in_time: bool = True

    @classmethod
    def of(
        cls,
        portrait: Any,
        engine: str,
        options: Any,
        seed: Any,
        look_ahead_ms: Any,
        max_backlog_ms: Any = None,
        marked: bool = False,
        lead_ms: Any = 0,
        in_time: bool = True,
        curves: bool = False,
        **view: Any,
    ) -> Beginning:
        """Check the arguments of `LiveSession.open`."""
        if not registry.spec_of(engine).live:
            raise OptionError(
                "The engine {engine} makes videos of complete recordings only. For a live session, choose "
                "{able}.",
                engine=engine,
                able=registry.names_of(lambda spec: spec.live),
            )
        if curves:
            check_curves(engine)
        if not _is_within(look_ahead_ms, 0, LONGEST_LOOK_AHEAD):
            raise OptionError(
                "The look-ahead is {value} ms, but takes 0 to {most}.",
                value=shown(look_ahead_ms),
                most=LONGEST_LOOK_AHEAD,
            )
        if max_backlog_ms is not None and not _is_within(max_backlog_ms, *BACKLOGS):
            raise OptionError(
                "The largest backlog is {value} ms, but takes {least} to {most}.",
                value=shown(max_backlog_ms),
                least=BACKLOGS[0],
                most=BACKLOGS[1],
            )
        if not _is_within(lead_ms, 0, LONGEST_LEAD):
            raise OptionError(
                "The lead is {value} ms, but takes 0 to {most}.", value=shown(lead_ms), most=LONGEST_LEAD
            )
        return cls(
            engine=engine,
            options=make_options(engine, options),
            seed=checked_seed(seed),
            look_ahead=look_ahead_ms / 1000,
            max_backlog=None if max_backlog_ms is None else max_backlog_ms / 1000,
            marked=marked,
            lead=lead_ms / 1000,
            in_time=in_time,
            **checked_view(portrait, **view),
        )

    def read(self, settings: Settings) -> FaceSetup:
        """Open the portrait. Returns what its face is made from.

        Slow: call it in a thread. Raises PortraitError and NoFaceError.
        """
        from media.portrait import Portrait, open_portrait

        portrait = self.portrait
        if not isinstance(portrait, Portrait):
            portrait = open_portrait(
                portrait,
                decoding=decoding_for(settings),
                subject=self.options.animation_mode,
                face_index=self.face_index,
                anchors=self.anchors,
                max_side=settings.max_side,
                face_needed=self.options.needs_face,
                animal_advice=animal_advice(self.engine),
                edit=self.portrait_edit,
            )
        return FaceSetup(
            portrait, self.engine, self.options, self.seed, self.look_ahead, settings.device, self.marked
        )


def _is_within(value: Any, least: float, most: float) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and least <= value <= most


def checked_patience(seconds: Any) -> float:
    """How long frames may wait to be read. Raises OptionError."""
    if not _is_within(seconds, LEAST_PATIENCE, math.inf):
        raise OptionError(
            "The frames may wait {value} seconds to be read, but this takes {least} or more.",
            value=shown(seconds),
            least=LEAST_PATIENCE,
        )
    return float(seconds)


def checked_view(portrait: Any, **view: Any) -> dict[str, Any]:
    """The portrait and what a job says about it, checked as a job's. Raises OptionError."""
    from media.portrait import Portrait

    opened = isinstance(portrait, Portrait)
    if isinstance(portrait, str | Path):
        portrait = given_path(portrait)
    try:
        checked = _View(portrait=b"" if opened else portrait, **view)
    except ValidationError as error:
        raise OptionError(explain(error, Job)) from error
    values = dict(checked)
    if values["portrait_edit"].transparent:
        raise OptionError(
            "Live pictures have no transparency. Choose a colour such as #00b140 as the background, which "
            "video editors remove."
        )
    return values | {"portrait": portrait} if opened else values


@dataclass(frozen=True)
class OpenedFacts:
    """What is known of a session's portrait and engine. notes: for the user. sha256: of the portrait.
    random_weights: of the engine.
    """

    notes: tuple[str, ...]
    sha256: str
    random_weights: bool = False


async def open_face(
    beginning: Beginning, settings: Settings, visitor: Hashable, places: LivePlaces | HeldPlace | None
) -> tuple[Painting, OpenedFacts]:
    """Read a session's portrait in a thread. Returns its face, ready to be painted, and the portrait's facts.

    Raises LineFull if there is no place, LiveSpeedError, and the errors of `Beginning.read` and of loading an
    engine.
    """
    processes = None
    if places is None:
        painters = readers = ThreadPoolExecutor(1, thread_name_prefix="live")
        give_back: Callable[[], None] = partial(painters.shutdown, wait=False)
    else:
        painters, readers, give_back = places.painters, places.readers, places.take(visitor)
        processes = places.processes_for(beginning.engine)
    reading = readers.submit(_opened, beginning, settings, processes)
    try:
        face, seen = await asyncio.wrap_future(reading)
    except BaseException:
        # A program may give up opening; the thread that reads cannot, and keeps the place until it is done.
        reading.add_done_callback(partial(_leave, give_back))
        raise
    if isinstance(face, PaintedSession):
        return await ProcessPainting.connect(face, give_back), seen
    return ThreadPainting(*face, painters, give_back), seen


def _opened(
    beginning: Beginning, settings: Settings, processes: Painters | None
) -> tuple[PaintedSession | tuple[LiveFace, np.ndarray], OpenedFacts]:
    """A face in another process, or one of this process with its first picture; and the portrait's facts."""
    if beginning.in_time:
        check_estimate(beginning.engine, beginning.options, settings.device)
    if processes is not None:
        processes.start()  # while the portrait is read
    setup = beginning.read(settings)
    seen = OpenedFacts(setup.portrait.notes, setup.portrait.sha256)
    if processes is not None:
        return processes.open(setup), seen
    face = setup.face()
    if beginning.in_time:
        check_measured(beginning.engine, face, settings.device)
    random_weights = engine_for(setup.engine, setup.device).random_weights
    return (face, face.paint()), replace(seen, random_weights=random_weights)


def _leave(give_back: Callable[[], None], reading: Future[Any]) -> None:
    """Nothing came of an opening."""
    if not reading.cancelled() and reading.exception() is None:
        face, _ = reading.result()
        if isinstance(face, PaintedSession):
            face.close()
    give_back()


def changed_options(engine: str, now: EngineOptions, changes: Mapping[str, Any]) -> EngineOptions:
    """The options with some of them changed. Raises OptionError for one that cannot change in flight."""
    new = make_options(engine, {**now.model_dump(), **changes})
    live = {option.name for option in list_options(engine) if option.live}
    for name in type(now).model_fields:
        if name not in live and getattr(new, name) != getattr(now, name):
            raise OptionError(
                said(
                    "The option {name} is fixed while a live session runs. Open another session, or change "
                    "one of {live}.",
                    name=OptionName(name),
                    live=", ".join(sorted(live)),
                )
            )
    return new
