"""What the machine's owner decides, as opposed to the job's author: folders, limits, addresses."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from media.decoding.limits import Limits
from media.errors import OptionError
from studio.allowed_hosts import parse_list
from studio.options import explain
from studio.web_address import parse_host


class Settings(BaseSettings):
    """Settings of one process; each can be given as an environment variable `JOYSTUDIO_<NAME>`.

    Raises OptionError when a value is out of range, naming the variable.
    """

    model_config = SettingsConfigDict(env_prefix="JOYSTUDIO_", frozen=True, extra="ignore")

    outputs: Path = Field(Path("outputs"), description="Folder for videos that are not given a name.")
    history: Path = Field(
        default_factory=lambda known: known.get("outputs", Path("outputs")) / "history.sqlite",
        description="The file that remembers finished videos.",
    )
    presets: Path = Field(
        Path(__file__).resolve().parent.parent / "presets", description="Folder of named option sets."
    )
    weights: Path = Field(Path("weights"), description="Folder of downloaded networks.")
    device: str = Field("cpu", description="Where networks run: cpu, cuda, cuda:1, mps.")
    max_seconds: float = Field(600.0, gt=0.2, le=36_000, description="Longest voice taken, in seconds.")
    max_side: int = Field(1280, ge=64, le=8192, description="Longest side of a video, in pixels.")
    max_picture_mpixels: float = Field(
        Limits.max_pixels / 1e6,
        ge=0.01,
        le=150,
        description="Most pixels a portrait is decoded at, in millions; JPEGs are decoded reduced.",
    )
    decode: Literal["isolated", "direct"] = Field(
        "isolated",
        description="Where portraits and voices are decoded: each in a process of its own, or in the "
        "program's; `animate` in a shell decodes direct unless this is set.",
    )
    decode_seconds: float = Field(
        Limits.seconds,
        gt=0,
        le=3600,
        description="Seconds that a picture, or each block of a voice, may take to decode.",
    )
    decode_memory_mb: int = Field(
        Limits.memory_mb, ge=16, le=100_000, description="Megabytes that decoding one file may take."
    )
    quality: int = Field(20, ge=0, le=51, description="x264's quantizers, 0 to 51; lower is better.")
    host: str = Field("127.0.0.1", description="Address the page listens on.")
    port: int = Field(7860, ge=0, le=65_535, description="Port the page listens on; 0 takes a free one.")
    allowed_hosts: str = Field(
        "",
        description="Names under which the page may be opened besides this machine's own, with commas: "
        "studio.example.org, *.example.org; * for any name.",
    )
    auth_file: Path | None = Field(
        None,
        description="Who may log in, where the page asks for a password: a file with one name and hashed "
        "password on each line.",
    )
    auth_password: SecretStr | None = Field(
        None, description="The password for --auth NAME, for starts without a terminal."
    )
    trusted_proxy: bool = Field(
        False, description="Whether a proxy before the page sets X-Forwarded-Host, and no visitor can."
    )
    max_upload_mb: int = Field(200, ge=1, le=10_000, description="Largest file the page takes, in megabytes.")
    jobs_at_once: int = Field(1, ge=1, le=64, description="Videos the page renders at the same time.")
    views_at_once: int = Field(
        2, ge=1, le=64, description="Uploads the page looks at at the same time, for faces and for length."
    )
    queue_size: int = Field(
        200, ge=1, le=10_000, description="Jobs that may wait before the page says it is full."
    )
    jobs_per_visitor: int = Field(
        5, ge=1, le=10_000, description="Jobs that one visitor may have waiting and at work."
    )
    jobs_per_address: int = Field(
        100, ge=1, le=10_000, description="Jobs that one network address may have waiting and at work."
    )
    sessions: int = Field(
        2000,
        ge=10,
        le=10_000,
        description="Visits that the page remembers at the same time, about 50 kB each.",
    )
    sessions_per_minute: int = Field(
        300, ge=1, le=10_000, description="New visits of one network address within a minute."
    )
    upload_files: int = Field(8, ge=1, le=1000, description="Files in one request.")
    uploads_at_once: int = Field(
        8, ge=1, le=1000, description="Uploads that come in at the same time; others wait."
    )
    uploads_per_hour: int = Field(
        3000, ge=1, le=1_000_000, description="Uploads of one network address within an hour."
    )
    upload_mb_per_hour: int = Field(
        5000, ge=1, le=1_000_000, description="Megabytes that one network address uploads within an hour."
    )
    upload_mb_per_hour_in_all: int = Field(
        20_000, ge=1, le=10_000_000, description="Megabytes that all visitors upload within an hour."
    )
    serve_tokens: Path | None = Field(
        None,
        description="File of the tokens that Ray Serve's callers log in with, one a line; none for no login.",
    )
    serve_requests: int = Field(
        100,
        ge=1,
        le=100_000,
        description="Requests that Ray Serve's door has in hand at once; others get 503.",
    )
    serve_requests_per_caller: int = Field(
        20, ge=1, le=100_000, description="Of those, of one token or network address; others get 429."
    )
    serve_mb: int = Field(
        2000, ge=1, le=1_000_000, description="Megabytes of files that all those requests hold in memory."
    )
    proxy_addresses: str = Field(
        "127.0.0.1, ::1",
        description="Proxies whose X-Forwarded-For is believed: addresses or networks, with commas between.",
    )
    sign: bool = Field(True, description="Whether videos get a signed manifest (C2PA) of how they were made.")
    keys: Path = Field(
        Path("~/.local/share/joystudio"), description="Folder of the test certificate, made at first use."
    )
    certificate: Path | None = Field(
        None, description="Certificates of your own to sign with, a PEM file; the signer's comes first."
    )
    private_key: Path | None = Field(None, description="The key of that certificate, a PEM file.")
    keep_hours: float = Field(
        24.0, gt=0, le=8760, description="Hours until uploads and comparisons are deleted."
    )
    keep_days: float | None = Field(
        None,
        gt=0,
        le=36_500,
        description="Days until finished videos are deleted. Without a value: 7 on a Space or where others "
        "reach the page, otherwise never.",
    )
    keep_gb: float | None = Field(
        None,
        gt=0,
        le=1_000_000,
        description="Gigabytes that finished videos may take; the oldest are deleted first. Without a value: "
        "10 on a Space or where others reach the page, otherwise no limit.",
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
        description="Gigabytes that have to be free on the disk before a video is begun; 0 for no check.",
    )
    share_hours: float = Field(
        168.0, ge=0, le=87_600, description="Hours for which a shared link shows its video; 0 for no links."
    )

    fetch_weights: Literal["local", "always", "never"] = Field(
        "local",
        description="Whether visitors may fetch weights from the page; local: while it listens to this "
        "machine only.",
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

    @property
    def this_machine_only(self) -> bool:
        """Whether the page listens to nothing but this machine."""
        bound = parse_host(f"[{self.host}]" if ":" in self.host else self.host)
        return bound is not None and bound.is_loopback and not os.environ.get("SPACE_ID")

    @property
    def page_may_fetch(self) -> bool:
        """Whether the page offers to fetch weights."""
        if self.fetch_weights == "local":
            return self.this_machine_only
        return self.fetch_weights == "always"

    @model_validator(mode="wrap")
    @classmethod
    def _speak_plainly(cls, values: Any, handler: ModelWrapValidatorHandler[Settings]) -> Settings:
        try:
            return handler(values)
        except ValidationError as error:
            raise OptionError(
                explain(error, cls, lambda name: f"The setting JOYSTUDIO_{name.upper()}")
            ) from error
