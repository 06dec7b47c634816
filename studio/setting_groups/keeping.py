"""How long files stay, and how much room they may take."""

from __future__ import annotations

from pydantic import Field

from studio.setting_groups.group import SettingGroup


class Keeping(SettingGroup):
    """How long files stay, and how much room they may take."""

    keep_hours: float = Field(
        24.0, gt=0, le=8760, description="Hours until uploads and comparisons are deleted."
    )
    keep_days: float | None = Field(
        None,
        gt=0,
        le=36_500,
        description="Days until finished videos are deleted. Default: 7 on a Space or if others can reach "
        "the page, otherwise never.",
    )
    keep_gb: float | None = Field(
        None,
        gt=0,
        le=1_000_000,
        description="Gigabytes that finished videos may take; the oldest are deleted first. Default: 10 on "
        "a Space or if others can reach the page, otherwise no limit.",
    )
    keep_uploads_gb: float = Field(
        10.0,
        gt=0,
        le=1_000_000,
        description="Gigabytes that the page's copies of uploads may take; the oldest are deleted first.",
    )
    least_free_gb: float = Field(
        0.5,
        ge=0,
        le=1_000_000,
        description="Free disk space that a new video requires, in gigabytes; 0 for no check.",
    )
