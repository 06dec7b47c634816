"""The narrow networks run, and the wide ones have exactly the published tensors."""

from __future__ import annotations

import pytest
import torch

from engines.joyvasa.networks.builders import TINY, build, config_of, constants, manifest, network
from engines.weights.synthesis import fill_network


@pytest.mark.parametrize("name", list(manifest()))
def test_the_full_network_has_the_published_tensors(name: str) -> None:
    with torch.device("meta"):
        state = build(name).state_dict()
    ours = {key: (tuple(value.shape), str(value.dtype)) for key, value in state.items()}
    assert ours == {row.name: (row.shape, f"torch.{row.dtype}") for row in manifest()[name].rows}


@pytest.mark.parametrize("name", list(TINY))
def test_the_tiny_network_is_filled_without_a_gap(name: str) -> None:
    config = config_of(name, "tiny")
    rows = network(name, config)
    filled = fill_network(rows, keep=constants(name, config))
    assert list(filled) == [row.name for row in rows.rows]
    module = build(name, config)
    module.load_state_dict({key: torch.from_numpy(value) for key, value in filled.items()})
    full = sum(row.size for row in manifest()[name].rows)
    assert sum(row.size for row in rows.rows) < full / 20


def test_a_config_of_the_full_size_is_the_manifest() -> None:
    for name in manifest():
        assert network(name, config_of(name)) is manifest()[name]


def test_tiny_networks_take_and_give_what_full_ones_do() -> None:
    torch.set_num_threads(1)
    nets = {name: build(name, config_of(name, "tiny")).eval() for name in TINY}
    with torch.inference_mode():
        feature = nets["appearance_feature_extractor"](torch.rand(1, 3, 256, 256))
        assert feature.shape[1:] == (4, 4, 16, 16)  # of which every frame's time depends
        motion = nets["motion_extractor"](torch.rand(1, 3, 256, 256))
        assert motion.exp.shape == (1, 63)
        keypoints = torch.rand(1, 21, 3)
        warped = nets["warping_module"](feature, keypoints, keypoints + 0.01)
        assert nets["spade_generator"](warped.out).shape == (1, 3, 512, 512)
        stitched = nets["stitching_retargeting_module"].stitch(torch.rand(1, 126))
        assert stitched.shape == (1, 65)
        for name in ("motion_generator_hubert", "motion_generator_wav2vec2"):
            generator = nets[name]
            audio = generator.audio_features(torch.zeros(1, 64000))
            assert audio.shape == (1, 100, 32)
            given = torch.zeros(1, 100, 70), audio, generator.start_motion_feat, generator.start_audio_feat
            assert generator.denoising_net(*given, torch.tensor([7])).shape == (1, 125, 70)
        prompts = nets["xpose"].read_prompts(torch.randn(1, 512), torch.randn(9, 512))
        poses = nets["xpose"](torch.randn(1, 3, 96, 128), prompts)
        assert poses.keypoints.shape[-2:] == (9, 2)
