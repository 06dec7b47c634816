"""A job's video in segments that a browser can play while the rest is being rendered."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from media.segment import Segment
from studio.decoding import decoding_for
from studio.events import Chunk, Event, Progress, Started
from studio.job import Job
from studio.settings import Settings

if TYPE_CHECKING:
    from media.live_segments import LiveSegments

_log = logging.getLogger("joystudio.segments")


def with_segments(
    events: Generator[Event, None, None], job: Job, settings: Settings | None = None
) -> Generator[Event | Segment, None, None]:
    """A job's events, with a Segment after every Chunk that completed one.

    Closing it closes the job. Segments are only a view: if they cannot be made, the job continues without
    them, and the log gives the reason.
    """
    with closing(events), ExitStack() as open_until_the_end:
        live: LiveSegments | None = None
        for event in events:
            yield event
            try:
                if isinstance(event, Started):
                    from media.live_segments import LiveSegments

                    # The segments take their sound from one file.
                    if job.voice is None or job.second_voice is not None:
                        continue
                    decoding = decoding_for(settings or Settings())
                    live = open_until_the_end.enter_context(
                        LiveSegments(
                            event.size, event.fps, job.voice, track=job.audio_track, decoding=decoding
                        )
                    )
                elif live is not None and isinstance(event, Chunk):
                    yield from live.write(event.work)
                elif live is not None and isinstance(event, Progress) and event.stage == "finishing":
                    yield from live.finish()
                    live = None
            except Exception:
                _log.warning("The video cannot be shown while it is rendered.", exc_info=True)
                live = None
