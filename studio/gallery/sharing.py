"""Links that show one finished video to anyone who has them, until they expire or are revoked."""

from __future__ import annotations

import secrets
import time

from media.errors import InputError
from studio.clock import MARGIN, SureClock
from studio.gallery.history import History, HistoryEntry
from studio.gallery.history_file import open_history
from studio.gallery.videos import Gallery
from studio.settings import Settings


def share(gallery: Gallery, job_id: str, *, now: float | None = None) -> str:
    """The token of a link to one of the gallery's videos; a valid link is extended.

    now: seconds since 1970, for the tests. Raises InputError for a video that is not in the gallery, and if
    the owner of the machine has disabled links.
    """
    now = time.time() if now is None else now
    hours = gallery.settings.share_hours
    if not hours:
        raise InputError("Links are switched off on this machine. Its owner can set JOYSTUDIO_SHARE_HOURS.")
    job_id = gallery.get(job_id).result.job_id
    with open_history(gallery.settings.history) as db:
        row = db.execute(
            "SELECT token FROM shares WHERE job_id = ? AND expires > ?", (job_id, now)
        ).fetchone()
        token: str = row[0] if row else secrets.token_urlsafe(24)
        db.execute(
            "INSERT OR REPLACE INTO shares (token, job_id, expires) VALUES (?, ?, ?)",
            (token, job_id, now + 3600 * hours),
        )
    return token


def link_of(gallery: Gallery, job_id: str, *, now: float | None = None) -> str | None:
    """The token of a video's valid link, or None. Raises InputError as `share` does."""
    job_id = gallery.get(job_id).result.job_id
    now = time.time() if now is None else now
    with open_history(gallery.settings.history) as db:
        row = db.execute(
            "SELECT token FROM shares WHERE job_id = ? AND expires > ?", (job_id, now)
        ).fetchone()
    return row[0] if row else None


def forget_expired(settings: Settings, clock: SureClock) -> int:
    """Delete links that have certainly expired, and shorten those from a time when the clock was ahead.

    A link that has expired only by the machine's clock stops working but stays: see `studio.clock`. Returns
    the number of deleted links.
    """
    now = clock.now()
    if now is None:
        return 0
    longest = 3600 * settings.share_hours
    with open_history(settings.history) as db:
        db.execute("UPDATE shares SET expires = ?1 WHERE expires > ?1 + ?2", (now + longest, MARGIN))
        return db.execute("DELETE FROM shares WHERE expires <= ?", (now,)).rowcount


def revoke(gallery: Gallery, job_id: str) -> None:
    """End every link to a video. Raises InputError for a video that is not in the gallery."""
    job_id = gallery.get(job_id).result.job_id
    with open_history(gallery.settings.history) as db:
        db.execute("DELETE FROM shares WHERE job_id = ?", (job_id,))


def shared(token: str, settings: Settings, *, now: float | None = None) -> HistoryEntry:
    """The video of a link. Raises InputError if the link does not exist or is no longer valid."""
    now = time.time() if now is None else now
    with open_history(settings.history) as db:
        row = db.execute("SELECT job_id FROM shares WHERE token = ? AND expires > ?", (token, now)).fetchone()
    entry = History(settings.history).get(row[0]) if row else None
    if entry is None or not settings.share_hours or not entry.result.path.is_file():
        raise InputError("This link no longer works: it has expired or was revoked. Ask for a new one.")
    return entry
