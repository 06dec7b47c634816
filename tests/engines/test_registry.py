from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import get_args

import pytest

from engines import registry
from engines.base import Engine
from media.errors import OptionError, WeightsMissing
from tests.fake_engine import FakeOptions, FakeWorld, registered, spec_for


def test_the_preview_engine_is_offered_first() -> None:
    assert registry.names()[0] == "preview"


@pytest.mark.parametrize("name", registry.SHIPPED)
def test_engine_and_options_belong_together(name: str) -> None:
    engine = registry.engine_class(name)
    assert issubclass(engine, Engine)
    assert get_args(engine.__orig_bases__[0]) == (registry.options_of(name),)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", registry.SHIPPED)
def test_options_are_imported_without_the_engine(name: str) -> None:
    heavy = ("numpy", "cv2", "av", "mediapipe", "PIL", "torch", f"engines.{name}.engine")
    code = (
        "import sys\nfrom engines import registry\n"
        f"registry.options_of({name!r})\nprint([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_engine_is_loaded_once_per_device(world: FakeWorld) -> None:
    first = registry.load("fake")
    assert registry.load("fake") is first
    other = registry.load("fake", "cuda:1")
    assert other is not first
    assert world.loads == 2
    registry.unload("fake")
    assert world.unloads == 1
    assert registry.load("fake", "cuda:1") is other
    assert registry.load("fake") is not first


def test_threads_that_ask_at_once_load_once() -> None:
    gate, loads = threading.Event(), []

    class SlowEngine(Engine):
        def load(self, device: str = "cpu") -> None:
            loads.append(device)
            assert gate.wait(30)

        def animate(self, *_: object) -> object:  # type: ignore[override]
            raise NotImplementedError

    got: list[Engine] = []
    with registered(spec_for("slow", FakeOptions, SlowEngine)):
        threads = [threading.Thread(target=lambda: got.append(registry.load("slow"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        gate.set()
        for thread in threads:
            thread.join(30)
    assert loads == ["cpu"]
    assert len(got) == 8
    assert len(set(map(id, got))) == 1


def test_one_engine_does_not_wait_for_another_that_loads(world: FakeWorld) -> None:
    gate, loading = threading.Event(), threading.Event()

    class SlowEngine(Engine):
        def load(self, device: str = "cpu") -> None:
            loading.set()
            assert gate.wait(30)

        def animate(self, *_: object) -> object:  # type: ignore[override]
            raise NotImplementedError

    with registered(spec_for("slow", FakeOptions, SlowEngine)):
        thread = threading.Thread(target=registry.load, args=("slow",))
        thread.start()
        assert loading.wait(30)
        assert world.loads == 0
        registry.load("fake")
        gate.set()
        thread.join(30)


def test_an_engine_that_failed_to_load_is_tried_again() -> None:
    attempts: list[str] = []

    class PickyEngine(Engine):
        def load(self, device: str = "cpu") -> None:
            attempts.append(device)
            if len(attempts) == 1:
                raise WeightsMissing("The file x is missing.")

        def animate(self, *_: object) -> object:  # type: ignore[override]
            raise NotImplementedError

    with registered(spec_for("picky", FakeOptions, PickyEngine)):
        with pytest.raises(WeightsMissing):
            registry.load("picky")
        registry.load("picky")
    assert len(attempts) == 2


def test_names_are_taken_once_and_given_back(world: FakeWorld) -> None:
    with pytest.raises(ValueError, match="exists already"):
        registry.register(spec_for("fake", FakeOptions, world.engine()))
    registry.load("fake")
    registry.unregister("fake")
    assert world.unloads == 1
    with pytest.raises(OptionError, match=r"no engine called 'fake'\. Available: preview"):
        registry.load("fake")


def test_engines_with_files_know_them() -> None:
    assert registry.with_weights() == ["joyvasa", "joyhallo"]
    for name in registry.with_weights():
        known = registry.weights_of(name)
        assert set(known.catalogue.usual_groups) <= set(known.catalogue.groups)
        assert {group for file in known.catalogue.files for group in file.groups} == set(
            known.catalogue.groups
        )
        assert set(known.needed(known.catalogue.folder(Path("nowhere")))) <= set(known.catalogue.groups)
    for name in ("preview", "strange"):
        with pytest.raises(OptionError, match=r"has no weights to download\. Available: joyvasa, joyhallo"):
            registry.weights_of(name)
