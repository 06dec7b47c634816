"""A JoyStudio portrait that speaks what a Pipecat bot says."""

from joystudio_pipecat.service import JoyStudioVideoService, JoyStudioVideoSettings

__all__ = ["JoyStudioVideoService", "JoyStudioVideoSettings"]
