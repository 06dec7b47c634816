"""The sound tracks of a dub: the new voice, and the source's further tracks."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import numpy as np

from media.decoding.isolated_video import open_video
from media.documents.quoting import quoted
from media.dubbing.lengths import DubSchedule
from media.dubbing.source import DubSource
from media.dubbing.track_names import loses, track_metadata
from media.errors import VoiceError
from media.messages import Message, said
from media.sound.format import block_length
from media.sound_stream import SoundBlocks, SoundFormat
from media.sound_track import SoundTrack
from media.video_encoder import VideoSound


class DubSounds:
    """Feeds the sound tracks of a dub. The voice is the first one, as loud as given."""

    def __init__(
        self,
        container: Any,
        kind: str,
        source: DubSource,
        schedule: DubSchedule,
        voice: VideoSound,
        notes: list[Message],
    ) -> None:
        """kind: FFmpeg's name of the container. notes: gets what cannot be kept, also later."""
        self._container, self._kind, self._notes = container, kind, notes
        self._seconds = schedule.duration
        self._tracks: list[SoundTrack] = []
        self._opened: list[SoundBlocks] = []
        try:
            self._add(*voice.open_original(), fill=True)
            further = source.facts.sounds[1:]
            if further and schedule.mode == "remap":
                notes.append(
                    said(
                        "1 further sound track of the video is not in the dub, because remap changes "
                        "the speed."
                        if len(further) == 1
                        else "{count} further sound tracks of the video are not in the dub, because remap "
                        "changes the speed.",
                        count=len(further),
                    )
                )
                return
            for one in further:
                self._keep(source, one.track, one.language, one.title)
        except BaseException:
            self.close()
            raise

    def advance(self, seconds: float) -> None:
        """Encode all tracks up to a time in the dub."""
        for track in self._tracks:
            track.advance(seconds)

    def finish(self) -> None:
        """Encode the rest, up to the end of the dub."""
        for track in self._tracks:
            track.finish(float(self._seconds))

    def close(self) -> None:
        """Close all sources."""
        for blocks in self._opened:
            blocks.close()

    def _keep(self, source: DubSource, track: int, language: str, title: str) -> None:
        try:
            form, blocks = open_video(source.path).sound(track=track)
            self._add(form, blocks)
        except VoiceError:
            self._lose(track)
            return
        about = self._container.streams.audio[-1].metadata
        about.update(track_metadata(self._kind, language, title))
        if loses(self._kind, language):
            self._notes.append(
                said(
                    "The language {language} of sound track {track} is not in the dub: MP4 files know "
                    "languages by codes of three letters.",
                    language=quoted(language),
                    track=track,
                )
            )

    def _add(self, form: SoundFormat, blocks: SoundBlocks, fill: bool = False) -> None:
        self._opened.append(blocks)
        read = self._filled(form, blocks) if fill else self._unbroken(form, blocks)
        self._tracks.append(SoundTrack(self._container, form, read))

    def _filled(self, form: SoundFormat, blocks: SoundBlocks) -> SoundBlocks:
        """The blocks, and silence up to the end of the dub."""
        left = round(self._seconds * form.rate)
        with closing(blocks):
            for block in blocks:
                left -= len(block)
                yield block
        length = block_length(form.rate, form.channels)
        while left > 0:
            yield np.zeros((min(length, left), form.channels), np.float32)
            left -= length
        return ()

    def _unbroken(self, form: SoundFormat, blocks: SoundBlocks) -> SoundBlocks:
        """The blocks as far as they can be read."""
        try:
            with closing(blocks):
                yield from blocks
        except VoiceError:
            self._lose(form.track or 0)
        return ()

    def _lose(self, track: int) -> None:
        self._notes.append(
            said("Sound track {track} of the video cannot be read and is not in the dub.", track=track)
        )
