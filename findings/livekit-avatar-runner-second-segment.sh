#!/usr/bin/env bash
# LiveKit's AvatarRunner never reports the end of a segment whose sound it has read before the segment before it ended.
#
# One would expect: sound may be captured faster than it is played ("frames can be pushed faster than real-time"), a segment
# ends with flush(), and for every segment the runner calls notify_playback_finished.
# What happens: the runner keeps one flag for "sound is playing". Reading sound sets it, and the first AudioSegmentEnd that
# comes out of the video generator clears it. If all sound of the second segment was read by then, its own end finds the flag
# cleared and is not reported.
# Why it matters: every video generator that has a voice before it has played it, as all do behind a speech engine, loses an
# agent's reply. A generator can avoid it: its push_audio(AudioSegmentEnd()) returns only after that end was handed out, so
# that the runner reads nothing of the next segment before.
# Seen with livekit-agents 1.8.9, livekit 1.1.21, Linux x86-64, Python 3.11, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check livekit-agents==1.8.9 livekit==1.1.21
cat > "$folder/segments.py" <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

from livekit import rtc
from livekit.agents.voice.avatar import (
    AudioSegmentEnd,
    AvatarOptions,
    AvatarRunner,
    QueueAudioOutput,
    VideoGenerator,
)

RATE, WIDTH, HEIGHT, SEGMENTS = 24000, 32, 32, 2


class Publication:
    async def wait_for_subscription(self):
        """There is a subscriber."""


class Participant:
    async def publish_track(self, track, options):
        return Publication()


class Room(rtc.EventEmitter):
    """A room that is connected."""

    local_participant = Participant()

    def isconnected(self):
        return True


class Echo(VideoGenerator):
    """Gives the sound back with pictures, once it has `ahead` segments, or, if patient, segment by segment."""

    def __init__(self, ahead):
        self.ahead, self.queue, self.enough, self.ends = ahead, asyncio.Queue(), asyncio.Event(), 0
        self.handed_out = asyncio.Semaphore(0)

    async def push_audio(self, frame):
        self.queue.put_nowait(frame)
        if isinstance(frame, AudioSegmentEnd):
            self.ends += 1
            if self.ends == self.ahead:
                self.enough.set()
            if self.ahead == 0:
                await self.handed_out.acquire()

    def clear_buffer(self):
        """Nothing is cleared here."""

    async def __aiter__(self):
        if self.ahead:
            await self.enough.wait()
        while True:
            frame = await self.queue.get()
            yield rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.RGB24, bytes(3 * WIDTH * HEIGHT))
            yield frame
            if isinstance(frame, AudioSegmentEnd):
                self.handed_out.release()


async def reported(ahead):
    """How many of two segments the runner reports as finished."""
    voice, finished = QueueAudioOutput(sample_rate=RATE), []
    voice.on("playback_finished", finished.append)
    runner = AvatarRunner(
        Room(), audio_recv=voice, video_gen=Echo(ahead), options=AvatarOptions(WIDTH, HEIGHT, 25, RATE, 1)
    )
    await runner.start()
    for _ in range(SEGMENTS):
        await voice.capture_frame(rtc.AudioFrame(bytes(2 * 960), RATE, 1, 960))
        voice.flush()
    for _ in range(50):
        if len(finished) == SEGMENTS:
            break
        await asyncio.sleep(0.1)
    await runner.aclose()
    return len(finished)


async def main():
    print("livekit-agents", version("livekit-agents"), "livekit", version("livekit"))
    one_by_one, two_ahead = await reported(0), await reported(SEGMENTS)
    for name, count in {"one by one": one_by_one, "both read ahead": two_ahead}.items():
        print(f"{name}: {count} of {SEGMENTS} segments were reported within 5 s")
    return one_by_one == SEGMENTS and two_ahead == 1


same = asyncio.run(main())
print("as described" if same else "CHANGED: see the comment at the top")
sys.exit(not same)
PYTHON
"$folder/venv/bin/python" "$folder/segments.py"
