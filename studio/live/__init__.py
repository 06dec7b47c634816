"""A portrait that speaks while its voice is still arriving.

session = await LiveSession.open("me.jpg")
await session.push_audio(pcm16, 24000)
async for frame in session.run():
    if frame.has_image:
        show(frame.rgb_image)
    play(frame.samples, frame.sample_rate)
"""

from studio.live.frame import AudioChunk, Interruption, LiveFrame, LiveSettings
from studio.live.places import LivePlaces
from studio.live.session import LiveSession

__all__ = ["AudioChunk", "Interruption", "LiveFrame", "LivePlaces", "LiveSession", "LiveSettings"]
