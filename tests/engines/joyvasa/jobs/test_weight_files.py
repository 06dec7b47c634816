"""Files that are missing, damaged, renamed or of another shape are named with their source."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from engines.joyvasa.weights.random_weights import contents
from engines.weights.pickles import read_pickle
from media.errors import WeightsError, WeightsMissing
from studio.settings import Settings
from tests.engines.joyvasa.jobs.conftest import CAT, CAT_POINTS, Cli, files_in, finish, job

Voice = Callable[[float], Path]
MODELS = "liveportrait/base_models"
GENERATOR = "JoyVASA/motion_generator/motion_generator_hubert_chinese.pt"
TEMPLATE = "JoyVASA/motion_template/motion_template.pkl"
FETCH = "python cli.py weights download joyvasa"


def remove(path: Path) -> None:
    path.unlink()


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def web_page(path: Path) -> None:
    path.write_bytes(b"<!DOCTYPE html><html>Please log in</html>")


def other_name(path: Path) -> None:
    """The generator's file under the name of another network, as after a wrong copy."""
    (path.parent / "spade_generator.pth").replace(path)


def published_elsewhere(path: Path) -> None:
    """Small tensors without the mark of random files, so that the real sizes are expected."""
    torch.save(OrderedDict(contents("spade_generator", "tiny", "v1:")), path)


def half_a_template(path: Path) -> None:
    arrays = read_pickle(path)
    path.write_bytes(pickle.dumps({name: array for name, array in arrays.items() if name != "max_t"}))


CASES = [
    (f"{MODELS}/warping_module.pth", remove, "is missing in .*{file}|{file} is missing", "LivePortrait"),
    (f"{MODELS}/warping_module.pth", cut_short, r"{file} \(\d+ bytes\) cannot be read", "LivePortrait"),
    (f"{MODELS}/motion_extractor.pth", empty, "{file} is empty", "LivePortrait"),
    (f"{MODELS}/appearance_feature_extractor.pth", web_page, "{file} is a web page", "LivePortrait"),
    (f"{MODELS}/warping_module.pth", other_name, "{file} does not fit warping_module", "LivePortrait"),
    (GENERATOR, remove, "{file} is missing", "jdh-algo/JoyVASA"),
    (GENERATOR, cut_short, r"{file} \(\d+ bytes\) cannot be read", "jdh-algo/JoyVASA"),
    (TEMPLATE, remove, "{file} is missing", "jdh-algo/JoyVASA"),
    (TEMPLATE, cut_short, "{file} is damaged", "jdh-algo/JoyVASA"),
    (TEMPLATE, half_a_template, "{file} is not a motion template: it has no 'max_t'", "jdh-algo/JoyVASA"),
]


@pytest.mark.parametrize(("file", "harm", "said", "published"), CASES)
def test_an_unusable_file_is_named_with_the_download_command(
    own_set: Path,
    voice: Voice,
    settings: Settings,
    portrait_file: Path,
    in_shell: Cli,
    file: str,
    harm: Callable[[Path], None],
    said: str,
    published: str,
) -> None:
    harm(own_set / file)
    pattern = said.format(file=Path(file).name.replace(".", r"\."))
    with pytest.raises((WeightsError, WeightsMissing), match=pattern) as raised:
        finish(job(portrait_file, voice(0.3)), settings)
    assert f"https://huggingface.co/{published}" in str(raised.value).replace("KlingTeam/", "")
    assert str(raised.value).endswith(FETCH)
    assert files_in(settings.outputs) == []

    code, out, err = in_shell(portrait_file, voice(0.3))
    assert (code, out) == (2, "")
    assert err.rstrip().splitlines()[-1] == f"error: {raised.value}"
    assert "Traceback" not in err


def test_a_checkpoint_of_another_shape_names_its_first_five_tensors(
    own_set: Path, voice: Voice, settings: Settings, portrait_file: Path
) -> None:
    published_elsewhere(own_set / MODELS / "spade_generator.pth")
    with pytest.raises(WeightsError, match="does not fit spade_generator") as raised:
        finish(job(portrait_file, voice(0.3)), settings)
    names = list(contents("spade_generator", "tiny", "v1:"))
    named = [name for name in names if f"{name} " in str(raised.value)]
    assert named == ["fc.weight", "fc.bias", *names[2:5]]
    assert "fc.weight 32x16x3x3 instead of 512x256x3x3" in str(raised.value)


def test_files_for_animals_only_are_downloaded_for_animals(
    own_set: Path, voice: Voice, settings: Settings, portrait_file: Path
) -> None:
    (own_set / "liveportrait_animals/base_models/spade_generator.pth").unlink()
    with pytest.raises(WeightsMissing, match="liveportrait_animals/base_models/spade_gen") as raised:
        finish(job(CAT, voice(0.3), animation_mode="animal", anchors=CAT_POINTS), settings)
    assert str(raised.value).endswith(f"{FETCH} --only animal")
    assert finish(job(portrait_file, voice(0.3)), settings).frames == 8  # people need none of it


@pytest.mark.parametrize("harm", [cut_short, empty])
def test_damaged_codes_of_words_are_reported(
    own_set: Path, voice: Voice, settings: Settings, harm: Callable[[Path], None]
) -> None:
    (codes,) = (own_set / "liveportrait_animals").glob("*.safetensors")
    harm(codes)
    with pytest.raises(WeightsMissing, match=f"{codes.name} cannot be read.*{FETCH} --only animal"):
        finish(job(CAT, voice(0.3), animation_mode="animal"), settings)


def test_once_the_file_is_back_the_same_process_continues(
    own_set: Path, voice: Voice, settings: Settings, portrait_file: Path
) -> None:
    path = own_set / MODELS / "warping_module.pth"
    good = path.read_bytes()
    cut_short(path)
    with pytest.raises(WeightsError):
        finish(job(portrait_file, voice(0.3)), settings)
    path.write_bytes(good)
    assert finish(job(portrait_file, voice(0.3)), settings).frames == 8


def test_a_broken_landmark_model_is_reported(
    own_set: Path, voice: Voice, settings: Settings, portrait_file: Path
) -> None:
    (own_set / "liveportrait/landmark.onnx").write_bytes(b"no model")
    with pytest.raises(WeightsError, match=r"landmark\.onnx is not a usable ONNX model") as raised:
        finish(job(portrait_file, voice(0.3)), settings)
    assert str(raised.value).endswith(FETCH)
