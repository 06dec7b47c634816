"""A voice with many closures, and small networks of the layouts that go live."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engines.preview import mouth as mouth_module
from engines.preview.mouth import VoiceToMouth
from engines.preview.network import LAYOUT, SHORT
from media.speech import open_speech

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def voice() -> np.ndarray:
    """(n,) 2.5 s at 16 kHz."""
    samples = open_speech(ROOT / "examples" / "voices" / "english-woman.wav").samples
    return samples[: int(2.5 * 16000)]


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> VoiceToMouth:
    """The shipped weights in a layout that looks 60 ms ahead: not a good mouth, but a lively one."""
    weights = load_file(Path(mouth_module.__file__).with_name("visemes.safetensors"))
    weights[LAYOUT] = np.array([layer.ahead for layer in SHORT], np.int32)
    path = tmp_path_factory.mktemp("weights") / "short.safetensors"
    save_file(weights, path)
    return VoiceToMouth(path)
