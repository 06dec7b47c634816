"""What people type for an emotion, and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.emotion.parsing import emotion_text, strengths_of
from engines.emotion.shapes import NAMES, SMILE_FADES, expression_of
from media.errors import OptionError
from media.performance.blendshapes import BLENDSHAPES
from studio.options import make_options


@pytest.mark.parametrize(
    ("text", "strengths"),
    [
        ("", {}),
        ("neutral", {}),
        ("happy", {"happy": 1.0}),
        ("happy 0.6, surprised 0.2", {"happy": 0.6, "surprised": 0.2}),
        ("Joy: 60% + FEAR=.5", {"happy": 0.6, "afraid": 0.5}),
        ("sorrow and disgust", {"sad": 1.0, "disgusted": 1.0}),
        ("warm, subtly smiling", {"happy": 0.35}),
        ("slightly sad; very angry", {"sad": 0.35, "angry": 1.0}),
        ("a happy face", {"happy": 1.0}),
        ("sad 0", {}),
        ("高兴", {"happy": 1.0}),
        ("悲伤 0.5，惊讶 20%", {"sad": 0.5, "surprised": 0.2}),
        ("温暖，微微笑", {"happy": 0.35}),
        ("有点生气的表情", {"angry": 0.35}),
        ("高兴和惊讶 0.5", {"happy": 1.0, "surprised": 0.5}),
        ("悲伤 ０．５，又 愤怒 ２０％", {"sad": 0.5, "angry": 0.2}),
        ("高兴 0.5 但是 惊讶＋悲伤 30%。", {"happy": 0.5, "surprised": 1.0, "sad": 0.3}),
        ("柔和、和善！", {"relaxed": 0.6, "happy": 0.35}),
        ("Happy but sad 0.5.", {"happy": 1.0, "sad": 0.5}),
        ("happy 0.6!", {"happy": 0.6}),
        ("happy 0.00001", {}),
        ("happy 0.123456", {"happy": 0.1235}),
    ],
)
def test_a_text_means(text: str, strengths: dict[str, float]) -> None:
    assert strengths_of(text) == strengths


@given(st.dictionaries(st.sampled_from(NAMES[1:]), st.integers(1, 10_000).map(lambda n: n / 10_000)))
def test_the_shortest_text_is_read_back(strengths: dict[str, float]) -> None:
    assert strengths_of(emotion_text(strengths)) == strengths


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hapy", "the nearest are happy"),
        ("purple", "the names are neutral, happy, sad"),
        ("紫色", "紫色"),
        ("happy 1.5", "takes 0 to 1"),
        ("sad -1", "takes 0 to 1"),
        ("0.5", "not known"),
        ("slightly", "not known"),
        ("happy " * 60, "at most 200"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_can(text: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        make_options("preview", {"emotion": text})


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        strengths = strengths_of(text)
    except OptionError:
        return
    assert all(name in NAMES and 0 < strength <= 1 for name, strength in strengths.items())


@pytest.mark.parametrize("engine", ["preview", "joyvasa"])
def test_equal_emotions_make_equal_options(engine: str) -> None:
    typed = make_options(engine, {"emotion": "20% surprise, joy"})
    assert typed == make_options(engine, {"emotion": "happy, surprised 0.2"})
    assert typed.model_dump()["emotion"] == "happy, surprised 0.2"
    assert make_options(engine, {"emotion": None}) == make_options(engine)


def test_emotions_are_written_in_blend_shapes_and_add_up_to_1_at_most() -> None:
    for name in NAMES:
        assert expression_of({name: 1.0}).shapes.keys() <= {*BLENDSHAPES, SMILE_FADES}
    mixed = expression_of({"afraid": 1.0, "surprised": 1.0})
    assert max(mixed.shapes.values()) == 1.0
    assert expression_of({"happy": 0.5}).shapes["mouthSmileLeft"] == pytest.approx(
        0.5 * expression_of({"happy": 1.0}).shapes["mouthSmileLeft"]
    )
