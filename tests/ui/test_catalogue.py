"""Texts in two languages: what is found in the catalogue, and how it gets into HTML."""

from __future__ import annotations

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.i18n import catalogue, named, say
from ui.i18n.catalogue import Pattern, chinese


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """A catalogue of a few texts."""

    def write(text: str) -> None:
        (tmp_path / "small.yaml").write_text(text, encoding="utf-8")

    def forget() -> None:
        for kept in (catalogue._entries, catalogue.exact, catalogue.patterns):
            kept.cache_clear()

    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    forget()
    yield write
    forget()


def test_a_text_is_found_as_it_is_or_with_its_gaps_filled(entries):
    entries('Done: 完成\n"… of … files": "{2} 个文件中的 {1} 个"\n"… s left": 剩余 … 秒\n')
    assert chinese("Done") == "完成"
    assert chinese("3 of 7 files") == "7 个文件中的 3 个"
    assert chinese("12 s left") == "剩余 12 秒"
    assert chinese("Done.") is None


def test_the_text_that_says_most_is_taken(entries):
    entries('"… failed": …失败\n"The job … failed": 任务…失败\n')
    assert chinese("The job 7 failed") == "任务7失败"


def test_what_stands_in_a_gap_is_said_in_chinese_too_but_a_files_name_is_not(entries):
    entries('mouth: 嘴\n"Click on the ….": 请点击…。\n\'The portrait "…" is empty.\': 肖像“…”是空的。\n')
    assert chinese("Click on the mouth.") == "请点击嘴。"
    assert chinese('The portrait "mouth" is empty.') == "肖像“mouth”是空的。"


@given(st.lists(st.text(st.characters(exclude_characters="…")), min_size=1, max_size=4))
def test_a_pattern_finds_itself_again(words):
    english = "It says: " + " | ".join(["…"] * len(words))
    pattern = Pattern.of(english, english)
    filled = pattern.fill(tuple(words))
    assert pattern.shape.fullmatch(filled) is not None


@settings(deadline=None)  # the first call reads the catalogue
@given(st.text())
def test_no_text_gets_markup_into_the_page(text):
    assert "<script" not in say(text + "<script>")
    unknown = "Nothing like it: " + text.replace("`", "")
    assert html.unescape(say(unknown)) == html.unescape(html.escape(unknown))


def test_a_gap_brings_no_markup_in_and_backticks_become_code(entries):
    entries('"Fetch … with `run`": 用 `run` 获取…\n')
    said = say("Fetch <b>it</b> with `run`")
    assert "<b>" not in said
    assert said.endswith("Fetch &lt;b&gt;it&lt;/b&gt; with <code>run</code></bdi>")
    assert 'data-zh="用 &lt;code&gt;run&lt;/code&gt; 获取&amp;lt;b&amp;gt;it' in said


def test_an_element_is_named_in_both_languages():
    assert named("Language") == 'aria-label="Language" data-zh-label="语言"'


def test_a_text_that_says_little_is_only_told_by_a_number(entries):
    entries('"… files": … 个文件\n"… to …": … 到 …\n')
    assert chinese("3 files") == "3 个文件"
    assert chinese("0.5 to 2") == "0.5 到 2"
    assert chinese("Something to do") is None
