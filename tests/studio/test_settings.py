from __future__ import annotations

from pathlib import Path

import pytest

from engines.joyvasa.fast.packed_linear import SWITCH as PACKED
from engines.weights.catalogue import default_root
from media.errors import OptionError
from media.startup_shortcuts import SWITCH, shortcuts
from media.switches import is_on
from studio.settings import Settings


def test_variables_are_read_and_the_history_follows_the_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", "/somewhere else")
    monkeypatch.setenv("JOYSTUDIO_MAX_SIDE", "512")
    settings = Settings()
    assert settings.outputs == Path("/somewhere else")
    assert settings.history == Path("/somewhere else/history.sqlite")
    assert settings.max_side == 512
    monkeypatch.setenv("JOYSTUDIO_HISTORY", "/other.sqlite")
    assert Settings().history == Path("/other.sqlite")


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_folder_address_or_certificate_counts_as_not_set(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for name in ("LOCAL_FILES", "CERTIFICATE", "PRIVATE_KEY", "AUTH_FILE", "SERVE_TOKENS"):
        monkeypatch.setenv(f"JOYSTUDIO_{name}", value)
    for name in ("OUTPUTS", "HISTORY", "WEIGHTS", "PRESETS", "KEYS", "DEVICE", "HOST"):
        monkeypatch.setenv(f"JOYSTUDIO_{name}", value)
    settings = Settings()
    for name in ("outputs", "weights", "presets", "keys", "device", "host"):
        assert getattr(settings, name) == Settings.model_fields[name].default
    assert settings.history == Path("outputs/history.sqlite")
    assert default_root() == Path("weights")
    assert settings.this_machine_only
    assert settings.readable_folder is None
    assert (settings.certificate, settings.private_key) == (None, None)
    # Without a login, everybody would come in.
    assert settings.auth_file is not None
    assert settings.serve_tokens is not None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "99999", "JOYSTUDIO_PORT is '99999', but takes 0 to 65535"),
        ("QUALITY", "best", "JOYSTUDIO_QUALITY is 'best', but takes 0 to 51"),
        ("MAX_SIDE", "10", "JOYSTUDIO_MAX_SIDE is '10', but takes 64 to 8192"),
    ],
)
def test_a_bad_variable_is_reported_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"JOYSTUDIO_{name}", value)
    with pytest.raises(OptionError, match=message):
        Settings()


@pytest.mark.parametrize(("value", "on"), [("1", True), ("true", True), ("0", False), ("off", False)])
def test_switches_are_read_the_same_way_before_and_in_the_settings(
    monkeypatch: pytest.MonkeyPatch, value: str, on: bool
) -> None:
    monkeypatch.setenv(SWITCH, value)
    monkeypatch.setenv(PACKED, value)
    assert Settings().startup_shortcuts is shortcuts() is on
    assert Settings().packed_layers is is_on(PACKED) is on
