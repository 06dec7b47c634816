"""The documentation is checked against the program: tables, links, commands, messages and examples."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

import cli
from engines import registry
from media import errors
from scripts.make_docs_tables import filled
from scripts.make_model_card import CARD, by_rule
from speech.kokoro.weights.catalogue import FILES as KOKORO_FILES
from studio.presets import list_presets
from studio.settings import Settings
from tests.templates import gapped, templates

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"])
BLOCK = re.compile(r"^ *```(.*?)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_in(page: Path) -> Iterator[str]:
    """Every line of code on a page, from blocks and from between backticks."""
    text = text_of(page)
    for _, block in BLOCK.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    yield from re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))


# Tables


@pages
def test_tables_are_current(page: Path) -> None:
    assert filled(text_of(page)) == text_of(page), "run: python -m scripts.make_docs_tables"


def test_the_model_card_has_the_figures_of_its_network() -> None:
    figures = json.loads(CARD.with_name("visemes.json").read_text(encoding="utf-8"))["figures"]
    assert by_rule(figures) in text_of(CARD), "run: python -m scripts.make_model_card FIGURES.json"


@pytest.mark.parametrize("engine", registry.SHIPPED)
def test_every_engine_has_a_table_of_options(engine: str) -> None:
    assert f"<!-- table: options {engine} -->" in text_of(DOCS / "options.md")


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_has_a_row_for_every_engine(readme: str) -> None:
    rows = re.findall(r"^\| \[?`(\w+)`.*\|.*\|$", text_of(ROOT / readme), re.MULTILINE)
    assert rows == list(registry.SHIPPED)


def test_every_preset_is_named() -> None:
    named = re.findall(r"^\| `(\w+)` \|", text_of(DOCS / "presets.md"), re.MULTILINE)
    shipped = [preset.name for name in registry.SHIPPED for preset in list_presets(name)]
    assert sorted(named) == sorted(shipped)


# Links


@pages
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", text_of(page))):
        if re.match(r"\w+:", target):
            continue
        path, _, heading = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page.name} links to {target}"
        if heading:
            headings = re.findall(r"^#+ (.+)$", text_of(linked), re.MULTILINE)
            assert heading in map(slug, headings), f"{page.name} links to {target}"


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_index_names_every_page() -> None:
    index = text_of(DOCS / "index.md")
    assert [page.name for page in DOCS.glob("*.md") if f"({page.name})" not in index] == ["index.md"]


# Commands


@pages
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = [name for line in code_in(page) for name in re.findall(r"^make ([a-z]+)", line.strip())]
    assert set(named) <= targets


@pages
def test_commands_and_their_flags_exist(page: Path) -> None:
    for line in code_in(page):
        if found := re.search(r"\bcli\.py (.+)", line):
            check_command(found[1].split(" #")[0].split())


@cache
def program() -> Any:
    return typer.main.get_command(cli.build())


def check_command(words: list[str]) -> None:
    command = program()
    while words and words[0] in (below := getattr(command, "commands", {})):
        command = below[words.pop(0)]
    assert not getattr(command, "commands", None) or words == ["--help"], f"no command {words}"
    known = {flag for parameter in command.params for flag in parameter.opts} | {"--help"}
    if "pulse" in words:  # the engine of add-an-engine.md
        known.add("--depth")
    if "--" in words:
        words = words[: words.index("--")]
    assert {word for word in words if re.match(r"--?[a-z]", word)} <= known


@pages
def test_modules_that_are_run_exist(page: Path) -> None:
    for line in code_in(page):
        if found := re.search(r"\bpython -m ([\w.]+)", line):
            assert importlib.util.find_spec(found[1]) is not None, line


@pages
def test_settings_that_are_named_exist(page: Path) -> None:
    named = set(re.findall(r"JOYSTUDIO_([A-Z_]+)", text_of(page)))
    assert named <= {name.upper() for name in Settings.model_fields}


@pages
def test_files_that_are_named_exist(page: Path) -> None:
    made_by_the_reader = ("outputs/", ".venv/", ".cache/", "engines/pulse/", "presets/pulse/")
    for name in re.findall(r"`([\w.-]+/[\w./-]*)`", BLOCK.sub("", text_of(page))):
        # "gradio/" and the like are no folders of this repository
        if (ROOT / name.split("/")[0]).is_dir() and not name.startswith(made_by_the_reader):
            assert (ROOT / name).exists(), f"{page.name} names {name}"


# Messages


LAYERS = (
    *("media", "engines", "speech", "evaluation", "training"),
    *("studio", "commands", "ui"),
)


@cache
def texts_in_code() -> tuple[list[str], list[str]]:
    """The text of every JoyStudioError that is raised, with … for what is filled in; and every text."""
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    messages, texts = [], []
    for path in (path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))):
        for node in ast.walk(ast.parse(text_of(path))):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                texts.append(template(node))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds and node.args:
                text = template(node.args[0])
                messages.append(gapped(text) if node.keywords else text)
    return messages, texts


def template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return template(node.left) + template(node.right)
    return "…"


def longest_part(message: str) -> str:
    return max(message.split("…"), key=len).strip()


def test_every_refusal_is_explained() -> None:
    explained = text_of(DOCS / "errors.md")
    messages, _ = texts_in_code()
    parts = {longest_part(message) for message in messages}
    assert len(parts) > 50
    assert [part for part in sorted(parts) if part not in explained] == []


def test_every_explained_refusal_is_one() -> None:
    _, texts = texts_in_code()
    written = "\n".join([*texts, *(one.text for one in templates())])
    rows = re.findall(r"^\| (?!Message)([^|-][^|]*) \|", text_of(DOCS / "errors.md"), re.MULTILINE)
    assert len(rows) > 50
    assert [row for row in rows if longest_part(row) not in written] == []


# Examples


def test_the_python_example_runs(tmp_path: Path) -> None:
    blocks = [
        code for language, code in BLOCK.findall(text_of(DOCS / "from-python.md")) if language == "python"
    ]
    assert len(blocks) == 1
    environment = os.environ | {"JOYSTUDIO_OUTPUTS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", blocks[0]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    path = Path(done.stdout.splitlines()[-1].rpartition(" ")[0])
    assert path.parent == tmp_path
    assert path.stat().st_size > 0


def test_a_proxy_that_is_set_up_as_described_tells_visitors_apart() -> None:
    blocks = [
        body
        for page in PAGES
        for _, body in BLOCK.findall(text_of(page))
        if "proxy_pass" in body  # nginx
    ]
    assert blocks
    for block in blocks:
        # A location that sets any header has none of those around it.
        sent = set(re.findall(r"proxy_set_header (\S+)", block))
        assert {"Host", "X-Forwarded-For", "X-Forwarded-Proto"} <= sent, block


# The first screen


def front_matter() -> dict[str, object]:
    head = text_of(ROOT / "README.md").split("---\n")
    assert head[0] == ""
    matter = yaml.safe_load(head[1])
    assert isinstance(matter, dict)
    return matter


def test_the_space_takes_the_pinned_gradio() -> None:
    matter = front_matter()
    pinned = re.search(r"^gradio==(\S+)", text_of(ROOT / "requirements.txt"), re.MULTILINE)
    assert pinned is not None
    assert matter["sdk"] == "gradio"
    assert matter["sdk_version"] == pinned[1]
    assert matter["python_version"] == "3.12"
    assert (ROOT / str(matter["app_file"])).is_file()
    assert matter["license"] == "mit"
    assert len(str(matter["short_description"])) <= 60
    assert matter["suggested_hardware"] == "cpu-basic"


def test_the_space_names_the_models_it_can_use() -> None:
    models = front_matter()["models"]
    assert isinstance(models, list)
    known = {
        file.repository
        for name in registry.with_weights()
        for file in registry.weights_of(name).catalogue.files
    } | {file.repository for file in KOKORO_FILES}
    assert set(models) == known


def test_the_picture_is_small() -> None:
    for picture in (DOCS / "images").iterdir():
        assert picture.stat().st_size < 400_000
