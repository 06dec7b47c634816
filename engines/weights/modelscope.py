"""Downloads weight files from ModelScope, where the same files are published there.

The repositories are those that public documents name as the same (see docs/weights.md); every other file
comes from the Hugging Face Hub. What arrives is checked before it is put in its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from engines.weights.catalogue import WeightFile
from engines.weights.hub import check_endpoint
from media.errors import WeightsError

VARIABLE = "JOYSTUDIO_WEIGHTS_HUB"
MODELSCOPE = "modelscope"
REPOSITORIES = {
    "KlingTeam/LivePortrait": "AI-ModelScope/LivePortrait",
    "TencentGameMate/chinese-hubert-base": "TencentGameMate/chinese-hubert-base",
    "TencentGameMate/chinese-wav2vec2-base": "TencentGameMate/chinese-wav2vec2-base",
}
"""On ModelScope, by the name of the repository on the Hub."""
PARTIAL = ".modelscope"
"""Ending of the part of a file that has arrived."""
NEAR = 0.01
"""Largest difference from the published size, which is rounded to three digits."""
Check: TypeAlias = Callable[[WeightFile, Path], str]
"""Says what is wrong with a file, as `WeightSet.fault_of`; "" for the published one."""


def endpoint() -> str:
    """The address of ModelScope, or what MODELSCOPE_DOMAIN names, as for its own programs."""
    named = os.environ.get("MODELSCOPE_DOMAIN") or "www.modelscope.cn"
    return (named if "://" in named else f"https://{named}").rstrip("/")


def address_of(file: WeightFile) -> str | None:
    """The file's address on ModelScope; None if it is not published there or the Hub is to be used."""
    repository = REPOSITORIES.get(file.repository)
    if os.environ.get(VARIABLE) != MODELSCOPE or repository is None:
        return None
    return f"{endpoint()}/models/{repository}/resolve/master/{quote(file.name)}"


def fetch_address(address: str, file: WeightFile, folder: Path, check: Check, bar: type[Any] | None) -> Path:
    """Download a file into a folder, below which it keeps its name, and continue an interrupted download.

    bar: a class of tqdm bars for the progress. Raises OSError or the client's errors if it cannot be reached,
    and WeightsError for a file that is not the published one.
    """
    from huggingface_hub.file_download import http_get

    check_endpoint(endpoint())
    target = folder / file.name
    partial = target.with_name(f".{target.name}{PARTIAL}")
    partial.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("ab") as content:
        begun = content.tell()
        http_get(address, content, resume_size=begun, displayed_filename=target.name, tqdm_class=bar)
    wrong = _wrong_size(file, partial) or _fault(file, partial, check)
    if wrong:
        partial.unlink()
        raise WeightsError(
            "{address} is not the published file. {wrong} Set JOYSTUDIO_WEIGHTS_HUB=huggingface to get it "
            "from the Hub.",
            address=address,
            wrong=wrong,
        )
    partial.replace(target)
    return target


def _fault(file: WeightFile, path: Path, check: Check) -> str:
    try:
        return check(file, path)
    except WeightsError as error:
        return str(error)


def _wrong_size(file: WeightFile, path: Path) -> str:
    size = path.stat().st_size / 1e6
    if file.megabytes is None or abs(size - file.megabytes) <= NEAR * file.megabytes:
        return ""
    return f"It has {size:.3g} MB instead of {file.megabytes:.3g} MB."
