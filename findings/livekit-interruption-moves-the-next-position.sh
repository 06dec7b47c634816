#!/usr/bin/env bash
# After an interruption, LiveKit's AvatarRunner counts a frame of the old reply to the next one, and does not report its start.
#
# One would expect: each reply starts at position 0: playback_started comes with its first frame, and playback_finished names
# its own length.
# What happens: the runner waits for room in its queue of 100 ms with one frame of sound. When the buffer is cleared meanwhile,
# the position is set to 0, and then the frame that waited is added to it. The next reply begins at 40 ms in place of 0.
# notify_playback_started is sent at position 0 only, so the start of that reply is not reported, unless the frame that waited
# has reported it before the reply was there; and playback_finished says 40 ms too much.
# Why it matters: with QueueAudioOutput(wait_playback_start=True), an agent that was interrupted once does not learn when its
# next reply starts. A generator that gives its frames at the pace of the clock keeps the queue short, so that this is rare;
# without wait_playback_start, the start is reported from what was captured.
# Seen with livekit-agents 1.8.9, livekit 1.1.21, Linux x86-64, Python 3.11, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check livekit-agents==1.8.9 livekit==1.1.21
cat > "$folder/position.py" <<'PYTHON'
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

RATE, WIDTH, HEIGHT, FRAME = 24000, 32, 32, 960


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
    """Gives the sound back as fast as the runner takes it."""

    def __init__(self):
        self.queue = asyncio.Queue()

    async def push_audio(self, frame):
        self.queue.put_nowait(frame)

    def clear_buffer(self):
        while not self.queue.empty():
            self.queue.get_nowait()

    async def __aiter__(self):
        while True:
            frame = await self.queue.get()
            if not isinstance(frame, AudioSegmentEnd):
                yield rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.RGB24, bytes(3 * WIDTH * HEIGHT))
            yield frame


async def say(voice, frames):
    for _ in range(frames):
        await voice.capture_frame(rtc.AudioFrame(bytes(2 * FRAME), RATE, 1, FRAME))
    voice.flush()


async def main():
    print("livekit-agents", version("livekit-agents"), "livekit", version("livekit"))
    voice = QueueAudioOutput(sample_rate=RATE, wait_playback_start=True)
    started, finished = asyncio.Queue(), asyncio.Queue()
    voice.on("playback_started", started.put_nowait)
    voice.on("playback_finished", finished.put_nowait)
    runner = AvatarRunner(
        Room(), audio_recv=voice, video_gen=Echo(), options=AvatarOptions(WIDTH, HEIGHT, 25, RATE, 1)
    )
    await runner.start()
    lengths, starts = [], []
    for _ in range(5):
        await say(voice, 50)
        await asyncio.sleep(0.5)  # of its 2 s
        voice.clear_buffer()
        assert (await finished.get()).interrupted
        await asyncio.sleep(0.2)
        while not started.empty():
            started.get_nowait()
        await say(voice, 2)
        lengths.append(round((await finished.get()).playback_position, 3))
        starts.append(started.qsize())
    await runner.aclose()
    print("seconds of replies of 0.08 s that followed an interruption:", lengths)
    print("starts of them that were reported:", starts)
    return max(lengths) > 0.08 and 0 in starts


same = asyncio.run(main())
print("as described" if same else "CHANGED: see the comment at the top")
sys.exit(not same)
PYTHON
"$folder/venv/bin/python" "$folder/position.py"
