"""Host and Origin headers: valid ones, refused ones, and which of them match."""

from __future__ import annotations

import ipaddress
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.web_address import Host, WebOrigin, parse_host, parse_origin

labels = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
names = st.lists(labels, min_size=1, max_size=4).map(".".join)
ports = st.integers(1, 65_535)
schemes = st.sampled_from(["http", "https"])
v6 = st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)


@given(names, st.none() | ports, st.booleans(), st.booleans())
def test_a_name_is_read_however_it_is_written(name: str, port: int | None, upper: bool, dot: bool) -> None:
    written = (name.upper() if upper else name) + ("." if dot else "")
    assert parse_host(written + (f":{port}" if port else "")) == Host(name, port)


@given(v6, st.none() | ports, st.booleans())
def test_an_ipv6_address_is_the_same_in_every_spelling(
    address: ipaddress.IPv6Address, port: int | None, long: bool
) -> None:
    written = address.exploded.upper() if long else str(address)
    host = parse_host(f"[{written}]" + (f":{port}" if port else ""))
    assert host == Host(str(address), port)
    assert host.address == address
    assert parse_host(written) is None or ":" not in written  # without brackets it is no host


@given(st.ip_addresses(v=4), st.none() | ports)
def test_an_ipv4_address_is_read(address: ipaddress.IPv4Address, port: int | None) -> None:
    host = parse_host(str(address) + (f":{port}" if port else ""))
    assert host == Host(str(address), port)
    assert host.is_loopback == address.is_loopback


@given(names, st.sampled_from(string.whitespace + "@/\\?#%,;'\"<>[]{}|^`\x00\x7f\xe9"), st.integers(0, 80))
def test_no_other_character_gets_into_a_name(name: str, sign: str, place: int) -> None:
    place = min(place, len(name))
    assert parse_host(name[:place] + sign + name[place:]) is None


@given(st.text(alphabet=string.printable, max_size=60))
def test_any_text_is_read_or_refused_and_what_is_read_is_written_the_same(text: str) -> None:
    host = parse_host(text)
    if host is not None:
        shown = f"[{host.name}]" if ":" in host.name else host.name
        assert parse_host(shown + (f":{host.port}" if host.port else "")) == host
        assert host.name == host.name.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a..b",
        "-a.example",
        "user@localhost",
        "localhost:7860@evil.example",
        "localhost, evil.example",
        "localhost:0",
        "localhost:65536",
        "localhost:78 60",
        "localhost:+80",
        "localhost:²",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
        "127.0.0.1.5",
        "256.0.0.1",
        "0177.0.0.1",
        "[::1",
        "::1",
        "[::1]7860",
        "[fe80::1%eth0]",
        "[127.0.0.1]",
        "x" * 64 + ".example",
        "a." * 130 + "example",
    ],
)
def test_invalid_hosts_are_refused(text: str) -> None:
    assert parse_host(text) is None
    assert parse_origin(f"http://{text}") is None


def test_loopback_names() -> None:
    inside = ["localhost", "LOCALHOST.", "127.0.0.1:7860", "127.9.9.9", "[::1]:1", "[0:0:0:0:0:0:0:1]"]
    mapped = "[::ffff:127.0.0.1]"
    for text in [*inside, mapped]:
        host = parse_host(text)
        assert host is not None
        assert host.is_loopback, text
    for text in ["localhost.evil.example", "127.0.0.1.nip.io", "0.0.0.0", "[::2]", "xn--lcalhost-5za"]:
        host = parse_host(text)
        assert host is not None
        assert not host.is_loopback, text


@given(schemes, names, ports)
def test_an_origin_is_of_the_host_that_the_browser_asks(scheme: str, name: str, port: int) -> None:
    origin = parse_origin(f"{scheme}://{name}:{port}")
    assert origin == WebOrigin(scheme, Host(name, port))
    assert origin.is_of(Host(name, port), scheme="http")
    assert not origin.is_of(Host(f"x{name}", port), scheme="http")
    assert not origin.is_of(Host(name, port % 65_535 + 1), scheme="http")
    assert origin.is_of(Host(name, port), scheme="https") == (scheme == "https")


def test_the_port_that_is_not_written_is_the_schemes_own() -> None:
    for scheme, port in (("http", 80), ("https", 443)):
        short, long = parse_origin(f"{scheme}://a.example"), parse_origin(f"{scheme}://a.example:{port}")
        assert short is not None
        assert long is not None
        assert short.port == long.port == port
        for host in (Host("a.example"), Host("a.example", port)):
            assert short.is_of(host, scheme="http")
            assert long.is_of(host, scheme="http")
        assert not short.is_of(Host("a.example", 7860), scheme="http")


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "NULL",
        "",
        "localhost",
        "//localhost",
        "file://",
        "chrome-extension://abcdef",
        "http://localhost/",
        "http://localhost/path",
        "http://user@localhost",
        "http://a b",
        "http:localhost",
        "http://localhost http://evil.example",
    ],
)
def test_invalid_origins_are_refused(text: str) -> None:
    assert parse_origin(text) is None
