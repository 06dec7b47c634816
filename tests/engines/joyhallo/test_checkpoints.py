"""Opening checkpoints: every published naming, and every kind of wrong file."""

from __future__ import annotations

import itertools
import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engines.joyhallo.networks.builders import PARTS, Part
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights import checkpoints
from engines.joyhallo.weights.checkpoints import canonical, load_part, load_whole, open_file, open_net
from engines.joyhallo.weights.inspection import WEIGHTS, has_random
from engines.joyhallo.weights.random_weights import contents, synthesize
from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.synthesis import x
from media.errors import OutputError, WeightsError

NET = weights.JOYHALLO_NET
FORMATS = (torch.float32, torch.float16, torch.bfloat16)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> WeightFolder:
    """Tiny random sets of JoyHallo and of Hallo; tests that change one write elsewhere."""
    folder = weights.folder(tmp_path_factory.mktemp("weights"))
    list(synthesize(folder, "tiny"))
    list(synthesize(folder, "tiny", variant="hallo"))
    return folder


def path_of(folder: WeightFolder, file: WeightFile) -> Path:
    return folder.require(file, "joyhallo")


@pytest.fixture(scope="module")
def net(made: WeightFolder) -> dict[str, Tensor]:
    """The tensors of the random net.pth."""
    return torch.load(path_of(made, NET), weights_only=True)


def changed(tmp_path: Path, tensors: dict[str, Tensor], mark: bool = True) -> Path:
    """A net.pth with other tensors, marked as tiny and random."""
    content = OrderedDict(tensors)
    if mark:
        setattr(content, "made_up", {"network": "net", "size": "tiny", "salt": "v1:"})  # noqa: B010
    path = tmp_path / "net.pth"
    torch.save(content, path)
    return path


@pytest.mark.parametrize(("part", "dtype"), list(zip(PARTS, itertools.cycle(FORMATS), strict=False)))
def test_every_part_is_filled_in_every_precision(
    made: WeightFolder, net: dict[str, Tensor], part: Part, dtype: torch.dtype
) -> None:
    module = load_part(open_net(path_of(made, NET)), part, dtype=dtype)
    assert not module.training
    for key, value in module.state_dict().items():
        assert value.dtype == dtype
        assert torch.equal(value, net[f"{part}.{key}"].to(dtype))
    assert not any(parameter.requires_grad for parameter in module.parameters())


def test_without_a_precision_the_files_own_is_kept(made: WeightFolder, net: dict[str, Tensor]) -> None:
    module = load_part(open_net(path_of(made, NET)), "imageproj")
    assert module.state_dict()["proj.weight"].dtype == torch.float16


def test_random_numbers_are_those_of_the_keys_with_their_prefix(net: dict[str, Tensor]) -> None:
    key = "face_locator.conv_in.bias"
    torch.testing.assert_close(net[key], torch.from_numpy(0.1 * x(key, (16,))).half())


def test_motion_modules_that_never_run_may_be_missing_and_are_not_loaded(
    tmp_path: Path, net: dict[str, Tensor]
) -> None:
    dead = "down_blocks.3.motion_modules"
    assert any(dead in key for key in net)
    path = changed(tmp_path, {key: value for key, value in net.items() if dead not in key})
    state = load_part(open_net(path), "denoising_unet").state_dict()
    assert not any(dead in key for key in state)


def test_position_tables_may_be_missing(tmp_path: Path, net: dict[str, Tensor]) -> None:
    path = changed(tmp_path, {key: value for key, value in net.items() if not key.endswith(".pe")})
    state = load_part(open_net(path), "denoising_unet").state_dict()
    tables = [key for key in state if key.endswith(".pe")]
    assert len(tables) == 32  # two in each of the 16 modules that run
    assert all(torch.equal(state[key], net[f"denoising_unet.{key}"]) for key in tables)


def test_names_of_training_on_several_devices_are_understood(tmp_path: Path, net: dict[str, Tensor]) -> None:
    path = changed(tmp_path, {f"module.{key}": value for key, value in net.items()})
    assert torch.equal(load_part(open_net(path), "audioproj").norm.weight, net["audioproj.norm.weight"])


def without(net: dict[str, Tensor]) -> None:
    for key in [key for key in net if key.startswith("face_locator.")]:
        del net[key]


def strange(net: dict[str, Tensor]) -> None:
    net["reference_unet.conv_out.bias"] = torch.zeros(4)


