"""Passwords as they are stored: hashed with scrypt (RFC 7914), in the PHC string format.

A hash reads `$scrypt$ln=15,r=8,p=3$SALT$SUM`, with salt and sum in base64 without padding.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass

from media.errors import OptionError

SHORTEST = 8
LONGEST = 1024
"""Characters; longer ones are refused before hashing."""

_FORM = re.compile(
    r"\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,2}),p=([0-9]{1,2})\$([A-Za-z0-9+/]{16,88})\$([A-Za-z0-9+/]{43,88})"
)
_LN, _R, _P = 15, 8, 3
"""32 MB and about a tenth of a second per check; OWASP's password storage cheat sheet, 2023."""
_MOST_MEMORY = 256 << 20


@dataclass(frozen=True, repr=False)
class PasswordHash:
    """A hashed password.

    ln, r, p: scrypt's cost; a check takes 2**ln * r * 128 bytes. salt: 12 to 64 bytes. sum: 32 to 64 bytes.
    """

    ln: int
    r: int
    p: int
    salt: bytes
    sum: bytes

    @classmethod
    def of(cls, password: str, *, ln: int = _LN, r: int = _R, p: int = _P) -> PasswordHash:
        """Hash a new password with a new salt, at this cost."""
        salt = secrets.token_bytes(16)
        return cls(ln, r, p, salt, _scrypt(password, salt, ln, r, p, 32))

    @classmethod
    def parse(cls, text: str) -> PasswordHash:
        """Read a hash as `str` writes it. Raises ValueError for anything else, or too high a cost."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError("it is not a hash")
        ln, r, p = (int(number) for number in found.groups()[:3])
        if not (10 <= ln <= 20 and 1 <= r <= 32 and 1 <= p <= 16) or (128 * r << ln) > _MOST_MEMORY:
            raise ValueError(f"its cost is out of range (ln={ln}, r={r}, p={p})")
        try:
            return cls(ln, r, p, _unbase64(found[4]), _unbase64(found[5]))
        except binascii.Error as error:
            raise ValueError("it is not a hash") from error

    def __str__(self) -> str:
        return f"$scrypt$ln={self.ln},r={self.r},p={self.p}${_base64(self.salt)}${_base64(self.sum)}"

    def fits(self, password: str) -> bool:
        """Whether it was made from this password; takes the same time for every password."""
        if len(password) > LONGEST:
            password = ""
        made = _scrypt(password, self.salt, self.ln, self.r, self.p, len(self.sum))
        return hmac.compare_digest(made, self.sum)


def check_new(password: str) -> str:
    """Check a new password and return it. Raises OptionError if it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise OptionError(
            "The password has {length} characters. Choose one with at least {shortest} and at most "
            "{longest}.",
            length=len(password),
            shortest=SHORTEST,
            longest=LONGEST,
        )
    return password


def _scrypt(password: str, salt: bytes, ln: int, r: int, p: int, length: int) -> bytes:
    # Keyboards write the same letter in different ways (RFC 8265, 4.2.2); a lone surrogate is not a letter.
    text = unicodedata.normalize("NFC", password).encode("utf-8", "replace")
    return hashlib.scrypt(text, salt=salt, n=1 << ln, r=r, p=p, maxmem=_MOST_MEMORY + (1 << 20), dklen=length)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii").rstrip("=")


def _unbase64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
