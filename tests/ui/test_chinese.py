"""Every text of the page has Chinese: components, options, weights, refusals, sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment, nodes

from engines import registry
from evaluation.catalogue import measurers
from media.messages import GAP, Message
from studio.comparison.plot import KEY
from studio.consent import STATEMENT
from studio.options import list_options
from studio.presets import list_presets
from studio.weights_report import report_weights
from tests.templates import calls_of, gapped, templates
from ui.app import build
from ui.components.weights_fetching import engine_name
from ui.i18n import LOCALE, texts, texts_of
from ui.i18n.catalogue import FOLDER, chinese, entries
from ui.i18n.page_form import forms, page_form

ROOT = Path(__file__).resolve().parents[2]
SEEN_ON_THE_PAGE = (
    "Portrait",
    "Voice",
    "Text",
    "Documents",
    "Consent",
    "Dubbing",
    "Limits",
    "History and videos",
    "Editing videos",
    "Weights",
    "Who may ask the page",
    "Kept motion",
    "The machine",
)
"""Chapters of docs/errors.md whose refusals visitors can meet."""
SHELL_ONLY = (
    "--",
    "… does not contain random weights and was not changed",
    "… cannot be written (…)",
    "OpenCV cannot start",
    "The page cannot",
    "The setting JOYSTUDIO_ALLOWED_HOSTS",
    "JOYSTUDIO_AUTH_PASSWORD is set",
    "Visitors' uploads cannot be stored",
)
"""How refusals in these chapters begin that only a shell gives."""
SAYING = {"say", "t", "message", "named", "message_bar", "standing_html", "hint_html"}
"""Functions of the page whose first argument is a text for visitors, or the one that is named here."""
SECOND = {"link"}
"""Those whose second argument it is."""

NOTING = {"Score", "_share", "_nothing"}
"""What is called with the reason why a score has no value."""


def lacking(texts: Iterator[str] | set[str] | list[str]) -> list[str]:
    """The texts and templates without Chinese, except sizes, which are the same in every language."""
    size = re.compile(r"[\d.]+ [kMG]B")
    return sorted(
        {
            text
            for text in texts
            if text and not size.fullmatch(text) and text not in entries() and not chinese(text)
        }
    )


def test_no_value_of_a_component_is_translated() -> None:
    """Gradio would send the Chinese back as the chosen value."""
    page = build()
    translated = {text for text, other in texts(page).translations[LOCALE].items() if text != other}
    for component in page.config["components"]:
        value, choices = component["props"].get("value"), component["props"].get("choices") or ()
        values = {str(choice[1]) for choice in choices} | ({value} if isinstance(value, str) else set())
        assert not values & translated, (component["type"], values & translated)


def test_every_component_of_the_page() -> None:
    found = texts_of(build())
    assert STATEMENT in found
    assert len(found) > 150
    of_engines = {text for name in registry.names() for text in texts_of_engine(name)}
    assert lacking(found - of_engines) == []
    assert [text for text in found if "}" in text] == []  # Gradio reads a text up to the first one


@pytest.mark.parametrize("engine", registry.SHIPPED)
def test_everything_about_a_shipped_engine(engine: str) -> None:
    """The one test that an engine without Chinese fails; the page shows its English."""
    assert lacking(texts_of_engine(engine)) == []


def texts_of_engine(engine: str) -> list[str]:
    """Title, options, presets and weights, as the page says them."""
    spec = registry.spec_of(engine)
    texts = [spec.title, spec.about, spec.drawing.text if spec.drawing else ""]
    texts += [preset.name.replace("_", " ").capitalize() for preset in list_presets(engine)]
    for option in list_options(engine):
        texts += [option.title, option.help, *map(option.label, option.choices)]
    if report := report_weights(engine):
        texts.append(page_form(report.commercial_path))
        texts.append(f"Get {engine_name(engine)}")
        for group in report.groups:
            texts += [group.name, group.meaning, f"Download {group.name}"]
            for file in (one.file for one in group.files):
                texts += [file.purpose, file.licence, file.size]
    return texts


def shown(template: str) -> str:
    """The template that visitors read in place of one for a shell."""
    return re.sub(r"\{\d\}", GAP, forms().get(template, template))


def test_every_refusal_that_visitors_can_meet() -> None:
    texts, chapter = [], ""
    for line in (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            chapter = line[3:]
        row = re.match(r"\| (?!Message|---)(.+?) \|", line)
        if row and chapter in SEEN_ON_THE_PAGE and not row[1].startswith(SHELL_ONLY):
            texts.append(row[1])
    assert len(texts) > 80
    assert lacking([shown(text) for text in texts]) == []


def test_every_sentence_in_the_code_of_the_page() -> None:
    found = [text for path in sorted((ROOT / "ui").rglob("*.py")) for text in _sentences(path)]
    assert len(found) > 80
    assert lacking(found) == []


def test_every_sentence_in_the_templates_of_the_page() -> None:
    found = set()
    for path in sorted((ROOT / "ui").rglob("templates/*.html")):
        for call in Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in SAYING:
                found |= {const.value for const in call.args[0].find_all(nodes.Const)}
                found |= {call.args[0].value} if isinstance(call.args[0], nodes.Const) else set()
    texts = {gapped(text) for text in found if isinstance(text, str)}
    assert len(texts) > 10
    assert lacking(texts) == []


def _sentences(path: Path) -> Iterator[str]:
    """The arguments in the code of functions that show text; with GAP for numbers and names."""
    for node, name, constants in calls_of(path):
        place = {**dict.fromkeys(SAYING, 0), **dict.fromkeys(SECOND, 1)}.get(name, len(node.args))
        if place < len(node.args):
            argument = node.args[place]
            if isinstance(argument, ast.Name):
                argument = constants.get(argument.id, argument)
            yield from _texts(argument)


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said":
        yield from map(gapped, _texts(node.args[0]))
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values)
        # Of these only what is joined of whole words, which are looked up together.
        if re.search("[A-Za-z]{3}", text) and not text.startswith(("Download ", "Get ")):
            yield text
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def test_every_score_and_why_it_is_blank() -> None:
    own = [metric for one in measurers(["builtin"]) for metric in one.metrics]
    reasons = [
        text
        for path in sorted((ROOT / "evaluation" / "builtin").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) in NOTING
        for argument in node.args
        for text in _texts(argument)
    ]
    assert len(own) > 12
    assert len(set(reasons)) > 12
    assert lacking([KEY, *(metric.title for metric in own), *map(shown, reasons)]) == []


def test_no_text_has_two_translations_and_every_gap_is_kept() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for english, text in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            assert isinstance(english, str), f"{path.name}: {english!r} needs quotation marks"
            before = seen.setdefault(english, (text, path.name))
            assert before[0] == text, f"{english!r} is {before} and {(text, path.name)}"
            gaps, numbered = text.count(GAP), {int(one) for one in re.findall(r"\{(\d)\}", text)}
            assert not (gaps and numbered), f"{english!r}: either … or numbers"
            assert gaps == english.count(GAP) or max(numbered, default=0) <= english.count(GAP) > 0


COMPOSED = (
    "The option … is …, but takes ….",
    *("Vertical (…)", "Square (…)", "Video (…)"),
    *("Vertical, transparent (…)", "Square, transparent (…)", "Video, transparent (…)"),
    *(f"{shape}, transparent, subtitles (…)" for shape in ("Vertical", "Square", "Video")),
    *("Vertical, subtitles (…)", "Square, subtitles (…)", "Video, subtitles (…)"),
    *("… of … missing", "A link that works for …", "Subtitles: …. The player and the link show them."),
)
"""Templates that the code puts together, or that stand in a page's template."""


