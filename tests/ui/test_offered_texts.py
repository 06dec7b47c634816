"""An option that is a text with suggestions is a list that takes other texts, too."""

from __future__ import annotations

import gradio as gr

from studio.options import list_options
from ui.components.option_words import option_words
from ui.components.options_form import component_for
from ui.element_ids import ElementIds


def test_an_emotion_can_be_chosen_or_typed() -> None:
    option = next(one for one in list_options("preview") if one.name == "emotion")
    with gr.Blocks():
        field = component_for(option, ElementIds("preview"))
    assert isinstance(field, gr.Dropdown)
    assert field.value == "neutral"
    assert field.preprocess("sad 0.5") == "sad 0.5"
    assert field.preprocess("warm, subtly smiling") == "warm, subtly smiling"
    assert {value for _, value in field.choices} == set(option.suggestions)


def test_a_video_says_its_emotion_as_the_form_does_and_its_marks_briefly() -> None:
    words = dict(option_words("preview", {"emotion": "sad 0.5", "marks": "x" * 500}))
    assert words["Emotion"] == "Sad 50%"
    assert len(words["Marks"]) <= 40
    assert dict(option_words("preview", {"emotion": "happy 0.35"}))["Emotion"] == "happy 0.35"
