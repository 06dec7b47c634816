"""Carries a live session's pictures and sound to a browser by WebRTC, and a microphone's sound back.

`peer` needs the package aiortc, `pip install -r requirements/live.txt`; `carrier` does without it what can be
done. Neither knows a web framework: the program that passes messages between the two ends passes the offer
and the answer.

    hear = session.push_audio
    peer = await LivePeer.answer(offer, fps=25, settings=Settings(), on_sound=hear, on_state=print)
    send(peer.description)
    async for frame in session.run():
        peer.show(frame)
"""
