"""Opening checkpoints: every published naming, and every kind of wrong file."""

from __future__ import annotations

import argparse
import os
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.weights import catalogue as weights
from engines.joyvasa.weights.checkpoints import (
    canonical,
    fill,
    load_network,
    open_file,
    open_network,
    read_template,
)
from engines.joyvasa.weights.inspection import WEIGHTS, has_random
from engines.joyvasa.weights.random_weights import contents, synthesize
from engines.joyvasa.weights.text_codes import make_text_codes
from engines.joyvasa.xpose.text import TextCodes, random_codes, read_codes
from engines.weights.catalogue import WeightFolder
from media.errors import OutputError, WeightsError, WeightsMissing

NAMES = (
    "appearance_feature_extractor",
    "motion_extractor",
    "warping_module",
    "spade_generator",
    "stitching_retargeting_module",
    "motion_generator_hubert",
    "xpose",
)
GENERATOR = "JoyVASA/motion_generator/motion_generator_hubert_chinese.pt"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> WeightFolder:
    """A tiny random set; tests that change it take a copy."""
    folder = weights.folder(tmp_path_factory.mktemp("weights"))
    list(synthesize(folder, "tiny"))
    return folder


@pytest.fixture
def copy(made: WeightFolder, tmp_path: Path) -> WeightFolder:
    """The same set, free to be changed."""
    for path in made.root.rglob("*.*"):
        if path.is_file():
            target = tmp_path / path.relative_to(made.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return weights.folder(tmp_path)


def generator(**arguments: object) -> dict[str, object]:
    """A tiny motion generator's checkpoint as a training run writes it, without the mark of random ones."""
    content = contents("motion_generator_hubert", "tiny", "v1:")
    return {"args": argparse.Namespace(**arguments), "model": content["model"], "iter": 20000}


@pytest.mark.parametrize("animal", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_every_network_opens_and_is_filled(made: WeightFolder, name: str, animal: bool) -> None:
    module, opened = load_network(name, made, animal=animal)
    assert opened.random_weights is not None
    assert opened.random_weights["size"] == "tiny"
    assert not opened.extra
    assert not module.training
    state = module.state_dict()
    assert all(torch.equal(state[key], value) for key, value in opened.tensors.items())


def test_animals_have_their_own_four_and_share_the_rest(made: WeightFolder) -> None:
    assert "liveportrait_animals/base_models" in str(open_network("spade_generator", made, animal=True).path)
    assert "liveportrait/base_models" in str(open_network("spade_generator", made).path)
    for name in ("stitching_retargeting_module", "motion_generator_hubert"):
        assert open_network(name, made, animal=True).path == open_network(name, made).path


def test_a_missing_network_is_named_with_its_source(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"spade_generator\.pth is missing .*KlingTeam/LivePortrait"):
        open_network("spade_generator", weights.folder(tmp_path))


def test_another_salt_is_another_set(tmp_path: Path, made: WeightFolder) -> None:
    other = weights.folder(tmp_path)
    list(synthesize(other, "tiny", "v2:"))
    key = "first.conv.weight"
    one, two = (open_network("appearance_feature_extractor", f).tensors[key] for f in (made, other))
    assert one.shape == two.shape
    assert not torch.equal(one, two)


def test_both_names_of_the_motion_generator(copy: WeightFolder) -> None:
    path = copy.base / GENERATOR
    path.rename(path.with_name("iter_0020000.pt"))
    assert open_network("motion_generator_hubert", copy).path.name == "iter_0020000.pt"


@pytest.mark.parametrize("name", ["TencentGameMate:chinese-hubert-base", "chinese-hubert-base"])
def test_both_names_of_the_encoder_folder(tmp_path: Path, name: str) -> None:
    folder = weights.folder(tmp_path)
    path = folder.base / name / "pytorch_model.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    assert folder.find(weights.file_of("hubert_encoder")) == path


def test_both_weight_norm_namings() -> None:
    stem = "audio_encoder.encoder.pos_conv_embed.conv."
    old = {f"{stem}weight_g": torch.ones(1), f"{stem}weight_v": torch.ones(2)}
    new = canonical("motion_generator_hubert", old)
    assert set(new) == {
        f"{stem}parametrizations.weight.original0",
        f"{stem}parametrizations.weight.original1",
    }
    assert canonical("motion_generator_hubert", new) == new


def test_a_file_with_the_older_naming_gives_the_same_network(copy: WeightFolder, tmp_path: Path) -> None:
    content = contents("motion_generator_hubert", "tiny", "v1:")
    content["model"] = OrderedDict(
        (
            key.replace("parametrizations.weight.original0", "weight_g").replace(
                "parametrizations.weight.original1", "weight_v"
            ),
            value,
        )
        for key, value in content["model"].items()
    )
    assert any(key.endswith("weight_g") for key in content["model"])
    path = tmp_path / "old.pt"
    torch.save(content, path)
    old, new = open_file(path, "motion_generator_hubert"), open_network("motion_generator_hubert", copy)
    assert old.tensors.keys() == new.tensors.keys()
    assert all(torch.equal(value, new.tensors[key]) for key, value in old.tensors.items())


def test_a_speech_recognisers_checkpoint_gives_its_encoder() -> None:
    given = {
        "wav2vec2.masked_spec_embed": torch.zeros(2),
        "wav2vec2.encoder.layers.0.attention.k_proj.weight": torch.zeros(2),
        "wav2vec2.encoder.pos_conv_embed.conv.weight_g": torch.zeros(2),
        "lm_head.weight": torch.zeros(2),
        "lm_head.bias": torch.zeros(2),
    }
    assert list(canonical("wav2vec2_encoder", given)) == [
        "masked_spec_embed",
        "encoder.layers.0.attention.k_proj.weight",
        "encoder.pos_conv_embed.conv.parametrizations.weight.original0",
    ]


def test_arguments_decide_sizes_and_encoder(tmp_path: Path) -> None:
    """The step table may have another length in the file; the number of steps may differ, too."""
    content = generator(audio_model="wav2vec2", n_diff_steps=50, feature_dim=32)
    path = tmp_path / "g.pt"
    torch.save(content, path)
    with pytest.raises(WeightsError, match="does not fit motion_generator_wav2vec2") as caught:
        open_file(path, "motion_generator_hubert")
    assert "feature_dim" not in str(caught.value)  # narrow layers are not among the arguments: they misfit

    torch.save(generator(audio_model="unheard of"), path)
    with pytest.raises(WeightsError, match="unheard of"):
        open_file(path, "motion_generator_hubert")


def test_the_step_table_of_the_file_is_not_used(tmp_path: Path) -> None:
    content = contents("motion_generator_hubert", "tiny", "v1:")
    content["model"]["denoising_net.TE.pe"] = torch.full((1, 51, 32), 9.0)
    path = tmp_path / "g.pt"
    torch.save(content, path)
    opened = open_file(path, "motion_generator_hubert")
    table = fill(opened).state_dict()["denoising_net.TE.pe"]
    assert table.shape == (1, 501, 32)
    assert table.abs().max() <= 1


def test_a_wrong_file_names_the_first_five(tmp_path: Path) -> None:
    path = tmp_path / "motion_extractor.pth"
    torch.save(OrderedDict(contents("spade_generator", "tiny", "v1:")), path)
    with pytest.raises(WeightsError) as caught:
        open_file(path, "motion_extractor")
    said = str(caught.value)
    assert "does not fit motion_extractor: 212 missing: detector." in said
    assert "and 207 more" in said


def test_a_random_file_of_another_network(copy: WeightFolder) -> None:
    path = copy.base / "liveportrait/base_models/motion_extractor.pth"
    path.write_bytes((copy.base / "liveportrait/base_models/spade_generator.pth").read_bytes())
    with pytest.raises(WeightsError, match="it contains random weights for spade_generator"):
        open_network("motion_extractor", copy)


@pytest.mark.parametrize(
    "config",
    [
        None,
        {"depths": "1"},
        {"strange": 1},
        {"encoder": {"attn_implementation": "somebody/kernel"}},
        {"encoder": {"hidden_act": "gelu"}},
        {"audio_model": "https://elsewhere"},
    ],
)
def test_a_random_file_states_sizes_and_nothing_else(tmp_path: Path, config: object) -> None:
    """What it states goes to constructors of other libraries, some of which fetch programs by name."""
    content = contents("motion_generator_hubert", "tiny", "v1:")
    content.__dict__["made_up"]["config"] = config
    torch.save(content, tmp_path / "g.pt")
    with pytest.raises(WeightsError, match="states no sizes"):
        open_file(tmp_path / "g.pt", "motion_generator_hubert")


def change(folder: WeightFolder, edit: str) -> None:
    """Damage the appearance extractor's file in one way."""
    path = folder.base / "liveportrait/base_models/appearance_feature_extractor.pth"
    content = contents("appearance_feature_extractor", "tiny", "v1:")
    state = dict(content)
    if edit == "missing":
        del state["second.bias"]
    elif edit == "extra":
        state["third.bias"] = torch.zeros(3)
    else:
        state["second.bias"] = torch.zeros(3)
    edited = OrderedDict(state)
    edited.__dict__.update(content.__dict__)
    torch.save(edited, path)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("missing", "1 missing: second.bias"),
        ("extra", "1 not known: third.bias"),
        ("wrong shape", "1 wrong shape: second.bias 3 instead of 16"),
    ],
)
def test_check_says_which_tensors(copy: WeightFolder, edit: str, said: str) -> None:
    change(copy, edit)
    wrong = [report for report in WEIGHTS.check_files(copy) if report.state == "wrong"]
    assert [report.file.network for report in wrong] == ["appearance_feature_extractor"]
    assert said in wrong[0].note


