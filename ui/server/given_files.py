"""What programs and language models give in the place of a file, as an address that Gradio takes.

Gradio's server for language models refuses everything but web addresses and `data:` addresses, in words of
its own. Clients also send the path that an upload gave, that path in an object, a path of their own machine,
or nothing. Here each becomes an address of the reserved host GIVEN (RFC 2606), which `ui.server.named_files`
resolves, or refuses in our words.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ui.api.parameters import FILES
from ui.components.examples import example_portraits, example_voices
from ui.server.addresses import EXAMPLES

GIVEN = "given.invalid"
LONGEST = 4_000
"""Characters of a path that are passed on."""
LARGEST = 64_000_000
"""Bytes of a call that is read for this; a larger one carries its files as `data:` addresses."""
UPLOADED = "/gradio_api/file="
BROKEN = "data:"
"""Passed on in the place of a `data:` address that cannot be decoded."""
_DATA = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w.+=-]+)*;base64,", re.ASCII)


def with_addresses(content: bytes) -> bytes:
    """A JSON-RPC message to the tools with an address for every file; other messages are unchanged."""
    if b"tools/call" not in content or len(content) > LARGEST:
        return content
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        return content  # refused by the server for tools
    changed = [_named(one) for one in (message if isinstance(message, list) else [message])]
    return json.dumps(message).encode() if any(changed) else content


def _named(message: Any) -> bool:
    """Change the files of one message; whether any had to be."""
    params = message.get("params") if isinstance(message, dict) else None
    given = params.get("arguments") if isinstance(params, dict) else None
    if not isinstance(given, dict):
        return False
    before = dict(given)
    for name in FILES & given.keys():
        if (address := _address(given[name])) is None:
            del given[name]  # an optional file that is not given
        else:
            given[name] = address
    return given != before


def _address(value: Any) -> str | None:
    if isinstance(value, dict):  # a file as the answer of an upload, or as other calls send it
        value = next((value[key] for key in ("url", "path") if isinstance(value.get(key), str)), "")
    if isinstance(value, list) and len(value) == 1:  # the answer of an upload
        value = value[0]
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    if text.startswith(("http://", "https://")):
        return text
    if text.startswith("data:"):
        return text if _is_data(text) else given_address(BROKEN)
    return given_address(text[:LONGEST])


def _is_data(text: str) -> bool:
    """Whether it is a `data:` address (RFC 2397) in base64."""
    head = _DATA.match(text[:200])
    try:
        return head is not None and bool(base64.b64decode(text[head.end() :]))
    except (binascii.Error, ValueError):
        return False


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
    known = (*example_portraits(), *example_voices())
    return next((one.path for one in known if one.path.name == unquote(name)), None)
