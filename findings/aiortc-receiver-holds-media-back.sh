#!/usr/bin/env bash
# A receiver of WebRTC that is 80 ms behind with every microphone, and 280 ms from the first lost packet on, for good.
#
# One would expect: a jitter buffer holds back as much as the network's jitter asks for, gives a picture when its last packet
# has come (the RTP marker says which), and after a loss returns to its usual delay.
# What happens: for sound, aiortc makes `JitterBuffer(capacity=16, prefetch=4)`: a packet of 20 ms is given only when four
# more have come. A lost one is waited for until the buffer's 16 places are full; then one packet is given for each that
# comes, so 14 stay in it: 280 ms, for the rest of the call. A picture is given only when the first packet of the next one
# has come: the marker is ignored, so the last picture before a pause waits as long as the pause.
# Why it matters: a live portrait answers a microphone 120 ms after it. The receiver alone would add 80 ms to that, and 280 ms
# on any network that loses a packet. The microphone's sound has to come another way.
# Seen with aiortc 1.16.0, Linux x86-64, Python 3.11, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q aiortc==1.16.0
cat > "$folder/holding.py" <<'PYTHON'
import inspect
import sys

import aiortc.rtcrtpreceiver as receiver
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket


def packet(number, timestamp, marker=1):
    made = RtpPacket(sequence_number=number, timestamp=timestamp, marker=marker)
    made._data = b"x"
    return made


def behind(lost):
    """How many packets of sound the newest given one is behind the newest that came, packet by packet."""
    buffer, held = JitterBuffer(capacity=16, prefetch=4), []
    given = -1
    for number in range(1000):
        if number in lost:
            continue
        _, frame = buffer.add(packet(number, 960 * number))
        given = frame.timestamp // 960 if frame else given
        held.append(number - given)
    return held


made = "JitterBuffer(capacity=16, prefetch=4)" in inspect.getsource(receiver.RTCRtpReceiver)
calm, lossy = behind(set())[-1], behind({100})
print(f"without a loss: {20 * calm} ms behind; 900 packets after one loss: {20 * lossy[-1]} ms behind")
video = JitterBuffer(capacity=512, is_video=True)
whole = video.add(packet(0, 0))[1]
later = video.add(packet(1, 3600, marker=0))[1]
print(f"a whole picture: {'given' if whole else 'held'}; after a packet of the next: {'given' if later else 'held'}")
same = made and calm == 4 and lossy[-1] == 14 and whole is None and later is not None
print("as described" if same else "CHANGED: see the comment at the top")
sys.exit(not same)
PYTHON
"$folder/venv/bin/python" "$folder/holding.py"