def test_check_of_a_random_set(made: WeightFolder) -> None:
    states = {report.file.path: report.state for report in WEIGHTS.check_files(made)}
    assert {state for path, state in states.items() if path.endswith((".pth", ".pt", ".pkl"))} == {"random"}
    assert states["liveportrait/landmark.onnx"] == "missing"


def test_more_than_is_used_is_fine_in_the_detectors_file(copy: WeightFolder) -> None:
    path = copy.base / "liveportrait_animals/xpose.pth"
    content = contents("xpose", "tiny", "v1:")
    content["model"]["module.bert.embeddings.weight"] = torch.zeros(3)
    torch.save(content, path)
    assert open_network("xpose", copy).extra == ("bert.embeddings.weight",)


@pytest.mark.parametrize("name", NAMES)
def test_converted_files_hold_the_same(copy: WeightFolder, name: str) -> None:
    before = open_network(name, copy)
    for old, new in WEIGHTS.convert_files(copy):
        os.utime(new, (old.stat().st_mtime + 5,) * 2)
    after = open_network(name, copy)
    assert after.path.suffix == ".safetensors"
    assert after.tensors.keys() == before.tensors.keys()
    assert all(torch.equal(value, before.tensors[key]) for key, value in after.tensors.items())
    assert (after.config, after.facts, after.random_weights) == (
        before.config,
        before.facts,
        before.random_weights,
    )
    assert list(WEIGHTS.convert_files(copy)) == []


