"""A web server on this machine that interrupts, redirects, forgets ranges and lies about lengths."""

from __future__ import annotations

import contextlib
import http.server
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Lies:
    """How the server behaves, and what it was asked: (path, Range) of each request."""

    content: bytes = b""
    cut_after: list[int] = field(default_factory=list)
    """Of the first answers: bytes that are sent before the connection breaks."""
    length_off_by: int = 0
    """Added to the true Content-Length of whole answers."""
    ranges: bool = True
    tag: str = '"1"'
    codes: list[int] = field(default_factory=list)
    """Of the first answers: codes instead of the content."""
    wrong_piece: bool = False
    """Answers a range with the file's beginning."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


class Handler(http.server.BaseHTTPRequestHandler):
    """GET /redirect/x leads to /x; each other path is the content."""

    lies: Lies

    def log_message(self, *words) -> None:
        """Nothing: the tests read `asked`."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_GET(self) -> None:
        lies = self.lies
        wanted = self.headers.get("Range", "")
        lies.asked.append((self.path, wanted))
        if self.path.startswith("/redirect"):
            return self._head(302, {"Location": self.path.removeprefix("/redirect"), "Content-Length": "0"})
        if lies.codes:
            return self._head(lies.codes.pop(0), {"Content-Length": "0"})
        same = self.headers.get("If-Range", lies.tag) == lies.tag
        start = int(re.findall(r"\d+", wanted)[0]) if wanted and lies.ranges and same else 0
        total = len(lies.content)
        if start >= total > 0:
            return self._head(416, {"Content-Range": f"bytes */{total}", "Content-Length": "0"})
        piece = 0 if lies.wrong_piece else start
        body = lies.content[piece:]
        known = {"Accept-Ranges": "bytes"} if lies.ranges else {}
        known |= {"ETag": lies.tag, "Content-Type": "application/zip", **lies.headers} if lies.tag else {}
        length = {"Content-Length": str(len(body) + (0 if start else lies.length_off_by))}
        if start:
            known["Content-Range"] = f"bytes {piece}-{total - 1}/{total}"
        self._head(206 if start else 200, {**known, **length})
        cut = lies.cut_after.pop(0) if lies.cut_after else len(body)
        with contextlib.suppress(OSError):
            self.wfile.write(body[: min(cut, int(length["Content-Length"]))])
        self.close_connection = True

    def _head(self, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


@contextlib.contextmanager
def serving(lies: Lies, port: int = 0) -> Iterator[str]:
    """The server's address, as long as it runs."""
    handler = type("Here", (Handler,), {"lies": lies})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
