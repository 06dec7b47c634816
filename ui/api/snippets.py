"""The examples of "Use via API": code that runs as it stands, with the portrait and voice that ship.

Gradio would show every parameter with its default, so a call without consent, and a PDF as the portrait.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ui.components.examples import CLIP, example_portraits, example_voices

FILE = {"_type": "gradio.FileData"}
COLUMNS = ["preview", "preview:lively"]
OWNED = ("videos", "delete", "curves")
"""Endpoints that need a token and a video of one's own: their examples make them first."""
MAKER = "preview"
FORMAT = "live-link-face"
"""Of the curves in the examples."""
Files = Mapping[str, str]
"""The addresses of a portrait, a voice and a video, by parameter."""


def example_files(page: str) -> dict[str, str]:
    """The addresses of the examples on this page; empty if none ship. page: its address, with a slash."""
    people = [one.path.name for one in example_portraits() if one.animation_mode == "human"]
    voices = [one.path.name for one in example_voices()]
    if not people or not voices:
        return {}
    at = f"{page}joystudio/examples/"
    return {"portrait": f"{at}{people[0]}", "voice": f"{at}{voices[-1]}", "video": f"{at}{CLIP.name}"}


def snippets(endpoint: str, page: str, *, login: bool) -> dict[str, str]:
    """The code for an endpoint, by language; empty if there are no examples to use.

    page: the page's address, with a slash. login: whether the page asks for a name and a password.
    """
    left_out = "portrait" if endpoint == "dub" else "video"
    files = {name: address for name, address in example_files(page).items() if name != left_out}
    if not files:
        return {}
    write = {"python": _python, "javascript": _javascript, "bash": _bash, "cli": _cli}
    return {language: code(endpoint, page, files, login) for language, code in write.items()}


def _values(endpoint: str) -> dict[str, Any]:
    """What a call needs besides files."""
    return {"consent": True} | ({"columns": COLUMNS} if endpoint == "compare" else {})


def _python(endpoint: str, page: str, files: Files, login: bool) -> str:
    who = ', auth=("NAME", "PASSWORD")' if login else ""
    owned = endpoint in OWNED
    first = ["import secrets", ""] if owned else []
    first += ["from gradio_client import Client, handle_file", "", f'client = Client("{page}"{who})']
    if owned:
        first.append("owner = secrets.token_urlsafe(32)  # keep it: your videos belong to it")
    maker = MAKER if owned else endpoint
    what = "files, news" if endpoint == "compare" else "video, facts"
    call = [f'    {name}=handle_file("{address}"),  # or a path' for name, address in files.items()]
    call += [f"    {name}={value!r}," for name, value in _values(maker).items()]
    call += ["    owner=owner,"] if owned else []
    lines = [*first, f"{what} = client.predict(", *call, f'    api_name="/{maker}",', ")"]
    after = {
        "compare": "print(files)",
        "videos": 'print(client.predict(owner=owner, api_name="/videos"))',
        "delete": 'print(client.predict(owner=owner, id=facts["id"], api_name="/delete"))',
        "curves": f'print(client.predict(owner, facts["id"], "{FORMAT}", api_name="/curves")["file"])',
    }
    return "\n".join([*lines, after.get(endpoint, "print(video)")])


def _payload(endpoint: str, files: Files) -> dict[str, Any]:
    sent = {name: {"path": address, "meta": FILE} for name, address in files.items()}
    return sent | _values(endpoint)


