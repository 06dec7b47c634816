"""How much one visitor and all visitors together may ask of the page."""

from __future__ import annotations

from pydantic import Field

from studio.setting_groups.group import SettingGroup


class VisitorLimits(SettingGroup):
    """How much one visitor and all visitors together may ask of the page."""

    max_upload_mb: int = Field(
        200, ge=1, le=10_000, description=("Largest file that the page accepts, in megabytes.")
    )
    jobs_at_once: int = Field(1, ge=1, le=64, description="Videos that the page renders at the same time.")
    views_at_once: int = Field(
        2,
        ge=1,
        le=64,
        description=("Uploads that the page examines at the same time, for faces and for length."),
    )
    queue_size: int = Field(
        200, ge=1, le=10_000, description="Waiting jobs before the page refuses further ones."
    )
    jobs_per_visitor: int = Field(5, ge=1, le=10_000, description="Waiting and running jobs of one visitor.")
    jobs_per_address: int = Field(
        100, ge=1, le=10_000, description="Waiting and running jobs of one network address."
    )
    unattended_minutes: float = Field(
        60.0,
        ge=0,
        le=100_000,
        description="Minutes for which a job continues after its page is closed; 0 ends it at once.",
    )
    sessions: int = Field(
        2000,
        ge=10,
        le=10_000,
        description="Sessions that the page holds at the same time, about 50 kB each, and up to 0.5 MB more "
        "while a visitor compares two settings of a slider.",
    )
    sessions_per_minute: int = Field(
        300, ge=1, le=10_000, description="New sessions of one network address per minute."
    )
    upload_files: int = Field(8, ge=1, le=1000, description="Files in one request.")
    uploads_at_once: int = Field(8, ge=1, le=1000, description="Simultaneous uploads; others wait.")
    uploads_per_hour: int = Field(
        3000, ge=1, le=1_000_000, description="Uploads of one network address per hour."
    )
    upload_mb_per_hour: int = Field(
        5000, ge=1, le=1_000_000, description="Megabytes that one network address may upload per hour."
    )
    upload_mb_per_hour_in_all: int = Field(
        20_000, ge=1, le=10_000_000, description="Megabytes that all visitors together may upload per hour."
    )
