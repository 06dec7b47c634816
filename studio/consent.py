"""The statement that face and voice may be used: for the page and programs; the command line does not ask."""

from __future__ import annotations

from media.errors import ConsentMissing

STATEMENT = "I have the right to use this face and this voice."
"""The statement that the maker of a video confirms."""


def check_consent(given: object) -> None:
    """Raise ConsentMissing unless `given` is True.

    given: the value from a form or an API; texts and numbers do not count.
    """
    if given is not True:
        raise ConsentMissing(
            "No video was made because you have not confirmed that you have the right to use this face "
            "and this voice. Tick the box, or send consent=true through the API."
        )


def check_live_consent(given: object) -> None:
    """The same for a program that opens a live session over a connection."""
    if given is not True:
        raise ConsentMissing(
            "No live session was opened because you have not confirmed that you have the right to use this "
            "face and this voice. Send {field} in the message open.",
            field='"consent": true',
        )
