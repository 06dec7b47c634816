"""Writes a clip with MoviePy's encoders. Prints nothing, and leaves no file when it is stopped."""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.errors import JoyStudioError, OutputError
from media.gif_file import read_gif
from media.output_file import OutputFile, explain_output_error
from studio.clips.encoders import Encoding

SOUND_PART = 0.08
"""Fraction of the work for the sound, which comes first."""
SAMPLE_BYTES, SOUND_PIECE = 4, 4800
"""Bytes of a sample, and samples per request."""
STOPS_WITHIN = 0.1
"""Seconds after which work that waits for its reader checks whether it should stop."""

News = queue.Queue[float | BaseException | None]
"""The completed fraction; an error; None at the end."""


@dataclass(eq=False)
class ClipWriter:
    """Writes one clip into a file.

    clip: a moviepy.VideoClip of `frames` frames. The file gets its name only when `keep` is called.
    """

    clip: Any
    frames: int
    fps: float
    target: Path
    encoding: Encoding
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.file = OutputFile(self.target)
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def write(self) -> Generator[float, None, None]:
        """Write everything; yields the completed fraction, 0..1. Closing it stops MoviePy and its FFmpeg.

        Raises OutputError if the encoder fails or writes less than everything.
        """
        news: News = queue.Queue(1)  # a reader that pauses makes the work pause
        thread = threading.Thread(target=self._work, args=(news,), name="joystudio-clip", daemon=True)
        try:
            thread.start()
            while (piece := news.get()) is not None:
                if isinstance(piece, BaseException):
                    raise self._explained(piece) from None
                yield piece
            self._check()
        except BaseException:
            self._stop_now()
            if thread.is_alive():  # Ctrl-C can come before it has begun; then it notices that it should stop
                thread.join()
            self.file.discard()
            raise
        thread.join()

    def keep(self) -> None:
        """Give the finished file its name. Raises OutputError."""
        self.file.keep()

    def discard(self) -> None:
        """Remove the file; does nothing after `keep`."""
        self.file.discard()

    def _stop_now(self) -> None:
        """End the thread, which may be waiting for FFmpeg to accept a frame."""
        self._stop.set()
        if self._process is not None:
            self._process.kill()

    def _work(self, news: News) -> None:
        if self._stop.is_set():
            return
        try:
            self._encode(lambda part: self._tell(news, part))
            self._tell(news, None)
        except _Stopped:
            pass
        except BaseException as error:
            with suppress(_Stopped):
                self._tell(news, error)

    def _tell(self, news: News, piece: float | BaseException | None) -> None:
        while not self._stop.is_set():
            with suppress(queue.Full):
                news.put(piece, timeout=STOPS_WITHIN)
                return
        raise _Stopped

    def _encode(self, tell: Callable[[float], None]) -> None:
        # A sum of floats just below a frame's start would select the frame before it: add a quarter of a
        # frame.
        late = 0.25 / self.fps
        clip = self.clip.time_transform(lambda time: time + late, keep_duration=True)
        # Half a frame longer: MoviePy counts frames by rounding down a product of floats.
        clip = clip.with_duration((self.frames + 0.5) / self.fps).with_fps(self.fps)
        sound = None
        if self.encoding.sound is not None and clip.audio is not None:
            sound = OutputFile(self.target)
        try:
            if sound is not None:
                self._encode_sound(clip.audio, sound.path, tell)
            part = _logger(
                "frame_index", lambda part: tell(SOUND_PART + (1 - SOUND_PART) * part if sound else part)
            )
            with self._ffmpeg(clip.size, sound.path if sound else None) as writer:
                for frame in clip.iter_frames(fps=self.fps, dtype="uint8", logger=part):
                    writer.write_frame(frame)
        finally:
            if sound is not None:
                sound.discard()

    @contextmanager
    def _ffmpeg(self, size: tuple[int, int], sound: Path | None) -> Iterator[Any]:
        """MoviePy's writer; an exception in the block kills its FFmpeg."""
        # Not `write_videofile`: when it is stopped, it waits until FFmpeg has encoded everything it was sent.
        from moviepy.video.io.ffmpeg_writer import FFMPEG_VideoWriter

        tail = self.encoding.parameters(size, self.fps, self.frames, self.tags, sound=sound is not None)
        writer = FFMPEG_VideoWriter(
            str(self.file.path), size, self.fps, self.encoding.video, audiofile=str(sound) if sound else None,
            audio_codec="copy", preset=self.encoding.preset, with_mask=self.encoding.clear,
            ffmpeg_params=tail,
        )  # fmt: skip
        self._process = process = writer.proc
        try:
            if self._stop.is_set():  # `_stop_now` did not find a process yet
                raise _Stopped
            yield writer
            writer.close()
        except BaseException:
            process.kill()
            process.communicate()
            raise

    def _encode_sound(self, audio: Any, path: Path, tell: Callable[[float], None]) -> None:
        # Not `write_audiofile`: when it is stopped, its FFmpeg continues and creates the removed file again.
        from moviepy.audio.io.ffmpeg_audiowriter import FFMPEG_AudioWriter

        kind = self.encoding.sound
        assert kind is not None
        bitrate = kind.bitrate(audio.nchannels)
        logger = _logger("chunk", lambda part: tell(SOUND_PART * part))
        with FFMPEG_AudioWriter(
            str(path), audio.fps, SAMPLE_BYTES, audio.nchannels,
            codec=kind.codec, bitrate=bitrate, ffmpeg_params=["-f", kind.container],
        ) as writer:  # fmt: skip
            for chunk in audio.with_duration((self.frames + 0.5) / self.fps).iter_chunks(
                SOUND_PIECE, fps=audio.fps, quantize=True, nbytes=SAMPLE_BYTES, logger=logger
            ):
                writer.write_frames(chunk)

    def _check(self) -> None:
        """MoviePy does not ask how FFmpeg ended: on a full disk the file may break off without an error."""
        try:
            written = self._written()
        except JoyStudioError:
            written = 0
        if written < self.frames:
            raise OutputError(
                'Only {written} of {frames} frames were written to "{target}". Free some disk space and '
                "export the video again.",
                written=written,
                frames=self.frames,
                target=self.target,
            )

    def _written(self) -> int:
        if self.encoding.format == "gif":
            facts = read_gif(self.file.path)
            return facts.frames if facts.whole else 0
        from evaluation.video_file import VideoFile

        return VideoFile(self.file.path).frame_count

    def _explained(self, error: BaseException) -> BaseException:
        if isinstance(error, JoyStudioError):
            return error
        if isinstance(error, OSError):
            with suppress(OSError):
                if "No space left" in str(error):
                    return explain_output_error(OSError(28, "No space left on device"), self.target)
            last = next((line for line in reversed(str(error).splitlines()) if line.strip()), "")
            return OutputError(
                'The video "{target}" cannot be written: {last}.', target=self.target, last=last.strip()[:200]
            )
        return error


class _Stopped(Exception):
    """The clip has no reader any more."""


def _logger(bar: str, tell: Callable[[float], None]) -> Any:
    """A logger of proglog, which MoviePy reports to, that passes on one of its bars and prints nothing."""
    import proglog

    class Logger(proglog.ProgressBarLogger):
        def bars_callback(self, bar_: str, attr: str, value: Any, old_value: Any = None) -> None:
            total = self.bars[bar_]["total"]
            if bar_ == bar and attr == "index" and total:
                tell(min(1.0, max(0.0, float(value) / float(total))))

        def callback(self, **changes: Any) -> None:
            pass

    return Logger()
