from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from media.errors import OptionError
from media.held_folder import sweep_all_held_folders
from media.ray_session import ROOT, ray_session


@pytest.fixture(autouse=True, scope="module")
def alone() -> None:
    """No Ray that another test has left: it would be joined."""
    import ray

    ray.shutdown()


def test_a_ray_of_its_own_runs_the_program_and_ends_without_a_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the program need not be started from its own folder
    # Below /tmp, as pytest's own folders are too deep for sockets.
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def where() -> tuple[int, str, str]:
        import media.ray_session as found

        return os.getpid(), str(found.ROOT), os.environ["RAY_USAGE_STATS_ENABLED"]

    with ray_session(cpus=1) as ray:
        process, root, told = ray.get(ray.remote(where).remote())
        assert process != os.getpid()
        assert (root, told) == (str(ROOT), "0")
        assert [path.name.startswith("joystudio-ray-") for path in folder.iterdir()] == [True]
        assert ray.cluster_resources()["CPU"] == 1
        with ray_session() as again:
            assert again is ray
        assert ray.is_initialized()  # the inner one started nothing, so it ended nothing
    assert not ray.is_initialized()
    folder.rmdir()  # refuses if anything is left


def test_what_a_killed_program_left_of_its_ray_goes_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    program = (
        "from media.ray_session import ray_session\n"
        "with ray_session(cpus=1): print('ready', flush=True); input()\n"
    )
    environment = os.environ | {"TMPDIR": str(place)}
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, stdin=-1, stdout=-1, text=True
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "ready\n"
        monkeypatch.setattr(tempfile, "tempdir", str(place))
        (folder,) = place.glob("joystudio-ray-*")
        assert sweep_all_held_folders() == 0  # it is in use
        assert folder.is_dir()
        killed.kill()
    assert sweep_all_held_folders() == 1
    assert not folder.exists()
    place.rmdir()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:9", "refused"),
        ("ray://127.0.0.1:9", "refused"),
        ("nowhere", "host:port"),
    ],
)
def test_an_address_without_a_cluster_is_refused_at_once(address: str, said: str) -> None:
    with pytest.raises(OptionError, match="no Ray cluster") as refused, ray_session(address):
        pass
    assert said in str(refused.value)


def test_without_the_package_the_message_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(OptionError, match=r"pip install -r requirements/scale\.txt"), ray_session():
        pass
