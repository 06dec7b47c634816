"""What can go wrong in a live session.

LiveError
└── LiveEnded
"""

from __future__ import annotations


class LiveError(Exception):
    """JoyStudio refused something, or does not answer. code: the server's word for the reason, or ""."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class LiveEnded(LiveError):
    """The session is over. Open a new one."""
