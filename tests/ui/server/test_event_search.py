"""Gradio's script with the faster search: it is the one we know, and finds the same events."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from media.startup_shortcuts import SWITCH
from studio.settings import Settings
from tests.ui.server.serving import serving
from tests.ui.test_api_examples import NODE
from ui.app import build
from ui.server.event_search import ASSETS, SCRIPTS, event_search_routes, with_noted_events

FOUND = "find_attached_events(e,t){"
RUN = """
const {components, dependencies} = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const root = {children: components.map(({id}) => ({id, props: {shared_props: {}}}))};
const tree = new Tree(dependencies);
tree.postprocess(root);
console.log(JSON.stringify(tree.root.children.map((one) => one.props.shared_props.attached_events)));
"""


@pytest.fixture(scope="module")
def script() -> str:
    """Gradio's own, as it is installed."""
    (path,) = (path for path in ASSETS.glob(SCRIPTS) if FOUND in path.read_text(encoding="utf-8"))
    return path.read_text(encoding="utf-8")


@pytest.fixture
def url() -> Iterator[str]:
    with serving() as url:
        yield url


def part_of(script: str) -> str:
    """A class with Gradio's search, and no more of its script."""
    found = script[script.index(FOUND) :].partition("}traverse(")[0]
    return (
        "class Tree{#n;constructor(n){this.#n=n}"
        "traverse(e,t){for(let n of e.children)t(n);return e}"
        "postprocess(e){this.root=this.traverse(e,e=>this.find_attached_events(e,this.#n))}"
        f"{found}}}}}"
    )


def events(code: str, page: Mapping[str, object]) -> list[list[str]]:
    """The events of each component."""
    done = subprocess.run(
        [NODE, "-e", code + RUN], input=json.dumps(page), capture_output=True, text=True, check=True
    )
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_each_component_of_the_page_gets_the_events_that_gradio_gives_it(script: str, tmp_path: Path) -> None:
    page = build(Settings(port=0, outputs=tmp_path)).get_config_file()
    dependencies = [
        *({"targets": one["targets"]} for one in page["dependencies"]),
        {"targets": [[1, None], [1, "input"], [2, "click"], [2, "change"], [None, "load"]]},
    ]
    components = [{"id": one["id"]} for one in page["components"]] + [{"id": 1}, {"id": 2}, {"id": -1}]
    code = part_of(script)
    changed = with_noted_events(code)
    assert changed is not None
    given = {"components": components, "dependencies": dependencies}
    wanted = events(code, given)
    assert events(changed, given) == wanted
    assert sum(map(len, wanted)) > 100
    assert wanted[-1] == []


def test_the_page_gets_the_changed_script(script: str, url: str) -> None:
    (route,) = event_search_routes()
    answer = httpx.get(url.rstrip("/") + route.path)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["etag"]
    assert answer.headers["last-modified"]
    assert answer.text == with_noted_events(script) != script


def test_another_script_and_a_page_without_shortcuts_stay_as_they_are(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert with_noted_events(script.replace("this.#n)", "this.#m)")) is None
    assert event_search_routes(tmp_path) == []
    (tmp_path / "core-new.js").write_text("export {}")
    assert event_search_routes(tmp_path) == []
    monkeypatch.setenv(SWITCH, "0")
    assert event_search_routes() == []
    with serving() as url:
        (path,) = (path for path in ASSETS.glob(SCRIPTS) if FOUND in path.read_text(encoding="utf-8"))
        assert httpx.get(f"{url}assets/{path.name}").text == script
