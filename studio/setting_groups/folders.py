"""Folders on this machine."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from studio.setting_groups.blank import UnlessBlank
from studio.setting_groups.group import SettingGroup


class Folders(SettingGroup):
    """Folders on this machine."""

    outputs: UnlessBlank[Path] = Field(Path("outputs"), description="Folder for videos without a given name.")
    history: UnlessBlank[Path] = Field(
        default_factory=lambda known: known.get("outputs", Path("outputs")) / "history.sqlite",
        description="File with the history of finished videos.",
    )
    presets: UnlessBlank[Path] = Field(
        Path(__file__).resolve().parents[2] / "presets", description="Folder of named option sets."
    )
    weights: UnlessBlank[Path] = Field(Path("weights"), description="Folder of downloaded networks.")
    local_files: UnlessBlank[Path | None] = Field(
        None,
        description="Folder whose files programs and language models may name by their path, while the page "
        "serves this machine alone. Default: none.",
    )
