"""Downloads published weight files from the Hugging Face Hub or from ModelScope."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.hub import check_hub
from engines.weights.modelscope import Check, address_of, fetch_address
from media.errors import JoyStudioError, OutputError, WeightsMissing

Fetch: TypeAlias = Callable[[WeightFile, Path], Path]
"""Downloads a file from the Hub into a folder, below which it keeps its name in the repository. Returns its
path.
"""


def fetch(
    file: WeightFile,
    folder: Path,
    *,
    check: Check = lambda file, path: "",
    bar: type[Any] | None = None,
) -> Path:
    """Download one file with a progress bar, and continue an interrupted download.

    The file comes from the Hub, or from ModelScope where JOYSTUDIO_WEIGHTS_HUB says so and it is published
    there. check: of a file from ModelScope. bar: a class of tqdm bars instead of the usual one.
    """
    from huggingface_hub import hf_hub_download

    if (address := address_of(file)) is not None:
        return fetch_address(address, file, folder, check, bar)
    check_hub()
    return Path(hf_hub_download(file.repository, file.name, local_dir=folder, tqdm_class=bar))


def keep_all(file: WeightFile, path: Path) -> bool:
    """Keep every existing file."""
    return False


def download(
    files: Iterable[WeightFile],
    folder: WeightFolder,
    fetch: Fetch = fetch,
    replaceable: Callable[[WeightFile, Path], bool] = keep_all,
) -> Iterator[tuple[WeightFile, Path]]:
    """Download the missing files one by one.

    Yields every file with its path, also those that exist. replaceable: whether an existing file is
    downloaded again (random weights are). Raises WeightsMissing if the Hub cannot be reached or refuses,
    OutputError if a file cannot be written; before the first download, if the disk has no room for all.
    """
    wanted = [file for file in files if not file.made_here]
    found = {file: folder.find(file) for file in wanted}
    lacking = {file for file, path in found.items() if path is None or replaceable(file, path)}
    check_room(lacking, folder)
    for file in wanted:
        path = found[file]
        yield file, _fetch(file, folder, fetch) if path is None or file in lacking else path


def check_room(files: Iterable[WeightFile], folder: WeightFolder) -> None:
    """Raise OutputError if the disk has less room than the download takes.

    A disk that does not report its free space passes. Parts from an interrupted download are already on the
    disk. Files of unknown size do not count.
    """
    needed = sum(file.megabytes or 0.0 for file in files) - _interrupted(folder)
    free = free_megabytes(folder)
    if free is not None and needed > free:
        raise OutputError(
            "The download needs {needed:.2f} GB and the disk of {base} has {free:.2f} GB free. Delete files "
            "that you no longer need, or choose a folder on another disk with JOYSTUDIO_WEIGHTS.",
            needed=needed / 1000,
            base=folder.base,
            free=free / 1000,
        )


def free_megabytes(folder: WeightFolder) -> float | None:
    """Room on the disk where the weights are put; None where the disk does not tell."""
    place = folder.base.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        return shutil.disk_usage(place).free / 1e6
    except OSError:
        return None


def _interrupted(folder: WeightFolder) -> float:
    """Megabytes of downloads that were begun."""
    parts = folder.base.glob("**/.cache/huggingface/**/*.incomplete")
    try:
        return sum(path.stat().st_size for path in parts) / 1e6
    except OSError:
        return 0.0


def _fetch(file: WeightFile, folder: WeightFolder, fetch: Fetch) -> Path:
    target = folder.target(file)
    below = target.parents[file.name.count("/")]
    try:
        below.mkdir(parents=True, exist_ok=True)
        path = fetch(file, below)
    except JoyStudioError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EPERM):
            reason = os.strerror(error.errno)
            raise OutputError(
                "{path} ({size}) cannot be written to {below}: {reason}.",
                path=file.path,
                size=file.size,
                below=below,
                reason=reason,
            ) from error
        raise _unreachable(file, target, error) from error
    except Exception as error:  # the Hub's client raises errors of several libraries
        raise _unreachable(file, target, error) from error
    if not path.is_file() or not path.stat().st_size:
        raise _unreachable(file, target, OSError("nothing was received"))
    return path


def _unreachable(file: WeightFile, target: Path, error: Exception) -> WeightsMissing:
    reason = " ".join(str(error).split()).rstrip(".")[:200] or type(error).__name__
    return WeightsMissing(
        "{name} could not be downloaded from {address} ({reason}). Try again later (the download resumes), "
        "set HF_ENDPOINT to a mirror, or copy the file to {target}.",
        name=file.name,
        address=address_of(file) or file.address,
        reason=reason,
        target=target,
    )
