"""Downloads published weight files from the Hugging Face Hub."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from engines.weights.catalogue import WeightFile, WeightFolder
from media.errors import JoyStudioError, OutputError, WeightsMissing

Fetch: TypeAlias = Callable[[WeightFile, Path], Path]
"""Downloads a file from the Hub into a folder, below which it keeps its name in the repository. Returns its
path.
"""


def fetch(file: WeightFile, folder: Path) -> Path:
    """Download one file with a progress bar, and continue an interrupted download."""
    from huggingface_hub import hf_hub_download

    return Path(hf_hub_download(file.repository, file.name, local_dir=folder))


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
    OutputError if a file cannot be written.
    """
    for file in files:
        if file.made_here:
            continue
        found = folder.find(file)
        if found is None or replaceable(file, found):
            found = _fetch(file, folder, fetch)
        yield file, found


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
        "or copy the file to {target}.",
        name=file.name,
        address=file.address,
        reason=reason,
        target=target,
    )