WORDS = {"gallery": "作品", "discard": "丢弃", "look-ahead": "前瞻时间"}
"""What a word of the page is in Chinese, wherever a text has it."""


def test_chinese_addresses_the_reader_in_one_way_and_has_one_word_for_one_thing() -> None:
    familiar = re.compile("你(?!好)")
    assert [text for text in entries().values() if familiar.search(text)] == []
    assert not familiar.search((ROOT / "README.zh.md").read_text(encoding="utf-8"))
    for english, word in WORDS.items():
        texts_with = {text: other for text, other in entries().items() if english in text.lower()}
        assert texts_with
        assert {text: other for text, other in texts_with.items() if word not in other} == {}


def test_every_entry_with_values_is_a_template_of_the_code() -> None:
    """Chinese is found by the exact template: a text that changes by a letter loses its Chinese."""
    known = {template.text for template in templates()} | set(COMPOSED) | set(map(shown, forms()))
    assert [text for text in entries() if GAP in text and text not in known] == []


def test_every_template_with_values_can_be_said_in_chinese() -> None:
    for english in (text for text in entries() if GAP in text):
        values = tuple(f"value{number}" for number in range(english.count(GAP)))
        message = Message(english, english, values)
        other = chinese(message)
        assert other is not None
        assert GAP not in other.replace("…等", "")
        assert not re.search(r"\{\d\}", other)


def test_texts_that_gradio_itself_lacks() -> None:
    """No language of its own has this text, and screen readers are given it after every job."""
    assert texts().translations["zh-CN"]["common.complete"] == "完成"
    assert texts().translations["en"]["common.complete"] == "Complete"
