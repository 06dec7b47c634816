"""A Hub on the loopback device that stores Spaces in memory, as far as a deployment needs it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hf_test"


@dataclass
class FakeHub:
    """The files of its Spaces, and the requests it received."""

    spaces: dict[str, dict[str, bytes]] = field(default_factory=dict)
    made: list[dict[str, Any]] = field(default_factory=list)
    hardware: list[str] = field(default_factory=list)
    running: str | None = None
    commits: int = 0
    address: str = ""

    def answer(self, method: str, path: str, body: bytes, token: str) -> tuple[int, Any]:
        """The status and the JSON for a request."""
        if token != f"Bearer {TOKEN}":
            return 401, {"error": "Invalid username or password."}
        if path == "/api/repos/create":
            return self._create(json.loads(body))
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        for repo, files in self.spaces.items():
            if path.startswith(f"/api/spaces/{repo}/") or path == f"/api/spaces/{repo}":
                return self._of_space(path.removeprefix(f"/api/spaces/{repo}"), repo, files, body)
        if path.startswith("/api/spaces/"):
            return 404, {"error": "Repository not found", "code": "RepoNotFound"}
        return 404, {"error": f"nothing at {method} {path}"}

    def _create(self, wish: dict[str, Any]) -> tuple[int, Any]:
        repo = f"{wish.get('organization') or 'ada'}/{wish['name']}"
        self.made.append(wish)
        url = {"url": f"{self.address}/spaces/{repo}"}
        if repo in self.spaces:
            return 409, {"error": "You already created this space repo"} | url
        self.spaces[repo] = {".gitattributes": b""}
        return 200, url

    def _of_space(self, path: str, repo: str, files: dict[str, bytes], body: bytes) -> tuple[int, Any]:
        if path.startswith("/preupload/"):
            asked = [f["path"] for f in json.loads(body)["files"]]
            modes = {"uploadMode": "regular", "shouldIgnore": False}
            return 200, {"files": [{"path": path} | modes for path in asked]}
        if path.startswith("/commit/"):
            self.commits += 1
            for line in map(json.loads, body.splitlines()):
                value = line["value"]
                if line["key"] == "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "deletedFile":
                    del files[value["path"]]
            url = f"{self.address}/spaces/{repo}/commit/{self.commits:040}"
            return 200, {"commitUrl": url, "commitOid": "0" * 40}
        if path.startswith("/tree/"):
            entries = [{"type": "file", "path": p, "size": len(d), "oid": "0" * 40} for p, d in files.items()]
            return 200, entries
        if path == "/hardware":
            self.hardware.append(json.loads(body)["flavor"])
            return 200, {"stage": "BUILDING", "hardware": {"current": None, "requested": self.hardware[-1]}}
        if path == "/runtime":
            requested = self.hardware[-1] if self.hardware else None
            return 200, {"stage": "RUNNING", "hardware": {"current": self.running, "requested": requested}}
        return 200, {"id": repo, "sha": "0" * 40, "siblings": [{"rfilename": p} for p in files]}


@contextmanager
def fake_hub() -> Iterator[FakeHub]:
    """A Hub that answers for the length of a `with` block."""
    hub = FakeHub()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.split("?")[0]
            status, said = hub.answer(self.command, path, body, self.headers.get("Authorization", ""))
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if "error" in said:
                self.send_header("X-Error-Message", str(said["error"]))
            if "code" in said:
                self.send_header("X-Error-Code", said["code"])
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_HEAD = _any  # noqa: N815 (their names in http.server)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
