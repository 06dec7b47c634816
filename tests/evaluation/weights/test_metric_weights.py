"""The metrics' weight files: installed, matching and refused ones."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

import cli
from engines.weights.catalogue import WeightFolder
from evaluation.weights import catalogue
from evaluation.weights.checkpoints import load_network, open_file, open_network
from evaluation.weights.inspection import MetricWeights
from evaluation.weights.networks import CLASSES, build, manifest, network
from evaluation.weights.random_weights import contents, synthesize
from media.errors import OutputError, WeightsError, WeightsMissing

NETWORKS = ("syncnet", "s3fd", "dino_vitb16", "clip_vitb32_visual", "amt_s")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> WeightFolder:
    folder = catalogue.folder(tmp_path_factory.mktemp("weights"))
    list(synthesize(folder, "tiny"))
    return folder


@pytest.fixture
def copy(made: WeightFolder, tmp_path: Path) -> WeightFolder:
    shutil.copytree(made.root, tmp_path / "weights")
    return catalogue.folder(tmp_path / "weights")


def test_there_is_a_file_for_every_network() -> None:
    assert {file.network for file in catalogue.FILES if file.network} == set(manifest()) == set(CLASSES)
    assert {group for file in catalogue.FILES for group in file.groups} == set(catalogue.GROUPS)
    free = {file for file in catalogue.FILES if file.commercial}
    assert free == {catalogue.DINO_FILE, catalogue.CLIP_FILE}


@pytest.mark.parametrize("name", ["syncnet", "s3fd", "amt_s"])
def test_our_networks_have_the_published_keys(name: str) -> None:
    with torch.device("meta"):
        state = build(name).state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == manifest()[name].shapes


@pytest.mark.parametrize("name", NETWORKS)
def test_a_random_network_is_loaded(made: WeightFolder, name: str) -> None:
    module, opened = load_network(name, made)
    assert opened.random_weights is not None
    assert not module.training
    assert set(opened.tensors) == set(network(name, opened.config).shapes)


def test_counters_may_be_missing_and_more_may_be_there(tmp_path: Path) -> None:
    tensors = OrderedDict(contents("syncnet", "full"))
    tensors = OrderedDict((k, v) for k, v in tensors.items() if not k.endswith("num_batches_tracked"))
    torch.save(tensors | {"more": torch.zeros(1)}, tmp_path / "syncnet_v2.model")
    opened = open_file(tmp_path / "syncnet_v2.model", "syncnet")
    assert opened.extra == ("more",)
    assert opened.random_weights is None
    file = catalogue.SYNCNET_FILE
    folder = catalogue.folder(tmp_path)
    folder.target(file).parent.mkdir(parents=True)
    shutil.copy(tmp_path / "syncnet_v2.model", folder.target(file))
    load_network("syncnet", folder)


def test_another_network_in_a_file_is_refused(copy: WeightFolder) -> None:
    target = copy.target(catalogue.S3FD_FILE)
    torch.save(dict(contents("syncnet", "tiny")), target)
    with pytest.raises(WeightsError, match=r"does not fit s3fd: .* download it with: python cli.py weights"):
        open_network("s3fd", copy)
    shutil.copy(copy.target(catalogue.SYNCNET_FILE), target)
    with pytest.raises(WeightsError, match="contains random weights for syncnet"):
        open_network("s3fd", copy)


def test_a_random_file_states_a_known_size(copy: WeightFolder) -> None:
    content = contents("syncnet", "tiny")
    content.__dict__["made_up"]["config"] = {"narrow": 10**9}
    torch.save(content, copy.target(catalogue.SYNCNET_FILE))
    with pytest.raises(WeightsError, match="states no known size"):
        open_network("syncnet", copy)


def test_a_file_that_is_a_program_is_not_run(copy: WeightFolder, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "ran",)

    torch.save({"state_dict": Evil()}, copy.target(catalogue.AMT_FILE))
    with pytest.raises(WeightsError, match="not a number, an array or a setting"):
        open_network("amt_s", copy)
    assert not (tmp_path / "ran").exists()


def test_other_programs_places_are_known(copy: WeightFolder) -> None:
    base = copy.base
    for old, new in (
        (base / "syncnet/auxiliary/syncnet_v2.model", base / "data/syncnet_v2.model"),
        (base / "syncnet/auxiliary/sfd_face.pth", base / "detectors/s3fd/weights/sfd_face.pth"),
        (base / "dino-vitb16/pytorch_model.bin", base / "dino_model/dino_vitbase16_pretrain.pth"),
    ):
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)
    for name in NETWORKS:
        open_network(name, copy)


def test_a_checkout_of_the_original_is_read_as_it_is(made: WeightFolder, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(made.target(catalogue.SYNCNET_FILE), tmp_path / "data/syncnet_v2.model")
    assert open_network("syncnet", catalogue.folder(tmp_path)).path.parent == tmp_path / "data"


def test_checking_and_converting(copy: WeightFolder) -> None:
    known = MetricWeights()
    states = {report.file.path: report.state for report in known.check_files(copy, catalogue.USUAL_GROUPS)}
    assert set(states.values()) == {"random"}
    assert known.needed(copy) == ()
    before = {name: open_network(name, copy).tensors for name in NETWORKS}
    assert len(list(known.convert_files(copy))) == len(NETWORKS)
    for name in NETWORKS:
        after = open_network(name, copy)
        assert after.path.suffix == ".safetensors"
        assert after.random_weights is not None
        for key, value in before[name].items():
            torch.testing.assert_close(after.tensors[key], value, rtol=0, atol=0)
    assert not list(known.convert_files(copy))


def test_published_files_are_not_overwritten(tmp_path: Path) -> None:
    folder = catalogue.folder(tmp_path)
    target = folder.target(catalogue.AMT_FILE)
    target.parent.mkdir(parents=True)
    torch.save({"state_dict": {"a": torch.zeros(1)}}, target)
    with pytest.raises(OutputError, match="does not contain random weights"):
        list(synthesize(folder, "tiny"))


def test_what_is_missing_names_the_command(tmp_path: Path) -> None:
    folder = catalogue.folder(tmp_path)
    with pytest.raises(WeightsMissing, match=r"weights download metrics$"):
        folder.require(catalogue.SYNCNET_FILE, catalogue.NAME)
    with pytest.raises(WeightsMissing, match=r"weights download metrics --only quality$"):
        folder.require(catalogue.QUALITY_FILES[0], catalogue.NAME)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ("--root", str(tmp_path))
    assert not cli.main(["weights", "synthesize", "metrics", *root])
    assert not cli.main(["weights", "list", "metrics", *root])
    shown = capsys.readouterr().out
    assert "installed amt_model/amt-s.pth" in shown
    assert "CC BY-NC 4.0" in shown
    assert not cli.main(["weights", "check", "metrics", *root])
    assert "No problems found." in capsys.readouterr().out
