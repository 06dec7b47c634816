"""Carries a live session's pictures and sound to a browser by WebRTC, and a microphone's sound back.

It needs the package aiortc, `pip install -r requirements/live.txt`. It knows no web framework: the program
that passes messages between the two ends passes the offer and the answer.

    peer = await LivePeer.answer(offer, fps=25, settings=Settings(), hear=session.push_audio, told=print)
    send(peer.description)
    async for frame in session.run():
        peer.show(frame)
"""

from studio.live.webrtc.ice import ice_servers
from studio.live.webrtc.offers import can_answer, check_package
from studio.live.webrtc.peer import LivePeer, PeerState

__all__ = ["LivePeer", "PeerState", "can_answer", "check_package", "ice_servers"]
