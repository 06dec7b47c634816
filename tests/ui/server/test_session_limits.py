"""The server's data about a visit is small, limited, and removed soon after it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from studio.settings import Settings
from tests.ui.server.conftest import Bounded
from ui.server.session_limits import LONGEST_NAME
from ui.server.sessions import IDLE, RETURN, RETURNING, Sessions


class Holder:
    """Gradio's sessions, as far as our code uses them."""

    def __init__(self) -> None:
        self.session_data: dict[str, Any] = {}
        self.time_last_used: dict[str, Any] = {}
        self.deleted: list[str] = []

    def delete_state(self, session: str) -> None:
        self.deleted.append(session)


class Story:
    """Sessions with a clock that the test sets."""

    def __init__(self, **settings: Any) -> None:
        self.now, self.holder = 0.0, Holder()
        self.sessions = Sessions(Settings(**settings), lambda: self.now)

    def ask(self, session: str, address: str = "192.0.2.1") -> str:
        if not (why := self.sessions.refusal(session, address, self.holder)):
            self.sessions.saw(session, address)
            self.holder.session_data[session] = SimpleNamespace(config_values={1: {}})
        return why

    def left(self) -> set[str]:
        self.sessions.sweep(self.holder)
        assert set(self.holder.session_data) == set(self.sessions.visits)
        return set(self.holder.session_data)


def test_a_session_ends_soon_after_its_last_request() -> None:
    story = Story()
    story.ask("early")
    story.now = IDLE - 1
    story.ask("late")
    assert story.left() == {"early", "late"}
    story.now = IDLE + 1
    assert story.left() == {"late"}
    assert story.holder.deleted == ["early"]


def test_a_session_stays_while_something_of_it_is_open() -> None:
    story = Story()
    story.ask("open")
    story.sessions.visits["open"].streams = 1
    story.now = 10 * RETURN
    assert story.left() == {"open"}


def test_a_page_that_lost_its_connection_finds_its_session_again() -> None:
    story = Story()
    for number in range(RETURNING + 5):
        story.now = number
        story.ask(str(number), f"192.0.2.{number}")
        story.sessions.visits[str(number)].page = True
    story.now = 1000
    assert story.left() == {str(number) for number in range(5, RETURNING + 5)}
    story.now = RETURN + RETURNING + 10
    assert story.left() == set()


def test_a_session_of_a_job_that_outlived_its_own_ends_too() -> None:
    story = Story()
    story.holder.session_data["again"] = SimpleNamespace(config_values={})
    assert story.left() == {"again"}
    story.now = IDLE + 1
    assert story.left() == set()


def test_one_address_has_a_limit_of_new_sessions_per_minute() -> None:
    story = Story(sessions_per_minute=3)
    assert [story.ask(str(number)) for number in range(3)] == ["", "", ""]
    assert "has opened 3 sessions in the last minute" in story.ask("more")
    assert story.ask("0") == ""
    assert story.ask("other", "192.0.2.2") == ""
    story.now = 61
    assert story.ask("more") == ""


def test_a_full_server_ends_idle_sessions_before_it_refuses() -> None:
    story = Story(sessions=10)
    for number in range(10):
        story.ask(str(number), f"192.0.2.{number}")
    story.sessions.visits["3"].last = -1
    assert story.ask("new", "192.0.2.99") == ""
    assert "3" not in story.sessions.visits
    for visit in story.sessions.visits.values():
        visit.streams = 1
    assert "10 visitors are connected" in story.ask("newer", "192.0.2.98")


# On a page


def call(bounded: Bounded, session: str | None) -> httpx.Response:
    """A tiny request of a session, as the page sends it when it is opened."""
    number = next(one["id"] for one in bounded.page.config["dependencies"] if not one["queue"])
    asked = {"fn_index": number, "data": [None] * 2, "session_hash": session}
    return httpx.post(f"{bounded.url}gradio_api/run/predict", json=asked)


def test_the_page_keeps_no_copy_of_its_configuration(bounded: Bounded) -> None:
    for number in range(5):
        assert call(bounded, f"visit{number}").status_code == 200
    assert "visit0" in bounded.sessions.session_data
    kept = [bounded.sessions.session_data[f"visit{number}"] for number in range(5)]
    assert [len(one.config_values) for one in kept] == [0] * 5
    assert all(one.blocks_config.blocks.maps[1] is bounded.page.default_config.blocks for one in kept)
    assert all(len(one.blocks_config.fns) == len(bounded.page.fns) for one in kept)


def test_changes_of_a_session_are_private(bounded: Bounded) -> None:
    for name in ("mine", "yours"):
        assert call(bounded, name).status_code == 200
    mine, yours = (bounded.sessions.session_data[name] for name in ("mine", "yours"))
    number, block = next(iter(bounded.page.blocks.items()))
    mine.blocks_config.blocks[number] = "changed"
    assert mine.blocks_config.blocks[number] == "changed"
    assert yours.blocks_config.blocks[number] is block


@pytest.mark.parametrize("path", ["gradio_api/queue/join", "gradio_api/run/predict"])
def test_too_many_new_sessions_are_refused_in_words(bounded: Bounded, path: str) -> None:
    headers = {"X-Forwarded-For": f"203.0.113.{len(path)}"}  # from a proxy on this machine
    answers = [
        httpx.post(
            f"{bounded.url}{path}", json={"data": [], "session_hash": f"{path}{number}"}, headers=headers
        )
        for number in range(bounded.settings.sessions_per_minute + 1)
    ]
    assert answers[-1].status_code == 429
    assert answers[-2].status_code != 429
    assert answers[-1].headers["retry-after"] == "60"
    assert "has opened 40 sessions in the last minute" in answers[-1].text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("x" * 600_000, "more than 0.5 MB"),
        ([[]] * 6_000, "more than 5000 values"),
        ([{}] * 6_000, "more than 5000 values"),
        ([1] * 6_000, "more than 5000 values"),
    ],
)
@pytest.mark.parametrize("path", ["gradio_api/queue/join", "gradio_api/run/predict", "gradio_api/cancel"])
def test_a_call_that_would_take_much_memory_is_refused(
    bounded: Bounded, path: str, data: Any, words: str
) -> None:
    answer = httpx.post(f"{bounded.url}{path}", json={"data": [data], "session_hash": "large"})
    assert answer.status_code == 413
    assert words in answer.text


@pytest.mark.parametrize("kind", ["multipart/mixed", "multipart/form-data; boundary=b", "Multipart/X", "a/b"])
@pytest.mark.parametrize(
    "path",
    ["queue/join", "run/predict", "run/upload", "call/upload", "cancel", "component_server", "stream/upload"],
)
def test_a_call_is_bounded_whatever_type_it_says_it_has(bounded: Bounded, path: str, kind: str) -> None:
    headers = {"Content-Type": kind}
    answer = httpx.post(f"{bounded.url}gradio_api/{path}", content=b"x" * 600_000, headers=headers)
    assert answer.status_code == 413
    assert "more than 0.5 MB" in answer.text


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_session_has_a_short_name(bounded: Bounded, method: str) -> None:
    session = "x" * (LONGEST_NAME + 1)
    if method == "POST":
        answer = call(bounded, session)
    else:
        answer = httpx.get(f"{bounded.url}gradio_api/heartbeat/{session}")
    assert answer.status_code == 400
    assert "more than 64 characters" in answer.text
    assert session not in bounded.sessions.session_data
