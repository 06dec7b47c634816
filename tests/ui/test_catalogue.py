"""Texts in two languages: finding them in the catalogue, and writing them as HTML."""

from __future__ import annotations

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.errors import PortraitError
from media.messages import said
from ui.i18n import catalogue, named, say
from ui.i18n.catalogue import chinese


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """A catalogue of a few texts."""

    def write(text: str) -> None:
        (tmp_path / "small.yaml").write_text(text, encoding="utf-8")

    def forget() -> None:
        for kept in (catalogue.entries, catalogue.exact):
            kept.cache_clear()

    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    forget()
    yield write
    forget()


def test_a_text_is_found_as_it_is_and_a_message_by_its_template(small):
    small('Done: 完成\n"… of … files": "{2} 个文件中的 {1} 个"\n"… s left": 剩余 … 秒\n')
    assert chinese("Done") == "完成"
    assert chinese(said("{done} of {all} files", done=3, all=7)) == "7 个文件中的 3 个"
    assert chinese(said("{seconds:.0f} s left", seconds=12.2)) == "剩余 12 秒"
    assert chinese("Done.") is None
    assert chinese(said("{seconds} s gone", seconds=3)) is None


def test_a_finished_sentence_is_not_taken_apart(small):
    small('"… s left": 剩余 … 秒\n')
    assert chinese("12 s left") is None


def test_an_error_is_found_by_the_template_that_it_was_raised_with(small):
    small('"… is … pixels wide.": …宽 … 像素。\n')
    error = PortraitError("{name} is {width} pixels wide.", name="a.png", width=8)
    assert chinese(str(error)) == "a.png宽 8 像素。"


def test_values_are_translated_too_but_file_names_are_not(small):
    small(
        'mouth: 嘴\n"… s": … 秒\n"Click on the ….": 请点击…。\n"It takes ….": 需要 …。\n'
        "'The portrait \"…\" is empty.': 肖像“…”是空的。\n"
    )
    assert chinese(said("Click on the {part}.", part="mouth")) == "请点击嘴。"
    assert chinese(said("It takes {time}.", time=said("{seconds} s", seconds=4))) == "需要 4 秒。"
    assert chinese(said('The portrait "{name}" is empty.', name="mouth")) == "肖像“mouth”是空的。"


def test_placeholders_in_values_stay_unchanged(small):
    small('"… of …": "{2} / {1}"\n')
    assert chinese(said("{a} of {b}", a="{2}…", b="{1}")) == "{1} / {2}…"


@settings(deadline=None)  # the first call reads the catalogue
@given(st.text())
def test_no_text_gets_markup_into_the_page(text):
    assert "<script" not in say(text + "<script>")
    unknown = "Nothing like it: " + text.replace("`", "")
    assert html.unescape(say(unknown)) == html.unescape(html.escape(unknown))


def test_a_value_brings_no_markup_in_and_backticks_become_code(small):
    small('"Fetch … with `run`": 用 `run` 获取…\n')
    shown = say(said("Fetch {what} with `run`", what="<b>it</b>"))
    assert "<b>" not in shown
    assert shown.endswith("Fetch &lt;b&gt;it&lt;/b&gt; with <code>run</code></bdi>")
    assert 'data-zh="用 &lt;code&gt;run&lt;/code&gt; 获取&amp;lt;b&amp;gt;it' in shown


def test_an_element_is_named_in_both_languages():
    assert named("Language") == 'aria-label="Language" data-zh-label="语言"'
