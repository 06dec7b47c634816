"""Compiled rendering: the same pictures, fixed sizes, and the usual way where there is no compiler."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from engines.joyvasa.fast.compiled_rendering import CompiledRenderer, Render
from engines.joyvasa.fast.fast_warping import WarpingSource
from engines.joyvasa.fast.rendering import FrameRenderer
from engines.joyvasa.networks.builders import build, config_of
from engines.joyvasa.weights.random_weights import contents
from engines.weights.synthesis import SALT


def tiny(name: str) -> Any:
    network = build(name, config_of(name, "tiny"))
    network.load_state_dict(contents(name, "tiny", SALT))
    return network.eval()


@pytest.fixture(scope="module")
def renderer() -> FrameRenderer:
    return FrameRenderer(tiny("warping_module"), tiny("spade_generator"))


@pytest.fixture(scope="module")
def source(renderer: FrameRenderer) -> WarpingSource:
    torch.manual_seed(0)
    with torch.inference_mode():
        feature = tiny("appearance_feature_extractor")(torch.rand(1, 3, 256, 256))
    return renderer.prepare(feature, torch.randn(1, 21, 3) / 4)


def noted(sizes: list[int]) -> Callable[[Render], Render]:
    """A compiler that changes nothing and notes which sizes run."""

    def compiler(render: Render) -> Render:
        def compiled(source: WarpingSource, kp_driving: torch.Tensor) -> torch.Tensor:
            sizes.append(len(kp_driving))
            return render(source, kp_driving)

        return compiled

    return compiler


def test_fewer_frames_are_filled_up_and_the_pictures_are_the_same(
    renderer: FrameRenderer, source: WarpingSource
) -> None:
    sizes: list[int] = []
    compiled = CompiledRenderer(renderer, noted(sizes))
    driving = torch.randn(4, 21, 3) / 4
    expected = renderer.render(source, driving)
    for part in (slice(0, 3), slice(3, 4), slice(0, 2), slice(0, 4)):
        assert torch.allclose(compiled.render(source, driving[part]), expected[part], atol=1e-5)
    assert sizes == [3, 3, 3, 4]
    assert compiled.notes == ()


def test_a_batch_that_did_not_fit_is_not_a_size(renderer: FrameRenderer, source: WarpingSource) -> None:
    def compiler(render: Render) -> Render:
        def compiled(source: WarpingSource, kp_driving: torch.Tensor) -> torch.Tensor:
            if len(kp_driving) > 1:
                raise torch.cuda.OutOfMemoryError("full")
            return render(source, kp_driving)

        return compiled

    compiled = CompiledRenderer(renderer, compiler)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        compiled.render(source, torch.zeros(2, 21, 3))
    assert len(compiled.render(source, torch.zeros(1, 21, 3))) == 1
    assert compiled.notes == ()


def test_if_compiling_fails_it_is_reported_once_and_rendered_anyway(
    renderer: FrameRenderer, source: WarpingSource
) -> None:
    tried = []

    def compiler(render: Render) -> Render:
        tried.append(render)
        raise RuntimeError("No working C++ compiler found.\nand much more")

    compiled = CompiledRenderer(renderer, compiler)
    driving = torch.zeros(2, 21, 3)
    for _ in range(2):
        assert torch.equal(compiled.render(source, driving), renderer.render(source, driving))
    assert compiled.notes == (
        "Rendering was not compiled (No working C++ compiler found); it runs as usual.",
    )
    assert len(tried) == 1


def test_torch_without_a_compiler_falls_back(
    renderer: FrameRenderer, source: WarpingSource, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from torch._inductor import config

    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch.compiler.reset()
    with config.patch({"cpp.cxx": (str(tmp_path / "no-compiler"),), "force_disable_caches": True}):
        compiled = CompiledRenderer(renderer)
        driving = torch.zeros(1, 21, 3)
        assert torch.equal(compiled.render(source, driving), renderer.render(source, driving))
    assert len(compiled.notes) == 1
    assert "not compiled" in compiled.notes[0]
    torch.compiler.reset()