def misshapen(net: dict[str, Tensor]) -> None:
    net["imageproj.norm.bias"] = torch.zeros(7)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            without,
            "16 missing: face_locator.conv_in.weight, face_locator.conv_in.bias, "
            "face_locator.blocks.0.weight, face_locator.blocks.0.bias, face_locator.blocks.1.weight "
            "and 11 more",
        ),
        (strange, "1 not known: reference_unet.conv_out.bias"),
        (misshapen, "1 wrong shape: imageproj.norm.bias 7 instead of 48"),
    ],
)
def test_a_file_that_does_not_fit_names_the_first_five(
    tmp_path: Path, net: dict[str, Tensor], edit: Callable[[dict[str, Tensor]], None], said: str
) -> None:
    tensors = dict(net)
    edit(tensors)
    with pytest.raises(WeightsError, match="does not fit net") as caught:
        open_net(changed(tmp_path, tensors))
    assert said in str(caught.value)


def test_a_published_file_has_the_real_sizes(tmp_path: Path, net: dict[str, Tensor]) -> None:
    with pytest.raises(WeightsError, match=r"conv_in.weight 32x4x3x3 instead of 320x4x3x3"):
        open_net(changed(tmp_path, net, mark=False))


@pytest.mark.parametrize("mark", [{"network": "vae", "size": "tiny"}, {"network": "net", "size": "huge"}])
def test_an_unknown_mark_is_refused(tmp_path: Path, net: dict[str, Tensor], mark: dict[str, str]) -> None:
    content = OrderedDict(net)
    setattr(content, "made_up", mark)  # noqa: B010
    torch.save(content, tmp_path / "net.pth")
    with pytest.raises(WeightsError, match=r"random weights for vae|states no sizes"):
        open_net(tmp_path / "net.pth")


def test_a_hallo_file_in_place_of_joyhallos_is_used_as_hallo(made: WeightFolder) -> None:
    path = path_of(made, weights.HALLO_NET)
    opened = open_net(path)
    assert opened.variant == "hallo"
    assert opened.notes == (f"{path} holds Hallo, not JoyHallo; it is used as Hallo.",)
    assert load_part(opened, "denoising_unet").audio == "hallo"
    assert open_net(path, "hallo").notes == ()
    assert open_net(path_of(made, NET), "hallo").notes


def test_half_a_hallo_file_does_not_fit(tmp_path: Path, made: WeightFolder) -> None:
    tensors = torch.load(path_of(made, weights.HALLO_NET), weights_only=True)
    gone = next(key for key in tensors if ".attn2_2." in key)
    del tensors[gone]
    with pytest.raises(WeightsError, match=r"1 missing: denoising_unet.*attn2_2"):
        open_net(changed(tmp_path, tensors))


def test_each_variant_has_its_files() -> None:
    assert weights.net_of("hallo").path == "hallo/net.pth"
    assert weights.net_of("joyhallo").path == "joyhallo/net.pth"
    assert "960h" in weights.encoder_of("hallo").path
    assert "chinese" in weights.encoder_of("joyhallo").path


def test_the_picture_codecs_older_names_are_understood(tmp_path: Path) -> None:
    content = contents("vae", "tiny")
    older = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    renamed: OrderedDict[str, Tensor] = OrderedDict()
    for key, value in content.items():
        for new, old in older.items():
            key = key.replace(f".{new}.", f".{old}.")
        renamed[key] = value
    assert renamed.keys() != content.keys()
    setattr(renamed, "made_up", {"network": "vae", "size": "tiny"})  # noqa: B010
    torch.save(renamed, tmp_path / "vae.bin")
    state = load_whole(open_file(tmp_path / "vae.bin", "vae")).state_dict()
    assert state.keys() == content.keys()
    assert all(torch.equal(state[key], value) for key, value in content.items())


def pretraining(content: dict[str, Tensor]) -> dict[str, Tensor]:
    """chinese-wav2vec2-base: a class's prefix, quantizer and projections beside it."""
    return content | {"quantizer.codevectors": torch.zeros(2), "project_q.bias": torch.zeros(2)}


def recogniser(content: dict[str, Tensor]) -> dict[str, Tensor]:
    """wav2vec2-base-960h: with a head for letters, today's weight norm, and no embedding of masks."""
    newer = {"weight_g": "parametrizations.weight.original0", "weight_v": "parametrizations.weight.original1"}
    renamed = {"lm_head.bias": torch.zeros(2)}
    for key, value in content.items():
        for old, new in newer.items():
            key = key.replace(f"conv.{old}", f"conv.{new}")
        renamed[key] = value
    del renamed["wav2vec2.masked_spec_embed"]
    return renamed


