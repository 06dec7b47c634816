"""A JoyStudio portrait that speaks while its voice is still arriving, from another process or computer.

session = await LiveSession.open("http://127.0.0.1:7860", "me.jpg", consent=True)
await session.push_audio(pcm16, 24000)
async for frame in session.run():
    show(frame.rgb_image)
    play(frame.samples, frame.sample_rate)
"""

from joystudio_live.errors import LiveEnded, LiveError
from joystudio_live.frame import AudioChunk, Interruption, LiveFrame, LiveSettings
from joystudio_live.session import LiveSession
from joystudio_live.unplayed import UnplayedSound

__all__ = [
    "AudioChunk",
    "Interruption",
    "LiveEnded",
    "LiveError",
    "LiveFrame",
    "LiveSession",
    "LiveSettings",
    "UnplayedSound",
]
