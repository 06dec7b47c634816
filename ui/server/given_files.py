"""What programs and language models give in the place of a file, as an address that Gradio takes.

Gradio's server for language models refuses everything but web addresses and `data:` addresses, in words of
its own. Clients also send the path that an upload gave, that path in an object, a path of their own machine,
or nothing. Here each becomes an address of the reserved host GIVEN (RFC 2606), which `ui.server.named_files`
resolves, or refuses in our words. A `data:` address becomes an upload first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ui.api.parameters import FILES
from ui.components.examples import CLIP, example_portraits, example_voices
from ui.server.addresses import EXAMPLES

GIVEN = "given.invalid"
LONGEST = 4_000
"""Characters of a path that are passed on."""
UPLOADED = "/gradio_api/file="
BROKEN = "data:"
"""Passed on in the place of a `data:` address that cannot be used; its bytes follow if they are too many."""


def with_addresses(content: bytes, stored: Callable[[str], str]) -> bytes:
    """A JSON-RPC message to the tools with an address for every file; other messages are unchanged.

    stored: makes an upload of a `data:` address and gives what is passed on in its place; its errors are
    raised.
    """
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        return content  # refused by the server for tools
    changed = [_named(one, stored) for one in (message if isinstance(message, list) else [message])]
    return json.dumps(message).encode() if any(changed) else content


def _named(message: Any, stored: Callable[[str], str]) -> bool:
    """Change the files of one message; whether any had to be."""
    calls = isinstance(message, dict) and message.get("method") == "tools/call"
    params = message.get("params") if calls else None
    given = params.get("arguments") if isinstance(params, dict) else None
    if not isinstance(given, dict):
        return False
    before = dict(given)
    for name in FILES & given.keys():
        if (address := _address(given[name], stored)) is None:
            del given[name]  # an optional file that is not given
        else:
            given[name] = address
    return given != before


def _address(value: Any, stored: Callable[[str], str]) -> str | None:
    if isinstance(value, dict):  # a file as the answer of an upload, or as other calls send it
        value = next((value[key] for key in ("url", "path") if isinstance(value.get(key), str)), "")
    if isinstance(value, list) and len(value) == 1:  # the answer of an upload
        value = value[0]
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    if text.startswith(("http://", "https://")):
        return text
    return given_address(stored(text) if text.startswith(BROKEN) else text[:LONGEST])


def given_address(text: str) -> str:
    """The address that passes a text on."""
    return f"http://{GIVEN}/?{quote(text, safe='')}"


def given_text(url: str) -> str | None:
    """The text of such an address; None for any other address."""
    try:
        parts = urlsplit(url)
        return unquote(parts.query) if parts.hostname == GIVEN else None
    except ValueError:
        return None


def uploaded_file(text: str, uploads: Path) -> Path | None:
    """The upload that a path or an address of this server names; else None.

    The unguessable path is enough to use an upload, as in every call.
    """
    _, found, after = text.partition(UPLOADED)
    path = Path(unquote(after) if found else text.removeprefix("file://").removeprefix("file="))
    try:
        inside = path.is_absolute() and path.resolve().is_relative_to(uploads.resolve())
        return path if inside and path.is_file() and not path.is_symlink() else None
    except (OSError, ValueError):  # no file can have this name
        return None


def example_file(text: str) -> Path | None:
    """The example that an address of this server names; else None."""
    folder, _, name = text.partition("?")[0].rpartition("/")
    if not folder.endswith(f"/{EXAMPLES}"):
        return None
    known = (*(one.path for one in (*example_portraits(), *example_voices())), CLIP)
    return next((path for path in known if path.name == unquote(name)), None)