def bare(content: dict[str, Tensor]) -> dict[str, Tensor]:
    """An encoder on its own."""
    return {key.removeprefix("wav2vec2."): value for key, value in content.items()}


@pytest.mark.parametrize("form", [pretraining, recogniser, bare])
def test_every_form_of_an_audio_encoders_file(
    tmp_path: Path, form: Callable[[dict[str, Tensor]], dict[str, Tensor]]
) -> None:
    plain = contents("wav2vec", "tiny")
    content = OrderedDict(form(dict(plain)))
    setattr(content, "made_up", {"network": "wav2vec", "size": "tiny"})  # noqa: B010
    torch.save(content, tmp_path / "pytorch_model.bin")
    state = load_whole(open_file(tmp_path / "pytorch_model.bin", "wav2vec"), dtype=torch.float32).state_dict()
    expected = canonical("wav2vec", plain)
    for key, value in expected.items():
        if key != "masked_spec_embed":
            assert torch.equal(state[key], value), key
    assert state.keys() == expected.keys()


def test_check_convert_and_the_mark(made: WeightFolder, tmp_path: Path) -> None:
    folder = weights.folder(tmp_path)
    assert WEIGHTS.needed(folder) == ("joyhallo",)
    assert not has_random(folder)
    list(synthesize(folder, "tiny"))
    states = {report.file.path: report.state for report in WEIGHTS.check_files(folder)}
    assert states["joyhallo/net.pth"] == "random"
    assert states["hallo/net.pth"] == states["audio_separator/Kim_Vocal_2.onnx"] == "missing"
    assert has_random(folder)

    before = load_part(open_net(path_of(folder, NET)), "audioproj").state_dict()
    new = [new for _, new in WEIGHTS.convert_files(folder)]
    assert [path.name for path in new] == ["net.safetensors", "model.safetensors"]
    for path in new:
        os.utime(path, (path.stat().st_mtime + 5,) * 2)
    assert path_of(folder, NET).suffix == ".safetensors"
    after = load_part(open_net(path_of(folder, NET)), "audioproj").state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    load_whole(open_file(path_of(folder, weights.MANDARIN_ENCODER), "wav2vec"))
    assert list(WEIGHTS.convert_files(folder)) == []
    assert {report.state for report in WEIGHTS.check_files(folder, ("joyhallo",))} == {"random"}


def test_only_the_files_of_a_variant_mark_its_videos(tmp_path: Path, made: WeightFolder) -> None:
    """The two variants share the picture codec and nothing else."""
    folder = weights.folder(tmp_path)
    target = folder.target(weights.HALLO_NET)
    target.parent.mkdir(parents=True)
    os.link(path_of(made, weights.HALLO_NET), target)
    assert has_random(folder, "hallo")
    assert not has_random(folder)
    assert WEIGHTS.needed(folder) == ("joyhallo", "hallo")


def test_check_notes_a_hallo_file_in_place_of_joyhallos(tmp_path: Path, made: WeightFolder) -> None:
    folder = weights.folder(tmp_path)
    target = folder.target(NET)
    target.parent.mkdir(parents=True)
    os.link(path_of(made, weights.HALLO_NET), target)
    report = WEIGHTS.check_file(folder, NET)
    assert report.state == "random"
    assert "holds Hallo, not JoyHallo" in report.note


def test_published_weights_are_not_overwritten(tmp_path: Path) -> None:
    folder = weights.folder(tmp_path)
    target = folder.target(weights.MANDARIN_ENCODER)
    target.parent.mkdir(parents=True)
    torch.save({"a": torch.zeros(2)}, target)
    with pytest.raises(OutputError, match="does not contain random weights and was not changed"):
        list(synthesize(folder, "tiny"))
    assert folder.find(NET) is None


def test_a_network_of_many_chunks_is_the_same(
    made: WeightFolder, net: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_net(path_of(made, NET))
    monkeypatch.setattr("engines.joyhallo.weights.checkpoints.CHUNK", 50_000)
    reads: list[Path] = []
    read = checkpoints.read_checkpoint

    def counted(path: Path) -> object:
        reads.append(path)
        return read(path)

    monkeypatch.setattr(checkpoints, "read_checkpoint", counted)
    state = load_part(opened, "face_locator", dtype=torch.float32).state_dict()
    assert len(reads) == 3  # 183 thousand numbers, most of them in the last layers
    assert all(torch.equal(value, net[f"face_locator.{key}"].float()) for key, value in state.items())
    load_part(opened, "face_locator")
    assert len(reads) == 4
