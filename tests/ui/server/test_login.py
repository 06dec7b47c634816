"""Several people log in: accepted and delayed logins, and what a login permits."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client

from studio.accounts import Accounts
from studio.gallery.visitors import owner_of_login, owner_of_token
from studio.passwords import PasswordHash
from studio.settings import Settings
from tests.ui.server.serving import serving, small_page
from ui.server.calls import Calls
from ui.server.login_gate import OPEN
from ui.server.logins import MOST_WAITING, Logins
from ui.server.response_headers import UNCHANGING
from ui.server.session_cookies import DEVICE

ANN, BEN = ("ann", "ann's password"), ("ben", "ben's password")
ACCOUNTS = Accounts({name: PasswordHash.of(password, ln=10) for name, password in (ANN, BEN)})


@dataclass
class Sleeps:
    """Records how long each login should wait, and holds it back on demand, instead of waiting."""

    seconds: list[float] = field(default_factory=list)
    held: bool = False
    going_on: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.loop = asyncio.get_running_loop()
        if self.held and seconds:
            await self.going_on.wait()

    def let_go(self) -> None:
        self.held = False
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.going_on.set)


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
def url(sleeps: Sleeps) -> Iterator[str]:
    with serving(auth=Logins(ACCOUNTS, sleep=sleeps).check) as url:
        yield url


def log_in(client: httpx.Client, url: str, name: str, password: str) -> httpx.Response:
    return client.post(f"{url}login", data={"username": name, "password": password})


def test_nothing_but_the_login_page_is_answered_without_a_password() -> None:
    page = small_page()
    with serving(page=page, auth=Logins(ACCOUNTS).check) as url:
        asked = 0
        for path, methods in page.app.openapi()["paths"].items():
            filled = re.sub(r"\{[^}]+\}", "x", path)
            if filled.rstrip("/") in OPEN or filled in OPEN or filled.startswith(UNCHANGING):
                continue
            for method in methods:
                answer = httpx.request(method, url.rstrip("/") + filled)
                assert answer.status_code == 401, (method, filled)
                asked += 1
        assert asked > 50
        assert '"auth_required":true' in httpx.get(url).text
        assert "echo" not in httpx.get(url).text


def test_logging_in_opens_the_page_and_logging_out_ends_all_logins(url: str) -> None:
    with httpx.Client() as ann, httpx.Client() as again, httpx.Client() as ben:
        assert log_in(ann, url, *ANN).status_code == log_in(again, url, *ANN).status_code == 200
        assert log_in(ben, url, *BEN).status_code == 200
        assert ann.get(f"{url}config").json()["username"] == "ann"
        copied = httpx.Cookies(ann.cookies)
        assert ann.get(f"{url}logout").status_code == 302
        assert ann.get(f"{url}config").status_code == 401
        assert httpx.get(f"{url}config", cookies=copied).status_code == 401
        assert again.get(f"{url}config").status_code == 401  # one logout for all of a name's browsers
        assert ben.get(f"{url}config").json()["username"] == "ben"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(url: str) -> None:
    with httpx.Client() as stranger:
        answers = [
            log_in(stranger, url, *given)
            for given in (("ann", "ben's password"), ("nobody", "ann's password"), ("ANN", "ann's password"))
        ]
        assert {(answer.status_code, answer.text) for answer in answers} == {(400, answers[0].text)}
        assert not any(answer.headers.get_list("set-cookie") for answer in answers)
        long = {"username": "x" * 10_000, "password": "y" * 100_000}
        for odd in ({}, {"username": "ann"}, {"username": "", "password": ""}, long):
            assert stranger.post(f"{url}login", data=odd).status_code in (400, 422)


def test_cookies_are_strict(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def cookies(**headers: str) -> list[str]:
        answer = httpx.post(f"{url}login", data={"username": ANN[0], "password": ANN[1]}, headers=headers)
        found = answer.headers.get_list("set-cookie")
        assert len(found) == 3
        assert all("HttpOnly" in cookie for cookie in found)
        return found

    plain = cookies()
    assert all("SameSite=Lax" in cookie and "SameSite=None" not in cookie for cookie in plain)
    assert ["Secure" in cookie for cookie in plain] == [True, False, False]
    encrypted = cookies(**{"X-Forwarded-Proto": "https"})
    assert all("SameSite=Lax" in cookie and "; Secure" in cookie for cookie in encrypted)
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    framed = cookies(**{"X-Forwarded-Proto": "https"})
    assert all(
        "SameSite=None" in cookie and "Partitioned" in cookie and "Secure" in cookie for cookie in framed
    )


def test_programs_send_their_password_with_each_request(url: str, sleeps: Sleeps) -> None:
    text = base64.b64encode(":".join(ANN).encode()).decode()
    for value in (f"Basic {text}", f"basic {text.rstrip('=')}", f"Bearer {text}"):
        answer = httpx.get(f"{url}config", headers={"Authorization": value})
        assert answer.json()["username"] == "ann"
    assert len(sleeps.seconds) == 1  # it is not hashed again
    for value in (f"Basic {text[:-4]}", f"Digest {text}", "Basic", "Basic ???", "Bearer hf_abc", ""):
        assert httpx.get(f"{url}config", headers={"Authorization": value}).status_code == 401, value
    client = Client(url, auth=BEN, verbose=False)
    assert client.predict("Hello", api_name="/echo") == "Hello!"
    client.close()


def test_wrong_passwords_wait_longer_each_time_and_others_do_not(url: str, sleeps: Sleeps) -> None:
    """Another visitor is one with another address, or a browser in which the name has logged in before."""
    with httpx.Client() as flood, httpx.Client() as home:
        assert log_in(home, url, *ANN).status_code == 200
        home.get(f"{url}logout")
        for _ in range(6):
            assert log_in(flood, url, "ann", "guess").status_code == 400
        assert sleeps.seconds == [0, 0, 0, 0, 1, 2, 4]
        assert log_in(home, url, *ANN).status_code == 200
        assert sleeps.seconds[-1] == 0
        with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2")) as elsewhere:
            assert log_in(elsewhere, url, *BEN).status_code == 200
            assert sleeps.seconds[-1] == 0
            assert log_in(elsewhere, url, *ANN).status_code == 200
            assert sleeps.seconds[-1] == 4
        forged = home.cookies.get(DEVICE)
        assert forged is not None
        flood.cookies.set(DEVICE, forged.replace(".", ".0"))
        assert log_in(flood, url, "ann", "guess").status_code == 400
        assert sleeps.seconds[-1] == 8


@pytest.mark.parametrize(("proxies", "waits"), [("127.0.0.3", 0), ("127.0.0.1", 4)])
def test_visitors_behind_a_proxy_elsewhere_do_not_share_a_wait(
    sleeps: Sleeps, proxies: str, waits: int
) -> None:
    settings = Settings(port=0, proxy_addresses=proxies)
    proxy = httpx.HTTPTransport(local_address="127.0.0.3")
    with (
        serving(settings, auth=Logins(ACCOUNTS, sleep=sleeps).check) as url,
        httpx.Client(transport=proxy, headers={"X-Forwarded-For": "203.0.113.9"}) as flood,
    ):
        for _ in range(6):
            assert log_in(flood, url, "ann", "guess").status_code == 400
        flood.headers["X-Forwarded-For"] = "198.51.100.1, 203.0.113.10"
        flood.cookies.clear()
        assert log_in(flood, url, *BEN).status_code == 200
        assert (sleeps.seconds[-1] > 0) == (waits > 0)


def test_while_some_wait_the_page_answers_and_too_many_are_sent_away(url: str, sleeps: Sleeps) -> None:
    with httpx.Client() as flood:
        for _ in range(4):
            log_in(flood, url, "ann", "guess")
    sleeps.held = True
    with ThreadPoolExecutor(12) as pool:
        guess: dict[str, Any] = {"data": {"username": "ann", "password": "guess"}, "timeout": 60}
        waiting = [pool.submit(httpx.post, f"{url}login", **guess) for _ in range(12)]
        away = 12 - MOST_WAITING
        done: list[httpx.Response] = []
        while len(done) < away:
            assert httpx.get(url).status_code == 200
            done = [future.result() for future in waiting if future.done()]
        assert {answer.status_code for answer in done} == {429}
        assert {answer.headers["retry-after"] for answer in done} == {"10"}
        sleeps.let_go()
        codes = sorted(future.result().status_code for future in waiting)
    assert codes == [400] * MOST_WAITING + [429] * away


def test_only_this_very_process_may_ask_for_a_language_model(url: str) -> None:
    asked = {"x-gradio-user": "mcp"}
    assert httpx.get(f"{url}config", headers=asked).status_code == 200
    assert httpx.get(f"{url}config", headers=asked | {"X-Forwarded-For": "127.0.0.1"}).status_code == 401
    program = "import httpx, sys; print(httpx.get(sys.argv[1], headers={'x-gradio-user': 'mcp'}).status_code)"
    told = subprocess.check_output([sys.executable, "-c", program, f"{url}config"], text=True)
    assert told.strip() == "401"


def test_a_session_belongs_to_the_name_that_used_it_first() -> None:
    """Gradio lets a client name its session, and anyone who knows a session's name use it."""
    page = small_page()
    with page:
        mine = gr.State("")
        gr.Button("Keep").click(lambda said: said, gr.Textbox(), mine, api_name="keep")
        gr.Button("Tell").click(lambda kept: kept, mine, gr.Textbox(), api_name="tell")
    calls = {block.api_name: number for number, block in page.fns.items()}
    with (
        serving(page=page, auth=Logins(ACCOUNTS).check) as url,
        httpx.Client() as ann,
        httpx.Client() as ben,
        httpx.Client() as again,
    ):
        for client, who in ((ann, ANN), (ben, BEN), (again, ANN)):
            assert log_in(client, url, *who).status_code == 200

        def call(
            client: httpx.Client, name: str, said: list[str | None], address: str = "run/predict"
        ) -> Any:
            asked = {"fn_index": calls[name], "data": said, "session_hash": "anns-session"}
            return client.post(f"{url}gradio_api/{address}", json=asked)

        assert call(ann, "keep", ["a secret"]).status_code == 200
        for address in ("run/predict", "queue/join", "cancel", "component_server"):
            answer = call(ben, "tell", [None], address)
            assert answer.status_code == 403, address
            assert "belongs to another login" in answer.text
        for address in ("heartbeat/anns-session", "queue/data?session_hash=anns-session"):
            assert ben.get(f"{url}gradio_api/{address}").status_code == 403
        assert call(again, "tell", [None]).json()["data"] == ["a secret"]
        event = call(ann, "tell", [None], "queue/join").json()["event_id"]
        assert ben.get(f"{url}gradio_api/call/tell/{event}").status_code == 403
        for address in (f"stream/{event}", f"stream/{event}/close", f"call/v2/tell/{event}"):
            assert ben.post(f"{url}gradio_api/{address}", json={"data": []}).status_code == 403, address
        cancel = {"session_hash": "bens-session", "event_id": event, "fn_index": calls["tell"]}
        assert ben.post(f"{url}gradio_api/cancel", json=cancel).status_code == 403
        with ann.stream("GET", f"{url}gradio_api/queue/data?session_hash=anns-session") as stream:
            assert any('"a secret"' in line for line in stream.iter_lines())


