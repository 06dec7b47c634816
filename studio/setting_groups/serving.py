"""Ray Serve's entry point."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from studio.setting_groups.group import SettingGroup


class Serving(SettingGroup):
    """Ray Serve's entry point."""

    serve_tokens: Path | None = Field(
        None,
        description=(
            "File with the tokens of Ray Serve's callers, one per line. Without it, there is no login."
        ),
    )
    serve_requests: int = Field(
        100,
        ge=1,
        le=100_000,
        description="Requests that Ray Serve's entry point handles at the same time; others get 503.",
    )
    serve_requests_per_caller: int = Field(
        20, ge=1, le=100_000, description="The same for one token or network address; others get 429."
    )
    serve_mb: int = Field(
        2000,
        ge=1,
        le=1_000_000,
        description=("Megabytes of files that all these requests may hold in memory."),
    )
