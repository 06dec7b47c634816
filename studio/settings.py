"""Settings of the machine's owner, as opposed to those of a job: folders, limits, addresses."""

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
from media.messages import said
from speech.text import MOST_CHARACTERS
from studio.allowed_hosts import parse_list
from studio.options import explain
from studio.web_address import parse_host


class Settings(BaseSettings):
    """Settings of one process; each can be given as an environment variable `JOYSTUDIO_<NAME>`.

    Raises OptionError with the variable's name if a value is out of range.
    """

    model_config = SettingsConfigDict(env_prefix="JOYSTUDIO_", frozen=True, extra="ignore")

    outputs: Path = Field(Path("outputs"), description="Folder for videos without a given name.")
    history: Path = Field(
        default_factory=lambda known: known.get("outputs", Path("outputs")) / "history.sqlite",
        description="File with the history of finished videos.",
    )
    presets: Path = Field(
        Path(__file__).resolve().parent.parent / "presets", description="Folder of named option sets."
    )
    weights: Path = Field(Path("weights"), description="Folder of downloaded networks.")
    device: str = Field("cpu", description="Device that runs the networks: cpu, cuda, cuda:1, mps.")
    max_seconds: float = Field(600.0, gt=0.2, le=36_000, description="Longest voice, in seconds.")
    text_characters: int = Field(
        MOST_CHARACTERS,
        ge=1,
        le=100_000,
        description="Longest text that is spoken as a voice, in characters.",
    )
    max_side: int = Field(1280, ge=64, le=8192, description="Longest side of a video, in pixels.")
    max_picture_mpixels: float = Field(
        Limits.max_pixels / 1e6,
        ge=0.01,
        le=150,
        description=(
            "Largest size at which a portrait is decoded, in millions of pixels; larger JPEGs are "
            "decoded at a reduced size."
        ),
    )
    decode: Literal["isolated", "direct"] = Field(
        "isolated",
        description="Where portraits and voices are decoded: each in a separate process (isolated), or in "
        "the program's process (direct). `animate` on the command line uses direct unless this "
        "is set.",
    )
    decode_seconds: float = Field(
        Limits.seconds,
        gt=0,
        le=3600,
        description="Time limit for decoding an image, or each block of a voice, in seconds.",
    )
    decode_memory_mb: int = Field(
        Limits.memory_mb, ge=16, le=100_000, description="Memory limit for decoding one file, in megabytes."
    )
    quality: int = Field(20, ge=0, le=51, description="x264's quantizer, 0 to 51; lower is better.")
    host: str = Field("127.0.0.1", description="Address on which the page listens.")
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
    answer_sliders: bool = Field(
        True,
        description="Whether the page renders two seconds again when a visitor moves a slider, if the "
        "engine takes a few seconds for them and no other video is being made.",
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
    serve_tokens: Path | None = Field(
        None,
        description=(
            "File with the tokens of Ray Serve's callers, one per line. Without it, there is no login."
        ),
    )
    serve_requests: int = Field(
        100,
        ge=1,
        le=100_000,
        description="Requests that Ray Serve's entry point handles at the same time; others get 503.",
    )
    serve_requests_per_caller: int = Field(
        20, ge=1, le=100_000, description="The same for one token or network address; others get 429."
    )
    serve_mb: int = Field(
        2000,
        ge=1,
        le=1_000_000,
        description=("Megabytes of files that all these requests may hold in memory."),
    )
    proxy_addresses: str = Field(
        "127.0.0.1, ::1",
        description="Proxies whose X-Forwarded-For is trusted: addresses or networks, separated by commas.",
    )
    sign: bool = Field(
        True, description=("Whether videos get a signed manifest (C2PA) that says how they were made.")
    )
    keys: Path = Field(
        Path("~/.local/share/joystudio"),
        description=("Folder of the test certificate, which is created at first use."),
    )
    certificate: Path | None = Field(
        None, description="PEM file with your own certificates for signing; the signer's comes first."
    )
    private_key: Path | None = Field(None, description="PEM file with the key of that certificate.")
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
    local_files: Path | None = Field(
        None,
        description="Folder whose files programs and language models may name by their path, while the page "
        "serves this machine alone. Default: none.",
    )
    share_hours: float = Field(
        168.0, ge=0, le=87_600, description="Hours for which a shared link shows its video; 0 for no links."
    )

    fetch_weights: Literal["local", "always", "never"] = Field(
        "local",
        description="Whether visitors may download weights on the page. local: only while it listens to "
        "this machine alone.",
    )
    weights_hub: Literal["huggingface", "modelscope"] = Field(
        "huggingface",
        description="Where weights are downloaded. huggingface: the Hugging Face Hub, or the mirror in "
        "`HF_ENDPOINT`. modelscope: ModelScope for the files that it has, and the Hub for the others.",
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
    startup_shortcuts: bool = Field(
        True,
        description="Whether libraries are imported by shortcuts that act on the whole process.",
    )
    packed_layers: bool = Field(
        True,
        description="Whether JoyVASA calls private operations of PyTorch that are faster on x86 processors.",
    )

    @field_validator("proxy_addresses")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for one in filter(None, map(str.strip, text.split(","))):
            ip_network(one, strict=False)  # its ValueError says what is wrong
        return text

    @field_validator("local_files", "certificate", "private_key", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        # Otherwise it would be the working folder. An empty file of accounts or tokens stays one that cannot
        # be read: as none, it would admit everybody.
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("allowed_hosts")
    @classmethod
    def _host_names(cls, value: str) -> str:
        parse_list(value)
        return value

    @property
    def this_machine_only(self) -> bool:
        """Whether the page listens only on a loopback address."""
        bound = parse_host(f"[{self.host}]" if ":" in self.host else self.host)
        return bound is not None and bound.is_loopback and not os.environ.get("SPACE_ID")

    @property
    def readable_folder(self) -> Path | None:
        """The folder of `local_files`, if programs may name its files: the page has no other visitors."""
        others = self.allowed_hosts or self.trusted_proxy or not self.this_machine_only
        return None if others else self.local_files

    @property
    def page_may_fetch(self) -> bool:
        """Whether the page offers to download weights."""
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
                explain(error, cls, lambda name: said("The setting JOYSTUDIO_{name}", name=name.upper()))
            ) from error