def test_the_answer_to_a_call_waits_for_its_login_alone() -> None:
    """Programs ask in two steps: one call, and then its answer, at an address without a session."""
    page = small_page()
    with page:
        gr.Button("Say").click(lambda said: said, gr.Textbox(), gr.Textbox(), api_name="say")
    with (
        serving(page=page, auth=Logins(ACCOUNTS).check) as url,
        httpx.Client() as ann,
        httpx.Client() as ben,
    ):
        for client, who in ((ann, ANN), (ben, BEN)):
            assert log_in(client, url, *who).status_code == 200
        asked = ann.post(f"{url}gradio_api/call/say", json={"data": ["a secret"]})
        answer = f"{url}gradio_api/call/say/{asked.json()['event_id']}"
        assert ben.get(answer).status_code == 403
        assert "a secret" in ann.get(answer).text


def test_the_newest_calls_of_each_login_are_remembered() -> None:
    calls = Calls(kept=2)
    for number in range(3):
        calls.note(f"anns-{number}", "ann")
    calls.note("bens", "ben")
    assert [calls.refuses(f"anns-{number}", "ann") for number in range(3)] == [True, False, False]
    assert [calls.refuses(event, "ben") for event in ("bens", "anns-2", "unknown")] == [False, True, True]
    assert not calls.refuses("anns-2", "")
    assert not calls.refuses(None, "ben")


def test_an_owner_is_a_name_and_a_browser() -> None:
    owners = {owner_of_login(name, token) for name in ("ann", "ben") for token in ("one", "two")}
    assert len(owners | {owner_of_token("one"), owner_of_token("two")}) == 6
    assert owner_of_login("b:ann", "x") != owner_of_login("ann", "x:b")
    assert owner_of_login("ann", "") == ""
