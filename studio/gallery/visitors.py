"""How the page recognises visitors: without a name, but as the same one when they return."""

from __future__ import annotations

import hashlib
import secrets

NO_OWNER = ""
"""The owner of what belongs to no visitor of the page, such as videos made in a shell."""


def new_token() -> str:
    """A secret that a browser keeps to show that it is the same one; it cannot be guessed."""
    return secrets.token_urlsafe(32)


def owner_of_token(token: str) -> str:
    """The name of a token's holder in the history; it does not reveal the token."""
    return _owner("token", token)


def owner_of_login(name: str, token: str) -> str:
    """How the history calls someone who has given a name and a password, in the browser that holds a token.

    Several people may share a name, and several names a browser: neither sees what the other has made.
    """
    return _owner("login", f"{len(name)}:{name}:{token}") if token and name else NO_OWNER


def _owner(kind: str, secret: str) -> str:
    return hashlib.sha256(f"{kind}:{secret}".encode()).hexdigest() if secret else NO_OWNER
