"""Speech engines are found by name, also those of other packages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.packages import Packages
from engines.plugins import find_specs
from media.errors import EngineError, OptionError
from speech import registry
from speech.base import Block, SpeechEngine, SpeechVoice, Unspoken
from speech.spec import SpeechSpec
from tests.engines.packages import install


class Hum(SpeechEngine):
    """A tone for every text."""

    rate = 8000
    loaded = 0

    def load(self) -> None:
        type(self).loaded += 1

    def speak(self, text: str, language: str, voice: SpeechVoice, speed: float) -> Iterator[Block | Unspoken]:
        yield np.full(800, 0.5, np.float32)


ABOUT: dict[str, Any] = {
    "name": "hum", "title": "Hum", "about": "Hums.", "licence": "MIT", "engine": Hum,
    "voices": (SpeechVoice("low", "Low", ("en",)),),
}  # fmt: skip


@pytest.fixture
def hum() -> Iterator[None]:
    Hum.loaded = 0
    registry.register(SpeechSpec(**ABOUT))
    yield
    registry.unregister("hum")


def test_an_engine_is_loaded_once(hum: None) -> None:
    assert registry.load("hum") is registry.load("hum")
    assert Hum.loaded == 1
    assert registry.names()[-1] == "hum"
    with pytest.raises(ValueError, match="exists already"):
        registry.register(SpeechSpec(**ABOUT))


def test_names_are_available_while_an_engine_loads() -> None:
    begun, go = threading.Event(), threading.Event()

    class Slow(Hum):
        def load(self) -> None:
            begun.set()
            assert go.wait(20)

    registry.register(SpeechSpec(**ABOUT | {"engine": Slow}))
    try:
        with ThreadPoolExecutor(3) as pool:
            first, second = pool.submit(registry.load, "hum"), pool.submit(registry.load, "hum")
            assert begun.wait(20)
            assert "hum" in pool.submit(registry.names).result(20)
            go.set()
            assert first.result(20) is second.result(20)
    finally:
        go.set()
        registry.unregister("hum")


def test_an_unknown_name_lists_the_others() -> None:
    with pytest.raises(OptionError, match=r"no speech engine called 'none'. Available: espeak"):
        registry.spec_of("none")
    with pytest.raises(OptionError, match="no speech engine called 5"):
        registry.spec_of(5)  # type: ignore[arg-type]


def test_a_missing_package_is_named() -> None:
    registry.register(SpeechSpec(**ABOUT | {"packages": Packages(("not_there_at_all",))}))
    try:
        with pytest.raises(EngineError, match=r"needs the package not_there_at_all.*pip install"):
            registry.load("hum")
    finally:
        registry.unregister("hum")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "Big"}, "lower case"),
        ({"voices": ()}, "at least one"),
        ({"voices": (ABOUT["voices"][0],) * 2}, "same name"),
        ({"voices": (SpeechVoice("low", "Low", ("xx",)),)}, "unknown: xx"),
        ({"voices": (SpeechVoice("low", "Low", ()),)}, "needs languages"),
        ({"engine": "nowhere"}, "module:Class"),
        ({"about": 5}, "about has to be a text"),
    ],
)
def test_a_spec_that_cannot_be_used_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        SpeechSpec(**ABOUT | wrong)


MODULE = """
from speech.base import SpeechEngine, SpeechVoice
from speech.spec import SpeechSpec

class Quiet(SpeechEngine):
    rate = 8000
    def speak(self, text, language, voice, speed):
        yield from ()

SPEC = SpeechSpec(name="quiet", title="Quiet", about="Says nothing.", licence="MIT", engine=Quiet,
                  voices=(SpeechVoice("only", "Only", ("en",)),))
"""


def test_a_package_offers_one_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    install(tmp_path, "quiet", module=MODULE, group=registry.GROUP)
    install(tmp_path, "broken", module="1 / 0", group=registry.GROUP)
    install(tmp_path, "other", module="SPEC = 5", group=registry.GROUP)
    known = {spec.name: spec for spec in registry.SHIPPED}
    found = {one.name: one for one in find_specs(registry.GROUP, SpeechSpec, known, lambda *_: None)}
    assert found["quiet"].spec is not None
    assert found["quiet"].spec.languages == ("en",)
    assert "ZeroDivisionError" in found["broken"].why
    assert "not a SpeechSpec" in found["other"].why
