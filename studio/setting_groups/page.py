"""Where the page listens, who may open it, and what it offers."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from studio.allowed_hosts import parse_list
from studio.setting_groups.blank import UnlessBlank
from studio.setting_groups.group import SettingGroup


class PageSettings(SettingGroup):
    """Where the page listens, who may open it, and what it offers."""

    host: UnlessBlank[str] = Field("127.0.0.1", description="Address on which the page listens.")
    port: int = Field(
        7860, ge=0, le=65_535, description=("Port on which the page listens; 0 selects a free one.")
    )
    allowed_hosts: str = Field(
        "",
        description="Host names of the page in addition to this machine's own, separated by commas: "
        "studio.example.org, *.example.org; * for any name.",
    )
    auth_file: Path | None = Field(
        None,
        description="File of the accounts that may log in to the page, with one name and hashed password "
        "per line.",
    )
    auth_password: SecretStr | None = Field(
        None, description="Password for --auth NAME, if you start without a terminal."
    )
    trusted_proxy: bool = Field(
        False,
        description=(
            "Whether a proxy in front of the page sets X-Forwarded-Host, so that visitors cannot set it."
        ),
    )
    proxy_addresses: str = Field(
        "127.0.0.1, ::1",
        description="Proxies whose X-Forwarded-For is trusted: addresses or networks, separated by commas.",
    )
    answer_sliders: bool = Field(
        True,
        description="Whether the page renders two seconds again when a visitor moves a slider, if the "
        "engine takes a few seconds for them and no other video is being made.",
    )
    fetch_weights: Literal["local", "always", "never"] = Field(
        "local",
        description="Whether visitors may download weights on the page. local: only while no other "
        "machine can open it.",
    )
    weights_hub: Literal["huggingface", "modelscope"] = Field(
        "huggingface",
        description="Where weights are downloaded. huggingface: the Hugging Face Hub, or the mirror in "
        "`HF_ENDPOINT`. modelscope: ModelScope for the files that it has, and the Hub for the others.",
    )
    share_hours: float = Field(
        168.0, ge=0, le=87_600, description="Hours for which a shared link shows its video; 0 for no links."
    )
    export_seconds: float = Field(
        180.0,
        gt=0.2,
        le=36_000,
        description="Longest video that visitors may export on the page, in seconds.",
    )
    export_mb: int = Field(
        500,
        ge=1,
        le=1_000_000,
        description="Megabytes of exported files that one visitor may keep on the page.",
    )

    @field_validator("proxy_addresses")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for one in filter(None, map(str.strip, text.split(","))):
            ip_network(one, strict=False)  # its ValueError says what is wrong
        return text

    @field_validator("allowed_hosts")
    @classmethod
    def _host_names(cls, value: str) -> str:
        parse_list(value)
        return value