def _javascript(endpoint: str, page: str, files: Files, login: bool) -> str:
    headers = {"Content-Type": "application/json"}
    who = ', Authorization: `Basic ${btoa("NAME:PASSWORD")}`' if login else ""
    owned = endpoint in OWNED
    maker = MAKER if owned else endpoint
    payload = json.dumps(_payload(maker, files), indent=2)
    lines = [
        f'const page = "{page}gradio_api/call";',
        f"const headers = {{ ...{json.dumps(headers)}{who} }};",
        "async function call(name, values) {",
        '  const request = { method: "POST", headers, body: JSON.stringify(values) };',
        "  const { event_id } = await (await fetch(`${page}/v2/${name}`, request)).json();",
        "  const news = await (await fetch(`${page}/${name}/${event_id}`, { headers })).text();",
        '  const last = news.trim().split("\\n").pop().replace("data: ", "");',
        '  if (news.includes("event: error")) throw new Error(last);',
        "  return JSON.parse(last);",
        "}",
    ]
    if owned:
        lines.append("const owner = crypto.randomUUID(); // keep it: your videos belong to it")
        payload = f"{{ owner, ...{payload} }}"
    what = "[files]" if endpoint == "compare" else "[video, facts]"
    lines.append(f'const {what} = await call("{maker}", {payload});')
    after = {
        "compare": "console.log(files.map((file) => file.url));",
        "videos": 'console.log(JSON.stringify(await call("videos", { owner })));',
        "delete": 'console.log(JSON.stringify(await call("delete", { owner, id: facts.id })));',
        "curves": f'const wish = {{ owner, id: facts.id, format: "{FORMAT}" }};\n'
        'console.log((await call("curves", wish))[0].file);',
    }
    return "\n".join([*lines, after.get(endpoint, "console.log(video.url);")])


def _bash(endpoint: str, page: str, files: Files, login: bool) -> str:
    who = " -u NAME:PASSWORD" if login else ""
    owned = endpoint in OWNED
    maker = MAKER if owned else endpoint
    at = f"{page}gradio_api/call"
    lines = [
        "call() {  # NAME VALUES",
        f'  EVENT=$(curl -s{who} "{at}/v2/$1" -H "Content-Type: application/json" -d "$2" \\',
        '    | sed \'s/.*"event_id": *"\\([^"]*\\)".*/\\1/\')',
        f'  curl -sN{who} "{at}/$1/$EVENT" | tail -n 2',
        "}",
    ]
    payload = json.dumps(_payload(maker, files))
    if not owned:
        return "\n".join([*lines, f"call {maker} '{payload}'"])
    lines.append("OWNER=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \\n')  # keep it: your videos belong to it")
    own = json.dumps({"owner": "OWNER"}).replace("OWNER", "'$OWNER'")
    lines.append(f"MADE=$(call {maker} '{payload[:-1]}, {own[1:]}')")
    if endpoint == "videos":
        return "\n".join([*lines, f"call videos '{own}'"])
    lines.append('ID=$(echo "$MADE" | sed -n \'s/.*"id": *"\\([^"]*\\)".*/\\1/p\')')
    more = f', "format": "{FORMAT}"' if endpoint == "curves" else ""
    return "\n".join([*lines, f"call {endpoint} '" + own[:-1] + f', "id": "\'$ID\'"{more}}}\''])


def _cli(endpoint: str, page: str, files: Files, login: bool) -> str:
    """The page puts the command that the visitor chooses in the place of the first {command} only."""
    owned = endpoint in OWNED
    maker = MAKER if owned else endpoint
    payload = json.dumps(_payload(maker, files), indent=2)
    if not owned:
        return f"{{command}} predict {page} /{maker} '{payload}'"
    own = '"owner": "\'$OWNER\'"'
    lines = [
        f'call() {{ {{command}} predict {page} "$@"; }}',
        "OWNER=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \\n')  # keep it: your videos belong to it",
        f"MADE=$(call /{maker} '{payload[:-2]},\n  {own}\n}}')",
    ]
    if endpoint == "videos":
        return "\n".join([*lines, f"call /videos '{{{own}}}'"])
    lines.append('ID=$(echo "$MADE" | sed -n \'s/.*"id": *"\\([^"]*\\)".*/\\1/p\')')
    more = f', "format": "{FORMAT}"' if endpoint == "curves" else ""
    return "\n".join([*lines, f"call /{endpoint} '{{{own}, \"id\": \"'$ID'\"{more}}}'"])
