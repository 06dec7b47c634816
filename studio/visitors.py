"""Who somebody is to the page: nobody by name, but the same one when they come again."""

from __future__ import annotations

import hashlib
import secrets

NOBODY = ""
"""The owner of what belongs to no visitor of the page, such as videos made in a shell."""


def new_token() -> str:
    """A secret that a browser keeps to show that it is the same one; nobody can guess it."""
    return secrets.token_urlsafe(32)


def owner_of_token(token: str) -> str:
    """How the history calls whoever holds a token; the token cannot be found out from it."""
    return _owner("token", token)


def owner_of_login(name: str, token: str) -> str:
    """How the history calls somebody who has given a name and a password, in the browser that holds a token.

    Several people may share a name, and several names a browser: neither sees what the other has made.
    """
    return _owner("login", f"{len(name)}:{name}:{token}") if token and name else NOBODY


def _owner(kind: str, secret: str) -> str:
    return hashlib.sha256(f"{kind}:{secret}".encode()).hexdigest() if secret else NOBODY
