"""Keys in the addresses of visitors' files: the address of one file gives access to no other."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from studio.gallery.history_file import open_history
from studio.settings import Settings

_NAME = "addresses"


class Keys:
    """Makes and checks keys with this server's secret, which the history stores, so that they survive a
    restart.

    A key is HMAC-SHA256 (RFC 2104) of the owner, the id and the kind of file, as 43 characters that are valid
    in an address. It needs no cookie, so it works inside another site's frame. Raises OutputError if the
    history cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        with open_history(settings.history) as db:
            row = db.execute("SELECT value FROM secrets WHERE name = ?", (_NAME,)).fetchone()
            if row is None:  # two servers may start at once: the first one's secret is used
                db.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (_NAME, secrets.token_bytes(32)))
                row = db.execute("SELECT value FROM secrets WHERE name = ?", (_NAME,)).fetchone()
        self._secret: bytes = row[0]

    def key(self, owner: str, subject: str, kind: str) -> str:
        """The key to one file. owner: as in `studio.gallery.visitors`. subject: the id of the video."""
        # Each part follows its length, so that no two triples give the same text.
        parts = [part.encode("utf-8", "surrogatepass") for part in (owner, subject, kind)]
        text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return base64.urlsafe_b64encode(hmac.digest(self._secret, text, hashlib.sha256)).decode().rstrip("=")

    def fits(self, key: str, owner: str, subject: str, kind: str) -> bool:
        """Whether a key opens the file; takes the same time for every wrong key."""
        given = key.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(given, self.key(owner, subject, kind).encode())
