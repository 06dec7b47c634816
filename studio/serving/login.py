"""Who may use the deployment: callers that send a token from the owner's file (RFC 6750)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from media.errors import InputError, OptionError

SHORTEST = 24
"""Characters. A random token of this length, as from `openssl rand -hex 32`, cannot be guessed."""


class NotLoggedIn(InputError):
    """The request has no token, or one that is not in the file."""


class FromWebsite(InputError):
    """A website made a browser send this request, and nothing shows that a caller wants it."""


@dataclass(frozen=True)
class Login:
    """The valid tokens, as hashes; empty if everyone may use the server."""

    hashes: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, file: Path | None) -> Login:
        """Read the file: one token per line; empty lines and lines that begin with # are skipped.

        file: None for a deployment without a login. Raises OptionError for a file that cannot be read, has no
        token, or has one that is too short.
        """
        if file is None:
            return cls()
        try:
            lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise OptionError(
                "The tokens in {file} cannot be read: {reason}.", file=file, reason=error
            ) from error
        tokens = [line for line in lines if line and not line.startswith("#")]
        if not tokens:
            raise OptionError(
                "{file} has no token. Write one per line; openssl rand -hex 32 generates one.", file=file
            )
        shortest = min(map(len, tokens))
        if shortest < SHORTEST:
            raise OptionError(
                "{file} has a token of {length} characters; at least {least} are required. Generate one "
                "with openssl rand -hex 32.",
                file=file,
                length=shortest,
                least=SHORTEST,
            )
        return cls(tuple(map(_hash, tokens)))

    def check(self, authorization: str | None) -> str:
        """The caller of a request, as the hash of its token; "" without a login.

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

    def refuse_websites(self, headers: Mapping[str, str]) -> None:
        """Raise FromWebsite for a request that a website makes a browser send to a server without a login.

        Any website may send a form to a server on its visitor's machine, or under a name of its own that it
        points there. Programs send neither of these headers (RFC 6454, Fetch Metadata), and a website does
        not know the tokens of a login.

        headers: of the request, with names in any case.
        """
        site = headers.get("sec-fetch-site", "none")
        if not self.hashes and ("origin" in headers or site != "none"):
            raise FromWebsite(
                "A website made your browser send this request; without a login the server answers programs "
                "only. Set JOYSTUDIO_SERVE_TOKENS, and send a token."
            )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
