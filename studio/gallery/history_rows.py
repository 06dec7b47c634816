"""A finished video as a row of the history."""

from __future__ import annotations

import json
from datetime import datetime

from studio.events import Result

INSERT = (
    "INSERT INTO results (job_id, created, engine, portrait_sha256, speech_sha256, owner, result, take)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1 + (SELECT COALESCE(MAX(take), 0) FROM results"
    " WHERE owner = ?6 AND portrait_sha256 = ?4 AND speech_sha256 = ?5))"
)
"""A video is the next take of its portrait and its voice."""
INSERT_IF_NEW = INSERT.replace("INSERT", "INSERT OR IGNORE", 1)


def row_of(result: Result, created: datetime, owner: str = "") -> tuple[str, ...]:
    """The values for INSERT. Paths become absolute, so that they are valid wherever the history is read."""
    motion = result.motion.resolve() if result.motion else None
    paths = {"path": str(result.path.resolve()), "motion": str(motion) if motion else None}
    return (
        result.job_id,
        created.isoformat(),
        result.engine,
        result.portrait_sha256,
        result.speech_sha256,
        owner,
        json.dumps(result.as_json() | paths | result.messages()),
    )
