"""Every decoded frame of one audio track, with the file's facts about the track."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from media.errors import VoiceError
from media.sound.aac_positions import listed_positions
from media.sound.file_part import FilePart
from media.sound.generated import facts_in
from media.sound.layouts import UNLABELLED, labelled
from media.sound.opening import no_decoder, opened
from media.unreadable_kinds import encrypted

_TS_DISCONT = 0x0200  # AVFMT_TS_DISCONT of libavformat/avformat.h


@dataclass(frozen=True)
class TrackFacts:
    """A file's facts about a track.

    codec: FFmpeg's name. claimed: seconds, None if the file does not say. joined_streams: whether its clock
    may restart. container: FFmpeg's names of its kind. positions: of the channels, if the codec lists them
    and FFmpeg does not name them. generated: how the voice was generated, if the file says so, as JSON.
    """

    codec: str
    claimed: float | None
    joined_streams: bool
    container: str
    positions: tuple[str, ...] = ()
    generated: str = ""


def positions_of(frame: AudioFrame, facts: TrackFacts) -> tuple[str, ...]:
    """FFmpeg's names of the positions of a frame's channels."""
    names = [channel.name for channel in frame.layout.channels]
    if UNLABELLED in names and len(facts.positions) == len(names):
        return facts.positions
    return labelled(names)


def decoded_frames(
    path: Path, part: FilePart | None, index: int
) -> Generator[tuple[TrackFacts, AudioFrame], None, None]:
    """Every frame of a track; damaged packets are dropped unless they are the majority."""
    with opened(path, part) as container:
        if index >= len(container.streams.audio):  # a joined recording with fewer tracks than the first
            return
        stream = container.streams.audio[index]
        facts: TrackFacts | None = None
        broken, good, last = 0, 0, ""
        try:
            for packet in container.demux(stream):
                facts = facts or _facts(container, index, packet)
                try:
                    for frame in packet.decode():
                        good += 1
                        if isinstance(frame, AudioFrame) and frame.samples:
                            yield facts, frame
                except av.error.InvalidDataError as error:  # a damaged packet; the next may be intact
                    broken, last = broken + 1, error.strerror or str(error)
        except av.error.FFmpegError as error:  # truncated: everything before still counts
            broken, last = broken + 1, error.strerror or str(error)
        if broken > good:
            if encrypted(path):
                raise no_decoder(path)
            raise VoiceError(
                'The voice "{name}" is damaged: {broken} of {pieces} pieces cannot be decoded ({reason}); '
                "convert it to WAV or record it again.",
                name=path.name,
                broken=broken,
                pieces=broken + good,
                reason=last,
            )


def _facts(container: InputContainer, index: int, packet: Packet) -> TrackFacts:
    stream = container.streams.audio[index]
    claimed = None
    if stream.duration is not None and stream.time_base is not None:
        claimed = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        claimed = container.duration / 1_000_000
    joined = bool(container.format.flags & _TS_DISCONT)
    codec = stream.codec_context
    listed = listed_positions(codec.extradata or b"", bytes(packet)) if codec.name == "aac" else ()
    return TrackFacts(
        codec.name, claimed, joined, container.format.name, listed, _generated(container, stream)
    )


def _generated(container: InputContainer, stream: AudioStream) -> str:
    for tags in (container.metadata, stream.metadata):  # Ogg has its tags in the stream
        for name, value in tags.items():
            if name.lower() == "comment" and (facts := facts_in(value)) is not None:
                return json.dumps(facts)
    return ""
