"""Writes the file of a dub: the source's own planes and times, painted patches, and a new voice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from media.background_writer import BackgroundWriter
from media.dubbing.decoded_frame import DecodedFrame
from media.dubbing.dub_encoder import DubEncoder, DubPiece, written_size
from media.dubbing.encoding_choice import container_of
from media.dubbing.lengths import DubSchedule, ScheduledFrame
from media.dubbing.source import DubSource
from media.dubbing.stored_picture import layout_of
from media.dubbing.values import PaintedPatch
from media.messages import Message
from media.video_encoder import VideoSound


class DubWriter(BackgroundWriter[DubPiece]):
    """The video of a dub, encoded in a separate thread while frames arrive.

    Every frame has exactly the time that it is given; pixel format, colours, rotation and the shape of pixels
    are the source's. Outside of patches, the planes are the decoded ones, bit for bit, before they are
    encoded. The voice takes the place of the first sound track; further ones, subtitles of text, chapters and
    metadata are kept.

    Use it as a context manager: leaving it finishes the file and gives it its name; leaving it with an
    exception removes it. Memory does not depend on the video's length.
    """

    def __init__(
        self,
        path: Path | str,
        source: DubSource,
        schedule: DubSchedule,
        voice: VideoSound,
        *,
        metadata: dict[str, str] | None = None,
        seal: Callable[[Path], None] | None = None,
    ) -> None:
        """path: ends in .mp4, .m4v, .mov or .mkv. voice: heard from the first frame on; silence follows it
        up to the end of the schedule. metadata: added to the source's own. seal: as for
        `media.background_writer.BackgroundWriter`.

        Raises OutputError if the file cannot be created there.
        """
        container = container_of(Path(path))
        self._encoding: DubEncoder | None = None
        self._size = written_size(source.facts)

        def encoder(file: Path) -> DubEncoder:
            self._encoding = DubEncoder(file, container, source, schedule, voice, metadata or {})
            return self._encoding

        super().__init__(path, encoder, piece_bytes=3 * layout_of(source.facts).nbytes, seal=seal)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) upright: the source's, grown to whole chroma samples."""
        return self._size

    @property
    def notes(self) -> tuple[Message, ...]:
        """Sentences for the user: what the file of the dub cannot keep. Complete once it is closed."""
        return () if self._encoding is None else tuple(self._encoding.notes)

    def write(
        self, frame: DecodedFrame, moment: ScheduledFrame, patches: Sequence[PaintedPatch] = ()
    ) -> None:
        """Add a frame, as from `DubSource.played`. patches: over its upright picture; blended in order.

        Raises OutputError if an earlier frame could not be written.
        """
        self.put(DubPiece(frame, moment, tuple(patches)))
