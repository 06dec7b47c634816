"""Who may use the deployment: callers that send a token of the owner's file (RFC 6750)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from media.errors import InputError, OptionError

SHORTEST = 24
"""Characters. A random token of this length, as from `openssl rand -hex 32`, cannot be guessed."""


class NotLoggedIn(InputError):
    """No token came, or one that is not in the file."""


@dataclass(frozen=True)
class Login:
    """The tokens that are known, by their hashes; none where everybody may come in."""

    hashes: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, file: Path | None) -> Login:
        """Read the file: a token on each line; empty lines and those that begin with # do not count.

        file: None for a deployment without a login. Raises OptionError for a file that cannot be read, holds
        no token, or holds one that is too short.
        """
        if file is None:
            return cls()
        try:
            lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise OptionError(f"The tokens in {file} cannot be read: {error}.") from error
        tokens = [line for line in lines if line and not line.startswith("#")]
        if not tokens:
            raise OptionError(f"{file} has no token. Write one per line; openssl rand -hex 32 generates one.")
        shortest = min(map(len, tokens))
        if shortest < SHORTEST:
            raise OptionError(
                f"{file} has a token of {shortest} characters; at least {SHORTEST} are required. "
                "Generate one with openssl rand -hex 32."
            )
        return cls(tuple(map(_hash, tokens)))

    def check(self, authorization: str | None) -> str:
        """Who a request is from, by the hash of its token; "" where there is no login.

        authorization: the header's value. Every token takes the same time to compare. Raises NotLoggedIn.
        """
        if not self.hashes:
            return ""
        scheme, _, token = (authorization or "").partition(" ")
        sent = _hash(token.strip())
        known = [hmac.compare_digest(sent, one) for one in self.hashes]
        if scheme.lower() != "bearer" or not any(known):
            raise NotLoggedIn(
                "Send a token that this server knows, in the header Authorization: Bearer TOKEN."
            )
        return sent.hex()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
