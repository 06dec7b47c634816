"""A Hugging Face Hub on loopback that has every file, all alike, also at the addresses of ModelScope."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """How the Hub should behave, and the requests it received: (repository, file).

    go: a file is sent only while this is set. stalls: by its name, bytes of a file after which the rest of it
    is not sent, once. ended: what lets a request end that has stalled. ranges: where the requests of a file
    began.
    """

    size: int = 300_000
    refuses: bool = False
    go: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    stalls: dict[str, int] = field(default_factory=dict)
    ranges: dict[str, list[int]] = field(default_factory=dict)


@contextmanager
def running_hub() -> Iterator[tuple[Hub, str]]:
    """A Hub and its address for the length of a `with` block."""
    hub = Hub()
    hub.go.set()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, body: bool) -> None:
            place = re.fullmatch(
                r"/(?:models/)?([^/]+/[^/]+)/resolve/[^/]+/(.+)", unquote(self.path.split("?")[0])
            )
            if place is None or hub.refuses:
                self.send_error(404)
                return
            wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            begin = int(wanted[1]) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(hub.size - begin))
            if wanted:
                self.send_header("Content-Range", f"bytes {begin}-{hub.size - 1}/{hub.size}")
            self.send_header("ETag", '"' + f"{abs(hash(self.path)):040x}"[:40] + '"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if body:
                hub.asked.append((place[1], place[2]))
                hub.ranges.setdefault(place[2], []).append(begin)
                hub.go.wait(30)
                stalls = hub.stalls.pop(place[2], None)
                if stalls is not None:
                    self.wfile.write(b"w" * (stalls - begin))
                    self.wfile.flush()
                    hub.ended.wait(30)
                    return
                self.wfile.write(b"w" * (hub.size - begin))

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub, f"http://127.0.0.1:{server.server_port}"
    finally:
        hub.go.set()
        hub.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(30)
