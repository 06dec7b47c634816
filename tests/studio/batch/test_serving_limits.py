"""The API's tokens, and the limits of requests and their bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from media.errors import OptionError
from studio.serving.login import FromWebsite, Login, NotLoggedIn
from studio.serving.request_limits import CallerFull, RequestLimits, ServerFull
from studio.settings import Settings

GOOD = "0123456789abcdef0123456789abcdef"


def login(folder: Path, text: str) -> Login:
    file = folder / "tokens"
    file.write_text(text, encoding="utf-8")
    return Login.of(file)


def test_a_token_of_the_file_is_let_in_and_distinguished_from_others(tmp_path: Path) -> None:
    one = login(tmp_path, f"# ann\n{GOOD}\n\n# ben\n  {GOOD[::-1]}  \n")
    ann, ben = one.check(f"Bearer {GOOD}"), one.check(f"bearer  {GOOD[::-1]}")
    assert ann != ben
    assert GOOD not in ann
    assert GOOD not in repr(one)


def test_without_a_file_every_request_is_accepted() -> None:
    assert Login.of(None).check(None) == ""


@given(st.one_of(st.none(), st.text(), st.text().map("Bearer {}".format)))
def test_every_other_token_is_refused(sent: str | None) -> None:
    known = Login((b"x" * 32,))
    with pytest.raises(NotLoggedIn, match="Authorization: Bearer"):
        known.check(sent)


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://rebound.example:8000", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_without_a_login_no_website_makes_a_video(tmp_path: Path, sent: dict[str, str]) -> None:
    with pytest.raises(FromWebsite, match="JOYSTUDIO_SERVE_TOKENS"):
        Login().refuse_websites(Headers(sent))
    login(tmp_path, GOOD).refuse_websites(Headers(sent))  # its caller has sent a token


@pytest.mark.parametrize("sent", [{}, {"User-Agent": "curl"}, {"Sec-Fetch-Site": "none"}])
def test_without_a_login_programs_make_videos(sent: dict[str, str]) -> None:
    Login().refuse_websites(Headers(sent))


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "has no token"), ("# nothing\n", "has no token"), (f"{GOOD}\nshort\n", "of 5 characters")],
)
def test_a_file_that_protects_nothing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        login(tmp_path, text)
    with pytest.raises(OptionError, match="cannot be read"):
        Login.of(tmp_path / "missing")


@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")  # Serve's own
def test_ray_serve_lets_every_allowed_request_in_and_more_for_their_refusals(tmp_path: Path) -> None:
    from studio.serving.app import open_requests

    for most in (1, 100, 5000):
        assert open_requests(Settings(outputs=tmp_path, serve_requests=most)) > most


def test_each_bound_of_the_room_refuses_with_its_number() -> None:
    room = RequestLimits(requests=3, per_caller=2, max_bytes=1_000_000)
    places = [room.enter("ann"), room.enter("ann")]
    with pytest.raises(CallerFull, match="2 requests of yours"):
        room.enter("ann")
    places.append(room.enter("ben"))
    with pytest.raises(ServerFull, match="3 requests are open"):
        room.enter("cleo")
    places[0].took(900_000)
    with pytest.raises(ServerFull, match="already have 1 MB; the limit is 1 MB"):
        places[1].took(200_000)
    places[0].leave()
    places[0].leave()
    places[1].took(200_000)
    room.enter("ann")
