"""Deploys this program to a Hugging Face Space: selects the files and uploads them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from media.errors import DeploymentError, OptionError
from studio.hosting.space_packages import NEW_SPACE, PRE_REQUIREMENTS, packages_for

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, HfApi

ROOT = Path(__file__).resolve().parents[2]
CODE = ("commands", "engines", "evaluation", "media", "presets", "speech", "studio", "training", "ui")
"""Folders of the program; files that are deleted here are deleted on the Space, too."""
FOLDERS = (*CODE, "docs", "examples", "requirements")
FILES = (
    "app.py cli.py inference.py README.md README.zh.md LICENSE CONTRIBUTING.md SECURITY.md CHANGELOG.md "
    "packages.txt pyproject.toml requirements.txt"
).split()
"""Nothing else is ever uploaded: no outputs, weights, virtual environments, caches or .git."""
NEVER = {
    "hidden": (".*",),
    "a cache": ("__pycache__", "*.pyc"),
    "a secret by its name": (
        *("*.pem", "*.key", "*.p12", "*.pfx", "id_rsa*", "id_ed25519*"),
        *("token", "token.*", "secrets.*", "credentials.*"),
    ),
    "weights": ("*.pt", "*.pth", "*.ckpt", "*.onnx", "*.bin", "*.pkl", "*.pickle", "*.safetensors"),
    "a video or a history": ("*.mp4", "*.sqlite*"),
}
SHIPPED = frozenset(
    {
        "engines/preview/visemes.safetensors",
        "engines/preview/visemes-live.safetensors",
        "media/faces/animal_points.safetensors",
        "examples/clips/example.mp4",
    }
)
"""Weights, and a made video, that are part of the program."""
LARGEST = 10_000_000
"""Bytes. No file of the program is as large."""
SECRETS = {
    "a token of Hugging Face": re.compile(rb"\bhf_[A-Za-z0-9]{30,}"),
    "a private key": re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}"),
}
_REPO = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class DeploymentPlan:
    """What would be uploaded.

    files: path in the Space, with forward slashes, and its content if that differs from the file's. skipped:
    files of the program's folders that are left out, with the reasons. hardware: what the packages were
    chosen for.
    """

    repo: str
    root: Path
    files: dict[str, bytes | None]
    skipped: dict[str, str]
    hardware: str

    @property
    def size(self) -> int:
        """Total size in bytes."""
        return sum(self.size_of(path) for path in self.files)

    def size_of(self, path: str) -> int:
        """Size of one file in bytes."""
        content = self.files[path]
        return (self.root / path).stat().st_size if content is None else len(content)


def plan(repo: str, *, neural: bool = False, hardware: str = NEW_SPACE, root: Path = ROOT) -> DeploymentPlan:
    """Choose the files, and the packages that the Space installs.

    hardware: the Space's; see `hardware_of`. neural: install the packages of all engines even on a CPU.

    In a git checkout, only files known to git are included, so that no private file is uploaded by accident.
    Raises OptionError for an invalid name and DeploymentError for a file with a secret.
    """
    if not _REPO.fullmatch(repo):
        raise OptionError("--repo is USER/NAME, as in ada/joystudio, not {repo!r}.", repo=repo)
    known = _known_to_git(root)
    files: dict[str, bytes | None] = {}
    skipped: dict[str, str] = {}
    for path in _candidates(root):
        name = path.relative_to(root).as_posix()
        if why := _why_not(path, name, known):
            skipped[name] = why
        else:
            _refuse_secrets(path, name)
            files[name] = None
    if "app.py" not in files or "README.md" not in files:
        raise DeploymentError("There is no JoyStudio in {root}: app.py and README.md are missing.", root=root)
    files |= packages_for(hardware, root, neural=neural)
    return DeploymentPlan(repo, root, files, skipped, hardware)


def _candidates(root: Path) -> Iterator[Path]:
    yield from (root / name for name in FILES if (root / name).is_file())
    for folder in FOLDERS:
        yield from sorted(p for p in (root / folder).rglob("*") if p.is_symlink() or p.is_file())


def _why_not(path: Path, name: str, known: frozenset[str] | None) -> str:
    """Why a file is not uploaded, or ""."""
    if path.is_symlink():
        return "a link"
    for part in PurePosixPath(name.lower()).parts:
        for why, patterns in NEVER.items():
            if name not in SHIPPED and any(fnmatch(part, pattern) for pattern in patterns):
                return why
    if known is not None and name not in known:
        return "not known to git"
    return f"larger than {LARGEST // 1_000_000} MB" if path.stat().st_size > LARGEST else ""


def _known_to_git(root: Path) -> frozenset[str] | None:
    """The files of a git checkout, or None without git."""
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise DeploymentError(
            "git cannot list the program's files in {root} ({reason}). Install git, or upload from a folder "
            "without .git.",
            root=root,
            reason=error,
        ) from error
    return frozenset(listed.decode(errors="surrogateescape").split("\0"))


def _refuse_secrets(path: Path, name: str) -> None:
    data = path.read_bytes()
    for what, pattern in SECRETS.items():
        if pattern.search(data):
            raise DeploymentError(
                "{name} holds {what}, so nothing was uploaded. Remove it, and revoke it if it was ever "
                "shared.",
                name=name,
                what=what,
            )


def hardware_of(repo: str, *, endpoint: str | None = None, token: str | None = None) -> str:
    """The hardware that an existing Space runs on or has requested; for a new one, the Hub's default.

    Raises DeploymentError.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    with _words_for_errors(repo):
        try:
            runtime = HfApi(endpoint=endpoint, token=token).get_space_runtime(repo)
        except RepositoryNotFoundError:
            return NEW_SPACE
        return str(runtime.requested_hardware or runtime.hardware or NEW_SPACE)


