"""The pipeline of one dub: open, follow, paint, write, sign."""

from __future__ import annotations

import secrets
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from engines.base import Step
from media.errors import OutOfMemory
from media.messages import said
from media.sound.generated import KEY as GENERATED
from studio.decoding import decoding_for
from studio.destination import unless_interrupted
from studio.dubbing.destination import choose_dub_destination
from studio.dubbing.events import DubEvent, DubFinished, DubPreview, DubStarted
from studio.dubbing.following import followed
from studio.dubbing.ignored_options import ignored_note
from studio.dubbing.job import DubJob
from studio.dubbing.painting import DubPainting
from studio.dubbing.provenance import DubSigner, dub_facts, dub_provenance
from studio.dubbing.result import DubReport, DubResult
from studio.events import Progress
from studio.hosting.spaces import engine_for
from studio.in_use import holding
from studio.opened import open_voice
from studio.progress import TimeLeft
from studio.random_weights import NOTE, says_random
from studio.settings import Settings
from studio.stopping import check_wanted

if TYPE_CHECKING:
    from engines.base import Engine
    from media.dubbing.source import DubSource
    from media.voice import Voice

FOLLOWING_SHARE = 0.35
"""Part of a dub's time that following the faces takes, as a bar shows it."""
TOLD = {
    "container",
    "codec",
    "pixel_format",
    "stored_size",
    "fps",
    "mean_fps",
    "colours",
    "sounds",
    "interlaced",
}
"""What the report repeats of the source's facts."""
PREVIEW_EVERY = 12
"""Frames between two previews."""


def run_dub(job: DubJob, settings: Settings | None = None) -> Generator[DubEvent]:
    """Make one dub. Yields Progress, DubStarted, Progress and DubPreview in turn, and DubFinished.

    Closing the generator cancels the job: the partial file and the landmarks are removed, and the engine
    stays loaded. An error does the same. Raises a JoyStudioError for everything that a user can correct.
    """
    settings = settings or Settings()
    decoding_for(settings).start()
    try:
        with holding(*job.files.values()):
            yield from _run(job, settings)
    except MemoryError as error:
        raise OutOfMemory(
            "The machine ran out of memory while dubbing. Close other programs, or use a smaller video."
        ) from error


def open_dub_source(video: Path, settings: Settings) -> DubSource:
    """Open the video, decoded where the settings say. Raises VideoError or InputError."""
    from media.dubbing.readers import reader_of
    from media.dubbing.source import open_source

    reader = reader_of(video.absolute()) if settings.decode == "direct" else None
    return open_source(video, longest=settings.max_seconds, reader=reader)


def _run(job: DubJob, settings: Settings) -> Generator[DubEvent]:
    from media.dubbing.dub_encoder import written_size
    from media.dubbing.following import FollowingOptions  # late: the decoders and MediaPipe
    from media.dubbing.following_person import FacePoint, check_person, read_person
    from media.dubbing.lengths import DubSchedule
    from studio.dubbing.animals import only_people

    began = time.monotonic()
    job_id = secrets.token_hex(8)
    options = FollowingOptions(read_person(job.person), job.max_turn, job.fade)
    destination = choose_dub_destination(job, job_id, settings)
    yield Progress("opening", 0.0, None, 0.0)
    source = open_dub_source(job.video, settings)
    check_person(options.person, source.size, _last_time(source))
    speech = open_voice(job, settings)
    yield Progress("loading", 0.0, None, 0.0)
    engine = engine_for(job.engine, settings.device)
    engine.prepare_for(job.options)
    with (yield from followed(source, destination.parent, options, FOLLOWING_SHARE)) as faces:
        if not isinstance(options.person, FacePoint):  # a face that was pointed at is taken for a person's
            faces = only_people(faces, source)
        schedule = DubSchedule(source.times, speech.duration, job.sync_mode)
        painting = DubPainting(source, faces, schedule)
        random_weights = engine.random_weights or says_random(speech.generated or {})
        ignored = ignored_note(job, settings.presets)
        notes = (*ignored, *source.notes, *speech.notes, *([NOTE] if random_weights else []))
        yield DubStarted(job_id, float(schedule.duration), written_size(source.facts), notes)
        following_seconds = time.monotonic() - began
        facts = dub_facts(job, speech, schedule.mode, random_weights=random_weights)
        seal = DubSigner(dub_provenance(facts), settings, job.video)
        yield from _written(job, settings, painting, engine, speech, destination, seal)
        report = _report(painting, job, following_seconds, time.monotonic() - began)
    seconds = time.monotonic() - began
    with unless_interrupted(destination):
        check_wanted()
    yield DubFinished(
        DubResult(
            job_id=job_id,
            path=destination,
            size=written_size(source.facts),
            duration=round(float(schedule.duration), 3),
            seconds=round(seconds, 3),
            realtime_factor=round(seconds / float(schedule.duration), 4),
            engine=job.engine,
            preset=job.preset,
            options=facts["options"],
            seed=job.seed,
            video=job.video.name,
            voice=job.voice_name,
            video_sha256=facts["video_sha256"],
            voice_sha256=facts["speech_sha256"],
            random_weights=random_weights,
            signed=seal.done,
            notes=(*notes, *painting.notes, *([seal.note] if seal.note else [])),
            report=report,
            incomplete=("signature",) if seal.failed else (),
            generated_voice=facts.get(GENERATED),
        )
    )


