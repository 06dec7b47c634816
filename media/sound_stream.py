"""The sound of any file or array as a stream of float blocks; nothing is held but one block."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from media.errors import SpeechError

SoundSource = Path | tuple[int, np.ndarray]
SoundBlocks = Generator[np.ndarray, None, None]

BLOCK = 1 << 15
_LOWEST_RATE, _HIGHEST_RATE = 1000, 768_000
_MOST_CHANNELS = 64

# Playlists and the like name further files and addresses: a voice must not make us open those.
OPEN_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(
        (
            "wav,w64,aiff,caf,au,mp3,aac,flac,ogg,matroska,webm,mov,mp4,m4a,3gp,asf,avi,mpegts,mpeg,flv",
            "ac3,eac3,amr,amrnb,amrwb,ape,wv,tta,voc,mp2,oma,dts,tak,mpc,mpc8,sox,rm,xwma,nut",
        )
    ),
}


@dataclass(frozen=True)
class SoundFormat:
    """What a source's sound is like before anything is done to it."""

    rate: int
    channels: int
    layout: str
    codec: str
    claimed_duration: float | None


def open_sound(source: SoundSource) -> tuple[SoundFormat, SoundBlocks]:
    """The format of a sound and its blocks, (n, channels) float32 with full scale 1.

    Close the iterator to close the file. Raises SpeechError, at once or while it is read, for what
    cannot be decoded.
    """
    if isinstance(source, tuple):
        return _open_array(*source)
    return _open_file(source)


def _open_array(rate: int, array: np.ndarray) -> tuple[SoundFormat, SoundBlocks]:
    array = np.asarray(array)
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise SpeechError(
            f"The voice has a sample rate of {rate} Hz; {_LOWEST_RATE} to {_HIGHEST_RATE} Hz are read."
        )
    if array.ndim not in (1, 2):
        raise SpeechError(
            f"A voice array has the shape (samples,) or (samples, channels), not {array.shape}."
        )
    if array.ndim == 2 and not 1 <= array.shape[1] <= _MOST_CHANNELS:
        raise SpeechError(
            f"A voice array has the shape (samples, channels) with at most {_MOST_CHANNELS} channels, "
            f"not {array.shape}."
        )
    if array.dtype.kind not in "iuf":
        raise SpeechError(f"A voice array holds integers or floats, not {array.dtype}.")
    table = array[:, None] if array.ndim == 1 else array
    offset, full = _full_scale(table)
    channels = table.shape[1]

    def blocks() -> SoundBlocks:
        for start in range(0, len(table), BLOCK):
            block = table[start : start + BLOCK].astype(np.float32)
            if offset:
                block -= offset
            if full != 1.0:
                block *= 1.0 / full
            yield block

    return SoundFormat(
        int(rate), channels, _layout_name(channels), str(array.dtype), len(table) / rate
    ), blocks()


def _layout_name(channels: int) -> str:
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")


def _full_scale(table: np.ndarray) -> tuple[float, float]:
    """(zero, full scale) of an array's dtype."""
    if table.dtype.kind == "f":
        if table.size:
            peak = max(float(table.max()), -float(table.min()))
            if peak > 64.0:  # NaN compares false and is refused later
                raise SpeechError(
                    f"The voice array holds floats up to {peak:g}; floats are expected from -1 to 1."
                )
        return 0.0, 1.0
    bits = table.dtype.itemsize * 8
    if bits == 64:  # no sound card makes these: they are smaller integers in a wide array
        peak = max(int(table.max(initial=0)), -int(table.min(initial=0)))
        bits = next((b for b in (16, 32) if peak <= 1 << (b - 1)), 64)
        return 0.0, float(1 << (bits - 1))
    half = float(1 << (bits - 1))
    return (half if table.dtype.kind == "u" else 0.0), half


def _open_file(path: Path) -> tuple[SoundFormat, SoundBlocks]:
    frames = _decoded(path)
    try:
        container_info, first = next(frames)
    except StopIteration:
        raise SpeechError(f'The voice "{path.name}" holds 0 samples of sound; record it again.') from None
    channels = len(first.layout.channels)
    codec, claimed = container_info
    info = SoundFormat(first.sample_rate, channels, _layout_name(channels), codec, claimed)
    layout = first.layout.name

    def blocks() -> SoundBlocks:
        same: AudioResampler | None = None
        try:
            for _, frame in itertools.chain([(container_info, first)], frames):
                changed = frame.sample_rate != info.rate or frame.layout.name != layout
                if changed and same is None:  # radio recordings switch between mono and stereo
                    same = AudioResampler("fltp", first.layout, info.rate)
                if changed and same is not None:
                    for converted in same.resample(frame):
                        yield _to_float(converted)
                else:
                    yield _to_float(frame)
        finally:
            frames.close()

    return info, blocks()


def _decoded(path: Path) -> Generator[tuple[tuple[str, float | None], AudioFrame], None, None]:
    try:
        container = av.open(str(path.absolute()), options=OPEN_OPTIONS, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _cannot_open(path, error) from None
    with container:
        stream = container.streams.best("audio")
        if stream is None:
            raise SpeechError(f'"{path.name}" has no sound in it ({len(container.streams)} other streams).')
        claimed = None
        if stream.duration is not None and stream.time_base is not None:
            claimed = float(stream.duration * stream.time_base)
        elif container.duration is not None:
            claimed = container.duration / 1_000_000
        facts = (stream.codec_context.name, claimed)
        broken, good, last = 0, 0, ""
        try:
            for packet in container.demux(stream):
                try:
                    for frame in packet.decode():
                        good += 1
                        yield facts, frame
                except av.error.InvalidDataError as error:  # a damaged packet; the next may be whole
                    broken, last = broken + 1, error.strerror or str(error)
        except av.error.FFmpegError as error:  # cut off: what came before counts
            broken, last = broken + 1, error.strerror or str(error)
        if broken > good:
            raise SpeechError(
                f'The voice "{path.name}" is damaged: {broken} of {broken + good} pieces cannot be decoded '
                f"({last}); convert it to WAV or record it again."
            )


def _cannot_open(path: Path, error: Exception) -> SpeechError:
    if isinstance(error, FileNotFoundError):
        return SpeechError(f'There is no voice at "{path}"; check the path.')
    if isinstance(error, (PermissionError, IsADirectoryError)):
        return SpeechError(f'The voice "{path}" cannot be read: {error.strerror}.')
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    if size == 0:
        return SpeechError(f'The voice "{path.name}" is empty (0 bytes); record it again.')
    reason = getattr(error, "strerror", None) or str(error)
    return SpeechError(
        f'"{path.name}" ({size} bytes) is not a sound that can be read ({reason}); '
        "use WAV, MP3, M4A, FLAC, OGG or WebM."
    )


def _to_float(frame: AudioFrame) -> np.ndarray:
    """(n, channels) float32 of a decoded frame in any sample format."""
    values = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, len(frame.layout.channels))
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    bits = values.dtype.itemsize * 8
    zero = 128.0 if values.dtype == np.uint8 else 0.0
    return ((values.astype(np.float32) - zero) * (1.0 / (1 << (bits - 1)))).astype(np.float32)
