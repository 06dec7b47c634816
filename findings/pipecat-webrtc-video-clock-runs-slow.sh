#!/usr/bin/env bash
# Pipecat's WebRTC transport gives pictures time stamps that run slow: the lips of a recording fall behind the voice.
#
# One would expect: with TransportParams(video_out_framerate=25), a picture that is sent 10 s after the first one has a time
# stamp of 10 s, as the sound that is sent with it has.
# What happens: the track of SmallWebRTCTransport takes its time stamps from aiortc's VideoStreamTrack.next_timestamp, which
# adds 1/30 s for each picture, whatever the frame rate is. The task that sends pictures sleeps 1/25 s after each, so a little
# more than that passes between two. After 10 s the pictures' clock is at 8.3 s or less. At the default of 30 pictures a second
# it is slow, too, by what sending takes. The sound's clock counts samples and is right.
# Why it matters: a recorder, and every receiver that puts pictures and sound together by their time stamps, shows the lips of
# an avatar seconds late after a minute, although both were sent at the same moment. Leave video_out_framerate at 30, and
# record before the transport.
# Seen with pipecat-ai 1.14.0, aiortc 1.16.0, Linux x86-64, Python 3.11, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check "pipecat-ai[webrtc]==1.14.0" aiortc==1.16.0
cat > "$folder/clock.py" <<'PYTHON'
import asyncio
import sys
import time
from importlib.metadata import version

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from loguru import logger
from pipecat.frames.frames import OutputAudioRawFrame, OutputImageRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport
from pipecat.workers.runner import WorkerRunner

WIDTH, HEIGHT, SECONDS, RATE = 64, 48, 6, 24000


async def clocks(framerate):
    """Seconds of the pictures' and of the sound's clock while SECONDS pass."""
    peer, arrived = RTCPeerConnection(RTCConfiguration(iceServers=[])), {"audio": [], "video": []}
    for kind in arrived:
        peer.addTransceiver(kind, direction="recvonly")
    peer.createDataChannel("signalling")
    tasks = []

    @peer.on("track")
    def begun(track):
        async def read():
            while True:
                frame = await track.recv()
                arrived[track.kind].append((time.monotonic(), frame.time))

        tasks.append(asyncio.create_task(read()))

    await peer.setLocalDescription(await peer.createOffer())
    connection = SmallWebRTCConnection()
    await connection.initialize(peer.localDescription.sdp, "offer")
    size = {"video_out_width": WIDTH, "video_out_height": HEIGHT, "video_out_framerate": framerate}
    transport = SmallWebRTCTransport(
        connection, TransportParams(audio_out_enabled=True, video_out_enabled=True, **size)
    )
    worker = PipelineWorker(Pipeline([transport.output()]), cancel_on_idle_timeout=False, enable_rtvi=False)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    run = asyncio.create_task(runner.run())
    answer = connection.get_answer()
    await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
    await worker.queue_frame(OutputImageRawFrame(bytes(3 * WIDTH * HEIGHT), (WIDTH, HEIGHT), "RGB"))
    await worker.queue_frame(OutputAudioRawFrame(bytes(2 * RATE * SECONDS), RATE, 1))
    await asyncio.sleep(SECONDS + 2)
    await worker.cancel()
    await run
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await peer.close()
    passed = {}
    for kind, frames in arrived.items():
        began = frames[0][0] + 1  # the connection has settled
        frames = [one for one in frames if began <= one[0] <= began + SECONDS - 1]
        passed[kind] = (frames[-1][1] - frames[0][1]) / (frames[-1][0] - frames[0][0])
    return passed


async def main():
    logger.remove()
    print("pipecat-ai", version("pipecat-ai"), "aiortc", version("aiortc"))
    same = True
    for framerate, slowest, fastest in ((25, 0.6, 0.88), (30, 0.7, 0.995)):
        passed = await clocks(framerate)
        print(
            f"video_out_framerate={framerate}: in each second, {passed['video']:.3f} s pass for the pictures and "
            f"{passed['audio']:.3f} s for the sound"
        )
        same = same and slowest < passed["video"] < fastest and passed["audio"] > 0.97
    return same


same = asyncio.run(main())
print("as described" if same else "CHANGED: see the comment at the top")
sys.exit(not same)
PYTHON
"$folder/venv/bin/python" "$folder/clock.py"
