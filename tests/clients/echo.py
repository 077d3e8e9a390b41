"""A provider that answers what a test says and remembers what it was asked, behind a gateway by each API."""

import contextlib
import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from programs import Gateway

from conftest import BINARIES

PROVIDERS = {
    "chat": {"dialect": "openai", "endpoints": ["chat"], "flavour": "openai"},
    "responses": {"dialect": "openai", "endpoints": ["responses"], "flavour": "openai"},
    "messages": {"dialect": "anthropic", "flavour": "anthropic"},
}
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}


class Heard(NamedTuple):
    status: int
    body: bytes
    request_id: str
    dropped: list[str]  # the names of what was left out


class Echo:
    """Asks the gateway for the model called `chat`, `responses` or `messages`, which has that API only."""

    def __init__(self):
        self.connection = None  # to the gateway
        self.answers = {}  # by API
        self.asked = b""  # the body that came last

    def ask(self, path, body):
        self.asked = b""
        self.connection.request("POST", path, body, {"content-type": "application/json"})
        answer = self.connection.getresponse()
        said = answer.read()
        dropped = answer.getheader("x-sluice-dropped") or ""
        request_id = answer.getheader("x-sluice-request-id")
        return Heard(answer.status, said, request_id, [name for name in dropped.split(", ") if name])


def handler_of(echo):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            echo.asked = self.rfile.read(int(self.headers["content-length"]))
            api = next(name for name, path in PATHS.items() if path == self.path)
            body = json.dumps(echo.answers[api]).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def log_message(self, *_):
            pass

    return Handler


@contextlib.contextmanager
def echoing(directory, models, **more):
    """`models` are the names by which each provider is asked; `more` goes into the config."""
    echo = Echo()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(echo))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    providers = {
        name: {**one, "base_url": url + ("/v1" if one["dialect"] == "openai" else ""), "key": "sk-echo"}
        for name, one in PROVIDERS.items()
    }
    config = {
        "listen": "127.0.0.1:0",
        "admin": {"listen": "127.0.0.1:0"},
        "auth": "open",
        "providers": providers,
        "models": {name: {"ladder": [f"{name}/{models[name]}"]} for name in PROVIDERS},
        **more,
    }
    gateway = Gateway(str(BINARIES / "sluice"), directory, config)
    echo.connection = HTTPConnection("127.0.0.1", gateway.address)
    yield echo
    echo.connection.close()
    gateway.stop()
    server.shutdown()
    thread.join()
    server.server_close()
