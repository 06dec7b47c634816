"""Engines of other packages in the command line and on the page, each in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from engines import registry
from tests.engines.packages import install
from tests.studio.test_history import make_result
from tests.ui.test_process import server
from ui.components.settings_table import settings_table

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = list(registry.SHIPPED)
EXAMPLE = ROOT / "examples" / "engine-plugin"
CATALOGUE = "weights=WeightsSpec('plugin_heavy.nowhere:Weights')"
BAD_PRESETS = "presets=Path(__file__).parent"


@pytest.fixture(autouse=True)
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command here writes into the test's own folder."""
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))


def run(*command: object, packages: Path | str = "", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A command of Python in JoyStudio's folder, with the packages of a folder installed."""
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_the_command_line_offers_whole_packages_and_names_broken_ones(tmp_path: Path) -> None:
    install(tmp_path, "glow")
    install(tmp_path, "sick", module="1 / 0")
    left_out = (
        "The engine sick of the package joystudio-sick was left out: ZeroDivisionError: division by zero\n"
    )
    listed = run("cli.py", "engines", "--json", packages=tmp_path)
    assert listed.stderr == left_out
    assert list(json.loads(listed.stdout)) == [*SHIPPED, "glow"]

    helped = run("cli.py", "animate", "--help", packages=tmp_path)
    assert "glow: How bright. [0 to 2; default 1.0]" in " ".join(helped.stdout.split())

    asked = run("cli.py", "animate", "a.png", "b.wav", "--engine", "sick", packages=tmp_path)
    assert asked.returncode == 2
    assert asked.stderr == left_out + (
        "error: The engine sick cannot be used, because its package joystudio-sick is broken "
        "(ZeroDivisionError: division by zero). Update or uninstall the package.\n"
    )


def test_an_engine_that_fails_later_costs_its_own_job_only(tmp_path: Path, portrait_file: Path) -> None:
    install(tmp_path, "late", engine="plugin_late.nowhere:Late")
    voice = ROOT / "examples" / "voices" / "english-woman.wav"
    asked = run("cli.py", "animate", portrait_file, voice, "--engine", "late", packages=tmp_path)
    assert asked.returncode == 2
    assert "because its package joystudio-late is broken (ModuleNotFoundError" in asked.stderr
    assert len(asked.stderr.splitlines()) == 1


def test_the_page_leaves_out_what_it_cannot_show(tmp_path: Path) -> None:
    install(tmp_path, "glow")
    install(tmp_path, "heavy", more=CATALOGUE)
    presets = install(tmp_path, "styled", more=BAD_PRESETS)
    (presets / "natural.yaml").write_text("description: As it is.\noptions: {}\n")
    (presets / "wild.yaml").write_text("options: {glow: 9}\n")
    code = (
        "from ui.gradio_start import import_gradio\n"
        "import_gradio()\n"
        "from ui.app import all_tabs, build\n"
        "build()\n"
        "print(*[tab.id for tab in all_tabs()])\n"
        "from studio.presets import list_presets\n"
        "print(*[preset.name for preset in list_presets('styled')])\n"
    )
    done = run("-c", code, packages=tmp_path)
    assert done.stdout.splitlines() == [
        " ".join([*SHIPPED, "glow", "styled", "dub-tab", "live", "compare", "gallery"]),
        "natural",
    ], done.stderr
    assert (
        "The engine heavy of the package joystudio-heavy was left out of the page: EngineError" in done.stderr
    )
    said = [line for line in done.stderr.splitlines() if line.startswith("The preset")]
    assert said == [
        "The preset wild of the package joystudio-styled was left out: The preset wild.yaml cannot be used. "
        "The option glow is 9, but takes 0 to 2."
    ]


def test_the_gallery_shows_a_video_of_an_engine_that_is_gone(tmp_path: Path) -> None:
    result = replace(make_result("1", tmp_path / "video.mp4"), engine="gone", options={"glow": 1.0})
    assert "<dd>gone</dd>" in settings_table(result, tmp_path)


def test_the_example_package_makes_videos(tmp_path: Path, portrait_file: Path) -> None:
    """Installed as by a user, without the network: in the command line, the page's API and its own tests."""
    source, packages = tmp_path / "engine-plugin", tmp_path / "packages"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    offline = ("--no-index", "--no-deps", "--no-build-isolation")
    pip = run("-m", "pip", "install", "--quiet", *offline, "--target", packages, source, cwd=tmp_path)
    assert pip.returncode == 0, pip.stderr

    voice, out = ROOT / "examples" / "voices" / "english-woman.wav", tmp_path / "sway.mp4"
    flags = ("--engine", "sway", "--preset", "storm", "--fps", "12")
    made = run("cli.py", "animate", portrait_file, voice, "-o", out, *flags, "--json", packages=packages)
    assert made.returncode == 0, made.stderr
    about = json.loads(made.stdout)
    assert (about["engine"], about["options"]["amount"]) == ("sway", 2.0)

    with server(tmp_path, PYTHONPATH=str(packages)) as (_, address):
        video, facts = Client(address, verbose=False).predict(
            portrait=handle_file(portrait_file),
            voice=handle_file(voice),
            consent=True,
            preset="storm",
            fps=12,
            api_name="/sway",
        )
    assert Path(video).stat().st_size > 0
    assert (facts["engine"], facts["options"]["amount"]) == ("sway", 2.0)

    tests = run("-m", "pytest", "-q", "-p", "no:cacheprovider", packages=f"{packages}:{ROOT}", cwd=source)
    assert tests.returncode == 0, tests.stdout
