"""Another website, and a name that is not ours, get nothing from a running page; programs get everything."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest
from gradio_client import Client

from studio.settings import Settings
from tests.ui.server.serving import serving, small_page

EVIL = "https://evil.example"
DATA = (
    "config",
    "gradio_api/info",
    "gradio_api/openapi.json",
    "gradio_api/app_id",
    "gradio_api/queue/status",
)
CHANGES = ("gradio_api/queue/join", "gradio_api/upload", "gradio_api/call/echo", "gradio_api/cancel", "login")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as url:
        yield url


def refused(answer: httpx.Response) -> bool:
    """Whether a response is a refusal: a sentence, and nothing that another website may read."""
    if answer.status_code != 403:
        return False
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.partition("\n")[0].endswith(".")
    assert "请" in answer.text or "拒绝" in answer.text
    assert not [name for name in answer.headers if name.startswith("access-control")]
    return True


@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1:1", "http://localhost.evil.example", ""])
def test_a_request_of_another_website_is_refused_with_a_sentence(url: str, origin: str) -> None:
    for path in ("", *DATA):
        assert refused(httpx.get(url + path, headers={"Origin": origin})), path
    for path in CHANGES:
        assert refused(httpx.post(url + path, headers={"Origin": origin}, json={})), path
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        assert refused(httpx.options(url + path, headers=preflight)), path
    twice = [("Origin", url.rstrip("/")), ("Origin", EVIL)]
    assert refused(httpx.get(url + "config", headers=twice))


def test_the_page_itself_and_programs_are_answered(url: str) -> None:
    own = url.rstrip("/")
    for origin in (own, own.upper().replace("HTTP", "http")):
        answer = httpx.get(url + "config", headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert httpx.get(url + "config").status_code == 200
    client = Client(url, verbose=False)
    assert client.predict("Hello", api_name="/echo") == "Hello!"
    client.close()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "something-new"])
def test_requests_made_by_another_website_are_refused(url: str, site: str) -> None:
    foreign = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    for path in ("", "logout", "gradio_api/file=anything", *DATA):
        assert refused(httpx.get(url + path, headers=foreign)), path
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert httpx.get(url, headers=link).status_code == 200
    assert httpx.head(url, headers=link).status_code == 200
    ended = httpx.get(url + "?run=token", headers=link)
    assert ended.status_code == 404
    assert "<gradio-app" in ended.text
    assert httpx.get(url + "joystudio/shared/token/video/v.mp4", headers=link).status_code == 404
    assert refused(httpx.get(url + "joystudio/shared/token/video/v.mp4", headers=foreign))
    for path in ("logout", "config", "gradio_api/file=anything"):
        assert refused(httpx.get(url + path, headers=link)), path
    assert refused(httpx.post(url, headers=link))
    assert refused(httpx.get(url, headers=link | {"Sec-Fetch-Dest": "object"}))


@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:{port}", "user@127.0.0.1:{port}", "192.0.2.1", ""]
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(url: str, name: str) -> None:
    """The website's own page then asks, so that Origin and Host agree."""
    name = name.format(port=httpx.URL(url).port)
    rebound = {"Host": name, "Origin": f"http://{name}", "Sec-Fetch-Site": "same-origin"}
    assert refused(httpx.get(url + "config", headers=rebound))
    assert refused(httpx.get(url, headers={"Host": name}))
    helped = {"Host": name, "X-Forwarded-Host": "localhost", "X-Forwarded-For": "127.0.0.1"}
    assert refused(httpx.get(url, headers=helped))


@pytest.mark.parametrize("name", ["localhost:{port}", "LOCALHOST.:{port}", "[::1]:{port}", "localhost:9999"])
def test_every_inner_name_of_the_machine_is_answered(url: str, name: str) -> None:
    name = name.format(port=httpx.URL(url).port)
    own = {"Host": name, "Origin": f"http://{name}"}
    assert httpx.get(url + "config", headers=own).status_code == 200


def test_a_request_without_a_host_or_with_two_is_refused(url: str) -> None:
    port = httpx.URL(url).port
    assert port is not None
    for lines in (
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port)) as plain:
            plain.sendall(lines)
            assert plain.recv(4096).split(b" ", 2)[1][:1] == b"4"


def test_a_websocket_of_another_website_is_not_accepted(url: str) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    answer = httpx.get(url + "gradio_api/queue/data", headers=upgrade | key | {"Origin": EVIL})
    assert answer.status_code == 403


def test_only_a_trusted_proxy_can_say_what_the_browser_asked_for(url: str) -> None:
    forwarded = {"X-Forwarded-Host": "studio.example.org", "X-Forwarded-Proto": "https"}
    own = forwarded | {"Origin": "https://studio.example.org"}
    assert "studio.example.org" not in httpx.get(url, headers=forwarded).text
    assert refused(httpx.post(url + "gradio_api/cancel", headers=own, json={}))
    settings = Settings(port=0, allowed_hosts="studio.example.org", trusted_proxy=True)
    with serving(settings) as behind:
        assert "https://studio.example.org" in httpx.get(behind, headers=forwarded).text
        assert httpx.get(behind + "config", headers=own).status_code == 200
        assert refused(httpx.get(behind, headers={"X-Forwarded-Host": "evil.example"}))
        assert refused(
            httpx.get(behind, headers={"X-Forwarded-Host": "studio.example.org", "Host": "evil.example"})
        )


def test_every_response_tells_the_browser_what_it_may_do(url: str) -> None:
    paths = ("", *DATA, "nowhere", "assets/nothing.js", "theme.css", "gradio_api/file=nothing")
    answers = [httpx.get(url + path) for path in paths]
    answers.append(httpx.get(url, headers={"Origin": EVIL}))
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=(self), microphone=(self)" in answer.headers["permissions-policy"]
        policy = dict(
            rule.split(" ", 1)
            for rule in answer.headers["content-security-policy"].split("; ")
            if " " in rule
        )
        assert "'none'" in (policy.get("object-src"), policy["default-src"])
        assert policy["frame-ancestors"] == "'self'"
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert "'unsafe-inline'" not in policy.get("script-src", "")
        kept = answer.url.path.startswith(("/assets", "/theme.css"))
        assert kept or answer.headers["cache-control"] == "private, no-store", answer.url


def test_the_tunnels_name_is_answered_once_there_is_a_tunnel() -> None:
    page = small_page()
    with serving(page=page) as url:
        asked = {"Host": "abc.gradio.live", "Origin": "https://abc.gradio.live"}
        assert refused(httpx.get(url + "config", headers=asked))
        page.share, page.share_url = True, "https://abc.gradio.live"
        assert httpx.get(url + "config", headers=asked).status_code == 200
        assert refused(httpx.get(url + "config", headers=asked | {"Host": "other.gradio.live"}))
        assert refused(httpx.get(url + "config", headers=asked | {"Origin": "https://other.gradio.live"}))


def test_a_page_for_a_network_answers_to_addresses_and_the_machines_name() -> None:
    with serving(Settings(port=0, host="0.0.0.0", allowed_hosts="studio.example.org")) as open_url:
        for name in (
            socket.gethostname(),
            "192.0.2.1:7860",
            "[2001:db8::1]",
            "studio.example.org",
            "localhost",
        ):
            assert httpx.get(open_url + "config", headers={"Host": name}).status_code == 200, name
        for name in ("evil.example", "x.studio.example.org"):
            assert refused(httpx.get(open_url + "config", headers={"Host": name})), name
