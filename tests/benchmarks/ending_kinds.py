"""Document kinds for a test: the reader of one of them ends its process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.strange_documents import DocumentKind


def kinds() -> Iterator[DocumentKind]:
    """One whose third input ends the process, and one that reads everything."""
    yield DocumentKind("ends", lambda folder: [b"fine"], _ends)
    yield DocumentKind("goes on", lambda folder: [b"fine"], lambda folder, content: content)


def _ends(folder: Path, content: Any) -> None:
    """Called once with the unchanged document, and then with each input."""
    count = len(list(folder.iterdir()))
    (folder / str(count)).touch()
    if count == 3:
        os.kill(os.getpid(), signal.SIGKILL)
