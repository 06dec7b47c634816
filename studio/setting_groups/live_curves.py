"""Where the curves of live sessions are sent, to move an avatar in another program."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from studio.setting_groups.group import SettingGroup


class LiveCurves(SettingGroup):
    """Where the curves of live sessions are sent, to move an avatar in another program."""

    live_vmc: str = Field(
        "",
        description="HOST:PORT of a VTuber program (VMC protocol) that a live portrait of the page moves, "
        "such as `127.0.0.1:39539`; one session at a time, the first that is open.",
    )
    live_vmc_shapes: Literal["vrm", "arkit"] = Field(
        "vrm",
        description="What it gets: the vowels and blinks of any VRM model, or ARKit's 52 blend shapes.",
    )
    live_link: str = Field(
        "", description="HOST:PORT of Unreal Engine, which gets the same as by Live Link Face."
    )

    @field_validator("live_vmc", "live_link")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value:
            from studio.live.udp_address import split_address

            split_address(value, 39539)
        return value
