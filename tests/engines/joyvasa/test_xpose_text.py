"""The words, their sentences, and the file of their codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.joyvasa.xpose.prompts import ANIMAL_FACE, FACE, PROMPT_SETS, PromptSet
from engines.joyvasa.xpose.text import TextCodes, encode_prompts, random_codes, read_codes, write_codes
from media.errors import WeightsMissing


def test_sets_have_nine_and_sixty_eight_different_points() -> None:
    assert [len(prompts.keypoints) for prompts in PROMPT_SETS] == [9, 68]
    for prompts in PROMPT_SETS:
        assert len(set(prompts.keypoints)) == len(prompts.keypoints)


def test_points_lie_where_face_alignment_has_them() -> None:
    places = {8: "chin center", 30: "nasal bridge 4", 33: "nasal wing center", 48: "right mouth corner"}
    places |= {36: "right eye eye corner 1", 45: "left eye eye corner 2", 54: "left mouth corner"}
    assert {i: FACE.keypoints[i] for i in places} == places


def test_sentences_are_small_letters_without_underscores() -> None:
    instance, points = PromptSet("x", "Sea-Lion_head", ("Left_Eye", "Nose-tip")).sentences()
    assert instance == "a photo of sea lion head"
    assert points == ["a photo of left eye", "a photo of nose-tip"]


def test_codes_come_back_from_their_file(tmp_path: Path) -> None:
    codes = random_codes()
    path = tmp_path / "animals" / "codes.safetensors"
    write_codes(path, codes, random_weights=True)
    again = read_codes(path)
    assert again.keys() == {"animal_face", "face"}
    for name, code in codes.items():
        np.testing.assert_array_equal(again[name].instance, code.instance)
        np.testing.assert_array_equal(again[name].keypoints, code.keypoints)


def test_random_codes_are_as_long_as_true_ones_and_follow_the_salt() -> None:
    codes = random_codes()
    lengths = np.linalg.norm(codes["face"].keypoints, axis=1)
    assert 8 < lengths.min() < lengths.max() < 12
    np.testing.assert_array_equal(codes["face"].instance, codes["animal_face"].instance)
    assert not np.array_equal(codes["face"].keypoints, random_codes(salt="v2:")["face"].keypoints)


def test_a_missing_file_names_itself_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"absent\.safetensors.*weights download"):
        read_codes(tmp_path / "absent.safetensors")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.safetensors"
    path.write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00notjson!")
    with pytest.raises(WeightsMissing, match="cannot be read"):
        read_codes(path)


def test_codes_of_other_words_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.safetensors"
    other = PromptSet("face", "dog", FACE.keypoints)
    write_codes(path, random_codes((ANIMAL_FACE, other)), (ANIMAL_FACE, other))
    with pytest.raises(WeightsMissing, match="the words of 'face'"):
        read_codes(path)
    assert read_codes(path, (ANIMAL_FACE,)).keys() == {"animal_face"}


def test_codes_of_another_width_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.safetensors"
    narrow = TextCodes(np.zeros((1, 8), np.float32), np.zeros((9, 8), np.float32))
    write_codes(path, {"animal_face": narrow}, (ANIMAL_FACE,))
    with pytest.raises(WeightsMissing, match=r"\(1, 8\) and \(9, 8\)"):
        read_codes(path, (ANIMAL_FACE,))


@pytest.fixture(scope="module")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a CLIP of one narrow layer and a tokenizer that knows single letters."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

    folder = tmp_path_factory.mktemp("clip")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)] + list("0123456789")
    tokens = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    CLIPTokenizer.from_pretrained(folder).save_pretrained(folder)
    torch.manual_seed(0)
    config = CLIPTextConfig(
        vocab_size=len(tokens),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        projection_dim=512,
        bos_token_id=len(tokens) - 2,
        eos_token_id=len(tokens) - 1,
    )
    CLIPTextModelWithProjection(config).save_pretrained(folder)
    return folder


def test_clip_gives_every_point_its_own_code(tiny_clip: Path) -> None:
    codes = encode_prompts(tiny_clip)
    assert codes["face"].instance.shape == (1, 512)
    assert codes["face"].keypoints.shape == (68, 512)
    assert codes["face"].keypoints.dtype == np.float32
    assert len(np.unique(codes["face"].keypoints.round(5), axis=0)) == 68


def test_a_code_does_not_depend_on_its_neighbours(tiny_clip: Path) -> None:
    alone = PromptSet("alone", "face", (ANIMAL_FACE.keypoints[4],))
    codes = encode_prompts(tiny_clip, (ANIMAL_FACE, alone))
    np.testing.assert_allclose(
        codes["alone"].keypoints[0], codes["animal_face"].keypoints[4], atol=1e-6, rtol=1e-5
    )
