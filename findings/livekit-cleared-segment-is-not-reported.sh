#!/usr/bin/env bash
# LiveKit's avatar queue never reports a segment that was cleared before the runner read it.
#
# One would expect: "segments are segmented by calls to flush() or clear_buffer()", and each ends with one playback_finished;
# for a segment that was cleared it says interrupted.
# What happens: QueueAudioOutput.clear_buffer() empties its queue, so sound that was captured in the same moment never reaches
# AvatarRunner. The runner reports an interruption only if it has read sound, so nothing reports the segment. Of several
# segments that wait, only the one that plays is reported.
# Why it matters: a user who interrupts in the first milliseconds of a reply, or a program that does, silences an agent with a
# local avatar for good. An output can avoid it: after a clear it reports what the runner has left out.
# Seen with livekit-agents 1.8.9, livekit 1.1.21, Linux x86-64, Python 3.11, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check livekit-agents==1.8.9 livekit==1.1.21
cat > "$folder/cleared.py" <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

from livekit import rtc
from livekit.agents.voice.avatar import AvatarOptions, AvatarRunner, QueueAudioOutput, VideoGenerator

RATE, WIDTH, HEIGHT = 24000, 32, 32


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


class Slow(VideoGenerator):
    """Takes sound, and has not begun to give it back when it is cleared."""

    def __init__(self):
        self.heard = asyncio.Event()

    async def push_audio(self, frame):
        self.heard.set()

    def clear_buffer(self):
        """It has no sound to drop."""

    async def __aiter__(self):
        await asyncio.Event().wait()
        yield


async def reported(*, read_first):
    """Whether the runner reports a segment that is cleared. read_first: the runner reads its sound before."""
    voice, generator, finished = QueueAudioOutput(sample_rate=RATE), Slow(), []
    voice.on("playback_finished", finished.append)
    runner = AvatarRunner(
        Room(), audio_recv=voice, video_gen=generator, options=AvatarOptions(WIDTH, HEIGHT, 25, RATE, 1)
    )
    await runner.start()
    await voice.capture_frame(rtc.AudioFrame(bytes(2 * 960), RATE, 1, 960))
    if read_first:
        await generator.heard.wait()
    voice.flush()
    voice.clear_buffer()
    for _ in range(50):
        if finished:
            break
        await asyncio.sleep(0.1)
    await runner.aclose()
    return len(finished)


async def main():
    print("livekit-agents", version("livekit-agents"), "livekit", version("livekit"))
    late, early = await reported(read_first=True), await reported(read_first=False)
    print(f"cleared after the runner has read it: reported {late} times")
    print(f"cleared before: reported {early} times within 5 s")
    return late == 1 and early == 0


same = asyncio.run(main())
print("as described" if same else "CHANGED: see the comment at the top")
sys.exit(not same)
PYTHON
"$folder/venv/bin/python" "$folder/cleared.py"
