"""How the page recognises returning visitors without knowing their names."""

from __future__ import annotations

import hashlib
import secrets

NO_OWNER = ""
"""The owner of everything that belongs to no visitor, such as videos made in a shell."""


def new_token() -> str:
    """A secret that a browser keeps so that the page recognises it; it cannot be guessed."""
    return secrets.token_urlsafe(32)


def owner_of_token(token: str) -> str:
    """The owner's name in the history for the holder of a token; it does not reveal the token."""
    return _owner("token", token)


def owner_of_login(name: str, token: str) -> str:
    """The owner's name in the history for a login, in the browser that holds a token.

    Several people may share a name, and one browser may use several names: each sees only its own videos.
    """
    return _owner("login", f"{len(name)}:{name}:{token}") if token and name else NO_OWNER


def _owner(kind: str, secret: str) -> str:
    return hashlib.sha256(f"{kind}:{secret}".encode()).hexdigest() if secret else NO_OWNER
