"""The names that the page answers to, for each address it can listen on."""

from __future__ import annotations

import pytest

from media.errors import OptionError
from studio.allowed_hosts import AllowedHosts, parse_list
from studio.settings import Settings
from studio.web_address import Host, parse_host, parse_origin

INSIDE = ["localhost", "localhost:7860", "127.0.0.1:7860", "[::1]:7860", "LocalHost."]
OUTSIDE = ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:7860", "evil.localhost.example"]


def host(text: str) -> Host:
    parsed = parse_host(text)
    assert parsed is not None
    return parsed


def allows(hosts: AllowedHosts, *texts: str) -> bool:
    answers = {hosts.allow(host(text)) for text in texts}
    assert len(answers) == 1
    return answers.pop()


@pytest.mark.parametrize("bound_to", ["127.0.0.1", "localhost", "::1", "127.0.0.5"])
def test_inside_the_machine_only_its_inner_names_will_do(bound_to: str) -> None:
    hosts = AllowedHosts.of(bound_to, machine="workstation")
    assert allows(hosts, *INSIDE)
    assert not allows(hosts, *OUTSIDE, "workstation", "192.168.1.5:7860", "[fe80::1]")


@pytest.mark.parametrize("bound_to", ["0.0.0.0", "::", "192.168.1.5"])
def test_for_a_network_addresses_and_the_machines_own_names_will_do(bound_to: str) -> None:
    hosts = AllowedHosts.of(bound_to, machine="Workstation.lab.example")
    assert allows(hosts, *INSIDE, "192.168.1.5:7860", "[fe80::1]", "workstation", "workstation.local:7860")
    assert allows(hosts, "workstation.lab.example")
    assert not allows(hosts, *OUTSIDE, "lab.example", "other.local")


def test_a_name_to_listen_on_is_an_allowed_name() -> None:
    assert allows(AllowedHosts.of("studio.lan", machine=""), "studio.lan:7860")


def test_the_owners_names_are_added() -> None:
    named = "Studio.Example.org, *.lab.example ,videos.example:8443"
    for bound_to in ("127.0.0.1", "0.0.0.0"):
        hosts = AllowedHosts.of(bound_to, named, machine="")
        assert allows(
            hosts, "studio.example.org", "studio.example.org:1234", "a.lab.example", "a.b.lab.example"
        )
        assert allows(hosts, "videos.example:8443")
        assert not allows(
            hosts, *OUTSIDE, "lab.example", "x.studio.example.org", "xlab.example", "videos.example:1"
        )
    assert allows(AllowedHosts.of("127.0.0.1", "*"), *OUTSIDE)


def test_a_website_is_known_by_the_owners_names_where_a_proxy_changes_the_host() -> None:
    hosts = AllowedHosts.of("127.0.0.1", "studio.example.org, videos.example:8443, *", machine="")

    def names(text: str) -> bool:
        origin = parse_origin(text)
        assert origin is not None
        return hosts.names(origin)

    assert names("https://studio.example.org")
    assert names("http://studio.example.org:80")
    assert names("https://videos.example:8443")
    assert not names("https://studio.example.org:8443")
    assert not names("https://videos.example")
    assert not names("https://evil.example")  # any name is not any website
    assert not names("http://localhost")


@pytest.mark.parametrize(
    "text", ["a b", "https://a.example", "a.example/x", "a.*.example", "**", "a@b", "é.example"]
)
def test_invalid_names_are_refused_at_the_start(text: str) -> None:
    with pytest.raises(OptionError, match=r"JOYSTUDIO_ALLOWED_HOSTS has .* not the name of a host"):
        Settings(allowed_hosts=f"good.example, {text}")
    assert parse_list(" , ") == ()
