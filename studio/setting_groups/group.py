"""What the groups of settings have in common."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingGroup(BaseSettings):
    """A group of settings. Only all groups together are read, so none builds a validator of its own, which
    would take a tenth of the time in which a job imports its code.
    """

    model_config = SettingsConfigDict(defer_build=True)
