"""A finished video as a row of the history."""

from __future__ import annotations

import json
from datetime import datetime

from studio.events import Result

INSERT = (
    "INSERT INTO results (job_id, created, engine, portrait_sha256, speech_sha256, owner, result)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
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