def deploy(
    wish: DeploymentPlan,
    *,
    private: bool = False,
    hardware: str | None = None,
    endpoint: str | None = None,
    token: str | None = None,
) -> str:
    """Create the Space or update it in one commit. Returns its address.

    private: for a new Space only. hardware: also requested for an existing one. endpoint, token: None for
    those of `hf auth login` and the environment. Raises DeploymentError.
    """
    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint, token=token)
    with _words_for_errors(wish.repo):
        address = api.create_repo(
            wish.repo, repo_type="space", space_sdk="gradio", private=private, exist_ok=True
        )
        _commit(api, wish)
        if hardware is not None:
            flavour: Any = hardware  # the Hub offers new hardware before its library lists it
            api.request_space_hardware(wish.repo, hardware=flavour)
    return str(address)


@contextmanager
def _words_for_errors(repo: str) -> Iterator[None]:
    """Converts errors of the Hub to DeploymentError."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        yield
    except HfHubHTTPError as error:
        reason = " ".join(str(getattr(error, "server_message", None) or error).split())[:300]
        raise DeploymentError(
            "The Space {repo} could not be updated: {reason}. Log in with a token that may write: hf auth "
            "login",
            repo=repo,
            reason=reason,
        ) from error
    except Exception as error:  # the HTTP library's exceptions differ between versions
        reason = " ".join(str(error).split())[:300]
        raise DeploymentError(
            "The Space {repo} could not be reached: {reason}.", repo=repo, reason=reason
        ) from error


def _commit(api: HfApi, wish: DeploymentPlan) -> None:
    from huggingface_hub import CommitOperationDelete

    there = api.list_repo_files(wish.repo, repo_type="space")
    ours = {*CODE, PRE_REQUIREMENTS}
    stale = [path for path in there if path not in wish.files and path.split("/")[0] in ours]
    operations: list[Any] = [*_additions(wish), *(CommitOperationDelete(path_in_repo=path) for path in stale)]
    api.create_commit(wish.repo, operations, repo_type="space", commit_message="Update JoyStudio")


def _additions(wish: DeploymentPlan) -> Iterator[CommitOperationAdd]:
    from huggingface_hub import CommitOperationAdd

    for path, content in wish.files.items():
        source = content if content is not None else str(wish.root / path)
        yield CommitOperationAdd(path_in_repo=path, path_or_fileobj=source)
