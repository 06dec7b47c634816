"""The owner of a program's videos: the holder of the token that the first answer contains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from media.errors import OptionError
from studio.gallery.visitors import new_token, owner_of_token

SHORTEST, LONGEST = 32, 200
ABOUT = (
    "The owner of the video: the owner_token of an earlier answer. Leave it out to get a new one. With it, "
    "/videos lists your videos and /delete deletes them."
)
OWNER: dict[str, Any] = {
    "type": "string",
    "minLength": SHORTEST,
    "maxLength": LONGEST,
    "description": ABOUT,
    "additional_description": ABOUT,
}


@dataclass(frozen=True)
class Caller:
    """The sender of a request. owner: as in `studio.gallery.visitors`. new: a token made for this request."""

    owner: str
    new: str | None

    def answer(self, job_id: str) -> dict[str, str]:
        """Additional fields of an answer: the id, with which the video is deleted, and a new token."""
        return {"id": job_id} | ({"owner_token": self.new} if self.new else {})


def caller_of(token: Any) -> Caller:
    """The owner for a program's token, or a new one without a token. Raises OptionError."""
    if token is None or token == "":
        new = new_token()
        return Caller(owner_of_token(new), new)
    if not isinstance(token, str) or not SHORTEST <= len(token) <= LONGEST:
        count = len(token) if isinstance(token, str) else "no"
        raise OptionError(
            "The owner is a token of {shortest} to {longest} characters, and this one has {count}. Send the "
            "owner_token of an earlier answer, or leave it out.",
            shortest=SHORTEST,
            longest=LONGEST,
            count=count,
        )
    return Caller(owner_of_token(token), None)
