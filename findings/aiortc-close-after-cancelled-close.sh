#!/usr/bin/env bash
# A connection that can never be closed again once a first attempt to close it was cancelled.
#
# One would expect: `await connection.close()` closes what is still open, also if an earlier call was cancelled, for example by
# a time limit or because the task that made it ended.
# What happens: `RTCPeerConnection.close` notes at its beginning that it is closing, as a future that only its end fulfils.
# If it is cancelled between, the future stays pending, and every later call waits for it without end. Sockets and threads
# of the connection stay.
# Why it matters: a server closes connections when their tasks end, which is where they are cancelled. One such connection holds
# up the server's own end.
# Seen with aiortc 1.16.0, Linux x86-64, Python 3.11, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q aiortc==1.16.0
cat > "$folder/closing.py" <<'PYTHON'
import asyncio
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription


async def connected():
    one, other = RTCPeerConnection(), RTCPeerConnection()
    one.addTransceiver("audio")
    await one.setLocalDescription(await one.createOffer())
    await other.setRemoteDescription(RTCSessionDescription(one.localDescription.sdp, "offer"))
    await other.setLocalDescription(await other.createAnswer())
    await one.setRemoteDescription(RTCSessionDescription(other.localDescription.sdp, "answer"))
    while "connected" not in (one.connectionState, other.connectionState):
        await asyncio.sleep(0.01)
    return one, other


async def closes(connection):
    """Whether a call of `close` ends within three seconds."""
    done, _ = await asyncio.wait([asyncio.ensure_future(connection.close())], timeout=3)
    return bool(done)


async def main():
    one, other = await connected()
    first = asyncio.ensure_future(one.close())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    again, usual = await closes(one), await closes(other)
    print(f"after a close that was cancelled: {'closes' if again else 'hangs'}; without one: {'closes' if usual else 'hangs'}")
    same = first.cancelled() and not again and usual
    print("as described" if same else "CHANGED: see the comment at the top")
    sys.stdout.flush()
    return not same


code = asyncio.run(main())
sys.exit(code)
PYTHON
"$folder/venv/bin/python" "$folder/closing.py"
