"""Untrusted file names in spreadsheets and Markdown: they are shown, never calculated or followed."""

from __future__ import annotations

import pytest

from media.documents.table_cells import markdown_text, spreadsheet_cell


@pytest.mark.parametrize(
    "formula",
    ['=HYPERLINK("x.example","a")&1', "+1+1", "-2+3+cmd", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1"],
)
def test_a_formula_gets_an_apostrophe(formula: str) -> None:
    assert spreadsheet_cell(formula) == f"'{formula}"


@pytest.mark.parametrize("value", ["a.mp4", "a=b", "-15 ms", "+0.5", "-1.2", "", None, -1.5, 3, "–"])
def test_other_texts_and_numbers_stay(value: object) -> None:
    assert spreadsheet_cell(value) == value


def test_markdown_has_no_link_and_no_html() -> None:
    assert markdown_text("<img src=x>[a](b)`c`\nd_1.mp4") == "\\<img src=x>\\[a\\](b)\\`c\\` d_1.mp4"