def _last_time(source: DubSource) -> float:
    """When the last frame is shown, in seconds, by what the file says of itself."""
    return max(0.0, float(source.facts.duration - 1 / source.facts.mean_fps))


def _written(
    job: DubJob,
    settings: Settings,
    painting: DubPainting,
    engine: Engine,
    speech: Voice,
    destination: Path,
    seal: DubSigner,
) -> Generator[DubEvent]:
    """Paint and write every frame."""
    from media.dubbing.writer import DubWriter
    from media.sound.sample_store import release_pages

    pace, total = TimeLeft(), painting.schedule.duration
    share, number = 1 - FOLLOWING_SHARE, 0
    voiced = min(1.0, speech.duration / float(total))
    with (
        DubWriter(
            destination,
            painting.source,
            painting.schedule,
            speech,
            metadata=seal.tags,
            seal=seal.unless_stopped,
        ) as writer,
        closing(painting.painted(engine, speech, job.options, job.seed)) as frames,
    ):
        for piece in frames:
            if isinstance(piece, Step):
                yield Progress("sampling", *pace.at(FOLLOWING_SHARE + share * voiced * piece.fraction))
                continue
            writer.write(piece.frame, piece.moment, piece.patches)
            if number % PREVIEW_EVERY == 0:
                release_pages(speech.samples)
                yield DubPreview(number, piece.picture())
            number += 1
            done = float(piece.moment.time / total)
            yield Progress("rendering", *pace.at(FOLLOWING_SHARE + share * done))
        yield Progress("finishing", 1.0, 0.0)
    painting.notes += writer.notes
    if not painting.dubbed:
        painting.notes.append(
            said(
                "No frame of the video got new lips; only its sound is new. Use a video that shows the mouth "
                "larger and uncovered, or choose another person."
            )
        )


def _report(painting: DubPainting, job: DubJob, following: float, seconds: float) -> DubReport:
    source, faces = painting.source, painting.faces
    facts, times = source.facts, source.times
    return DubReport(
        frames=painting.frames,
        dubbed=painting.dubbed,
        passed=dict(painting.passed),
        source={
            "frames": len(times),
            "seconds": round(float(times.duration), 3),
            **facts.model_dump(mode="json", include=TOLD),
        },
        cuts=tuple(round(float(times[number]), 3) for number in faces.cuts),
        tracks=tuple(
            {
                "from": round(float(times[one.first]), 3),
                "to": round(float(times[one.last]), 3),
                "frames": one.frames,
                "dubbed": one.dubbed,
                "area": round(one.area),
            }
            for one in faces.tracks
        ),
        sync_mode=painting.schedule.mode,
        person=job.person,
        following_seconds=round(following, 3),
        painting_seconds=round(seconds - following, 3),
    )
