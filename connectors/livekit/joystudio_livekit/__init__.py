"""A JoyStudio portrait that speaks what a LiveKit agent says."""

from joystudio_livekit.avatar import JoyStudioAvatar
from joystudio_livekit.generator import JoyStudioVideoGenerator
from joystudio_livekit.voice import AvatarVoice

__all__ = ["AvatarVoice", "JoyStudioAvatar", "JoyStudioVideoGenerator"]
