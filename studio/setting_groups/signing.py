"""The signed manifest of videos."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from studio.setting_groups.blank import UnlessBlank
from studio.setting_groups.group import SettingGroup


class Signing(SettingGroup):
    """The signed manifest of videos."""

    sign: bool = Field(
        True, description=("Whether videos get a signed manifest (C2PA) that says how they were made.")
    )
    keys: UnlessBlank[Path] = Field(
        Path("~/.local/share/joystudio"),
        description=("Folder of the test certificate, which is created at first use."),
    )
    certificate: UnlessBlank[Path | None] = Field(
        None, description="PEM file with your own certificates for signing; the signer's comes first."
    )
    private_key: UnlessBlank[Path | None] = Field(
        None, description="PEM file with the key of that certificate."
    )
