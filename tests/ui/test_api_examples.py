"""The code that "Use via API" shows runs as it stands: each piece of it, in each language."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import playwright
import pytest

from engines import registry
from studio.settings import Settings
from tests.conftest import write_voice
from tests.ui.server.serving import serving
from tests.ui.talking import write_talking_video
from ui.api.snippets import example_files, snippets
from ui.app import build
from ui.components.examples import Example
from ui.server.given_files import example_file
from ui.tabs.animate import animate_tab
from ui.tabs.compare import compare_tab
from ui.tabs.dub import dub_tab
from ui.uploads import FOLDER

NODE = Path(playwright.__file__).parent / "driver" / "node"
"""The Node that Playwright brings, so that the machine needs none of its own."""
PROGRAMS = {
    "python": [sys.executable, "-c"],
    "javascript": [str(NODE), "--input-type=module", "-e"],
    "bash": ["bash", "-euo", "pipefail", "-c"],
    "cli": ["bash", "-euo", "pipefail", "-c"],
}
COMMANDS = {"preview": "gradio"}
"""The page offers two commands for one function; the other one does not import all of Gradio."""
EXPECTED = {
    "preview": r"\.mp4",
    "dub": r"\.mp4",
    "compare": r"side-by-side\.mp4",
    "videos": r"[\"']kind[\"']: ?[\"']video[\"']",
    "delete": r"[\"']deleted[\"']: ?[\"'][0-9a-f]",
    "curves": r"\.livelink\.csv",
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, portrait_file: Path) -> Iterator[str]:
    """A page whose examples are small, so that each piece of code makes a video at once."""
    voice_file = write_voice(tmp_path_factory.mktemp("voice") / "tone.wav", seconds=0.4)
    video_file = write_talking_video(voice_file.with_name("talk.mp4"))
    with pytest.MonkeyPatch.context() as patch:
        for module in ("ui.api.snippets", "ui.server.given_files"):
            patch.setattr(f"{module}.example_portraits", lambda: [Example(portrait_file, "Face")])
            patch.setattr(f"{module}.example_voices", lambda: [Example(voice_file, "Tone")])
            patch.setattr(f"{module}.CLIP", video_file)
        yield from served(tmp_path_factory)


def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("examples"), sign=False)
    tabs = [animate_tab(registry.spec_of("preview")), dub_tab(["preview"]), compare_tab(("preview",))]
    page = build(settings, tabs)
    with serving(settings, page) as url:
        yield url


@pytest.mark.parametrize("endpoint", EXPECTED)
@pytest.mark.parametrize("language", PROGRAMS)
def test_every_example_runs(url: str, language: str, endpoint: str, tmp_path: Path) -> None:
    program = PROGRAMS[language]
    needed = [program[0], *(["curl"] if language == "bash" else [])]
    missing = [name for name in needed if shutil.which(name) is None]
    assert not missing, f"The examples in {language} need {', '.join(missing)}. Install what is missing."
    described = httpx.get(f"{url}gradio_api/info").json()["named_endpoints"]
    assert set(described) == {f"/{name}" for name in EXPECTED}
    code = described[f"/{endpoint}"]["code_snippets"][language]
    # A browser puts the chosen command there: once.
    command = COMMANDS.get(endpoint, "hf-gradio")
    code = code.replace("{command}", str(Path(sys.executable).with_name(command)), 1)
    # Without the page's folder of uploads, where a client would put its downloads.
    environment = {name: value for name, value in os.environ.items() if name != FOLDER}
    done = subprocess.run(
        [*program, code],
        cwd=tmp_path,
        env=environment | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, (code, done.stdout, done.stderr)
    assert re.search(EXPECTED[endpoint], done.stdout), (code, done.stdout, done.stderr)


def test_every_engine_has_the_same_example(url: str) -> None:
    one, *others = (snippets(name, url, login=False) for name in registry.SHIPPED)
    first, *names = registry.SHIPPED
    for name, other in zip(names, others, strict=True):
        assert {language: code.replace(name, first) for language, code in other.items()} == one


def test_with_a_login_the_examples_say_where_it_goes(url: str) -> None:
    shown = snippets("preview", url, login=True)
    assert 'auth=("NAME", "PASSWORD")' in shown["python"]
    assert "NAME:PASSWORD" in shown["javascript"]
    assert " -u NAME:PASSWORD" in shown["bash"]


def test_only_examples_are_served(url: str, portrait_file: Path) -> None:
    at = f"{url}joystudio/examples/"
    assert httpx.get(at + portrait_file.name).content == portrait_file.read_bytes()
    for other in ("CREDITS.md", "..%2FCREDITS.md", "cat.yaml", ""):
        assert httpx.get(at + other).status_code == 404


def test_the_examples_that_ship_are_there() -> None:
    files = example_files("http://127.0.0.1/")
    assert all(example_file(address) is not None for address in files.values())
    assert set(files) == {"portrait", "voice", "video"}