def test_random_files_are_distinguished_from_others(copy: WeightFolder) -> None:
    made = [file for file in weights.FILES if copy.find(file)]
    assert len(made) == 13
    assert all(WEIGHTS.is_random(file, copy.require(file, "joyvasa")) for file in made)
    other = copy.base / "liveportrait/base_models/motion_extractor.pth"
    torch.save({"a": torch.zeros(2)}, other)
    assert not WEIGHTS.is_random(weights.file_of("motion_extractor"), other)
    other.write_bytes(b"broken")
    assert not WEIGHTS.is_random(weights.file_of("motion_extractor"), other)


def test_one_random_file_is_enough_to_be_marked(copy: WeightFolder) -> None:
    assert has_random(copy)
    assert has_random(copy, animal=True)
    for file in weights.FILES:
        if weights.HUMAN in file.groups and (path := copy.find(file)):
            path.unlink()
    assert not has_random(copy)
    assert has_random(copy, animal=True)


def test_words_are_made_from_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = weights.folder(tmp_path)
    with pytest.raises(WeightsError, match="cannot be used as CLIP"):
        make_text_codes(folder)
    asked = []

    def encode(clip: Path) -> dict[str, TextCodes]:
        asked.append(clip)
        return random_codes()

    monkeypatch.setattr("engines.joyvasa.weights.text_codes.encode_prompts", encode)
    path = make_text_codes(folder)
    assert asked == [folder.base / "clip-vit-base-patch32"]
    assert path == folder.find(weights.TEXT_CODES)
    assert not WEIGHTS.is_random(weights.TEXT_CODES, path)
    assert read_codes(path)["animal_face"].keypoints.shape == (9, 512)


def test_published_weights_are_not_overwritten(copy: WeightFolder) -> None:
    path = copy.base / GENERATOR
    torch.save({"model": {"a": torch.zeros(2)}}, path)
    before = {p: p.stat().st_mtime_ns for p in copy.base.rglob("*.pth")}
    with pytest.raises(OutputError, match="does not contain random weights and was not changed"):
        list(synthesize(copy, "tiny"))
    assert before == {p: p.stat().st_mtime_ns for p in copy.base.rglob("*.pth")}


def test_the_template(made: WeightFolder, tmp_path: Path) -> None:
    template = MotionTemplate.from_arrays(read_template(made))
    assert template.std_exp.shape == (63,)
    folder = weights.folder(tmp_path)
    path = folder.target(weights.MOTION_TEMPLATE)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(WeightsError, match=r"os\.system"):
        read_template(folder)
