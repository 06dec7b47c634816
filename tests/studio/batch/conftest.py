from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from media.ray_session import ROOT
from tests.fake_engine import registered
from tests.studio.batch import clumsy

Write = Callable[..., Path]
EVERYWHERE = {
    "env_vars": {"PYTHONPATH": str(ROOT)},
    "worker_process_setup_hook": "tests.studio.batch.clumsy.register",
}
"""What all processes of Ray begin with."""


@pytest.fixture(scope="module")
def ray() -> Iterator[ModuleType]:
    """Ray with four cores, in whose workers the clumsy engine is on the list."""
    import ray

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_prestart_worker_first_driver", "0")  # they would wait for tasks; ours are actors
        # Ray Serve kills a proxy that needs longer than 5 s to start, as on a busy machine, and gives up.
        patch.setenv("RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S", "60")
        ray.init(
            "local", num_cpus=4, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
            runtime_env=EVERYWHERE,
        )  # fmt: skip
        yield ray
        ray.shutdown()


@pytest.fixture
def engine() -> Iterator[str]:
    """The clumsy engine is on the list."""
    with registered(clumsy.SPEC):
        yield clumsy.NAME


@pytest.fixture
def listed(tmp_path: Path, portrait_file: Path, voice_file: Path) -> Write:
    """Writes a JSONL list of the small portrait and the short voice, with the given fields per line."""

    def write(*lines: dict[str, Any]) -> Path:
        path = tmp_path / "list.jsonl"
        both = {"portrait": str(portrait_file), "voice": str(voice_file)}
        path.write_text("".join(json.dumps(both | line) + "\n" for line in lines), encoding="utf-8")
        return path

    return write
