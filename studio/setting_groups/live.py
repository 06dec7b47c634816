"""How many live sessions there may be, what paints them, and how long an unread one stays."""

from __future__ import annotations

from pydantic import Field

from studio.setting_groups.group import SettingGroup


class LiveLimits(SettingGroup):
    """How many live sessions there may be, what paints them, and how long an unread one stays."""

    live_sessions: int = Field(4, ge=0, le=1000, description="Live sessions at the same time; 0 for none.")
    live_sessions_per_visitor: int = Field(
        1, ge=1, le=1000, description="Live sessions of one visitor at the same time."
    )
    live_sessions_per_address: int = Field(
        2,
        ge=1,
        le=1000,
        description="Live sessions of one network address at the same time, without logins.",
    )
    live_unread_seconds: float = Field(
        10.0,
        ge=0.5,
        le=3600,
        description="Seconds after which a live session ends if nothing reads its frames.",
    )
    live_painters: int | None = Field(
        None,
        ge=0,
        le=256,
        description="Processes that paint live sessions, started when they are needed, about 100 MB each; 0 "
        "paints in threads of the server. Default: as many as the cores that the server may use.",
    )
    live_idle_minutes: float = Field(
        30.0,
        gt=0,
        le=100_000,
        description="Minutes after which a live session over a connection ends if nothing comes from its "
        "other end.",
    )
    live_any_speed: bool = Field(
        False,
        description="Whether live sessions open even where the engine is too slow to keep time.",
    )
    live_mark: bool | None = Field(
        None,
        description='Whether the letters "AI" are drawn into live pictures. Default: yes, unless only '
        "this machine can open the page.",
    )
    live_record_minutes: float = Field(
        10.0,
        ge=0,
        le=1440,
        description="Longest recording of a live session, in minutes; 0 for none.",
    )
