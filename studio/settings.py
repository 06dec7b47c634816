"""Settings of the machine's owner, as opposed to those of a job: folders, limits, addresses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from media.errors import OptionError
from media.messages import said
from studio.options import explain
from studio.setting_groups.blank import without_blanks
from studio.setting_groups.folders import Folders
from studio.setting_groups.keeping import Keeping
from studio.setting_groups.live import LiveLimits
from studio.setting_groups.live_curves import LiveCurves
from studio.setting_groups.live_network import LiveNetwork
from studio.setting_groups.page import PageSettings
from studio.setting_groups.rendering import Rendering
from studio.setting_groups.serving import Serving
from studio.setting_groups.signing import Signing
from studio.setting_groups.visitors import VisitorLimits
from studio.web_address import parse_host


# The groups from the last to the first in lists of settings: pydantic collects fields from the last base on.
class Settings(
    Serving,
    Signing,
    LiveNetwork,
    LiveCurves,
    LiveLimits,
    VisitorLimits,
    Keeping,
    PageSettings,
    Rendering,
    Folders,
):
    """Settings of one process; each can be given as an environment variable `JOYSTUDIO_<NAME>`.

    Raises OptionError with the variable's name if a value is out of range. An empty name of the file
    of accounts or tokens is one that cannot be read: as none, it would admit everybody.
    """

    model_config = SettingsConfigDict(env_prefix="JOYSTUDIO_", frozen=True, extra="ignore", defer_build=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Given values and the environment. Looking for a .env file, which there is none, takes as long."""
        return init_settings, env_settings

    @property
    def this_machine_only(self) -> bool:
        """Whether the page listens only on a loopback address."""
        bound = parse_host(f"[{self.host}]" if ":" in self.host else self.host)
        return bound is not None and bound.is_loopback and not os.environ.get("SPACE_ID")

    @property
    def others_can_open(self) -> bool:
        """Whether others than those at this machine can open the page, also through a proxy on it."""
        return bool(self.allowed_hosts) or self.trusted_proxy or not self.this_machine_only

    @property
    def readable_folder(self) -> Path | None:
        """The folder of `local_files`, if programs may name its files: the page has no other visitors."""
        return None if self.others_can_open else self.local_files

    @property
    def page_may_fetch(self) -> bool:
        """Whether the page offers to download weights."""
        if self.fetch_weights == "local":
            return not self.others_can_open
        return self.fetch_weights == "always"

    @model_validator(mode="wrap")
    @classmethod
    def _speak_plainly(cls, values: Any, handler: ModelWrapValidatorHandler[Settings]) -> Settings:
        try:
            return handler(without_blanks(cls, values) if isinstance(values, dict) else values)
        except ValidationError as error:
            raise OptionError(
                explain(error, cls, lambda name: said("The setting JOYSTUDIO_{name}", name=name.upper()))
            ) from error
