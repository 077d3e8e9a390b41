"""The programs under test as child processes, and what can be asked of them from outside."""

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

from raw_http import Connection

PATIENCE = 20.0  # seconds until something that should happen at once counts as never


def pause(seconds=0.005):
    threading.Event().wait(seconds)


def fault_of(fault):
    """The header that asks a simulator for a fault; none of it where there is none."""
    return {"x-sim-fault": fault} if fault else {}


def eventually(ask, within=PATIENCE, what="it"):
    """The first true answer of `ask`, which is asked again until then."""
    until = time.monotonic() + within
    while True:
        if answer := ask():
            return answer
        if time.monotonic() > until:
            break
        pause()
    raise AssertionError(f"{what} did not happen within {within} s")


class Response(NamedTuple):
    status: int
    headers: dict  # names in small letters; of a repeated field the last
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json()["error"]


class Program:
    expected_code = 0

    """A child process; its first lines on standard output say where it listens."""

    def __init__(self, binary, arguments, directory, environment=None):
        self.name = Path(binary).name
        self.errors = Path(directory) / f"{self.name}.{os.urandom(4).hex()}.stderr"
        self.lines = []
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [binary, *arguments],
                cwd=directory,
                env={"PATH": os.environ.get("PATH", ""), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def port(self, word):
        """Where it says that it listens; a program that does not say so is ended."""
        try:
            return self._port(word)
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise

    def _port(self, word):
        def find():
            for line in self.lines:
                if line.startswith(word + " "):
                    return int(line.rsplit(":", 1)[1])
            assert self.process.poll() is None, f"{self.name} stopped at once: {self.error_text()}"
            return None

        return eventually(find, what=f"the line '{word} HOST:PORT' of {self.name}")

    def error_text(self):
        return self.errors.read_text(errors="replace")

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, within=PATIENCE):
        return self.process.wait(within)

    def kill(self):
        """As a machine that fails ends it: it cannot tidy up."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.expected_code = -signal.SIGKILL

    def stop(self):
        """Ends it as an operator would, twice asked if need be; it has to stop in good order."""
        try:
            for within in (1.0, 5.0):
                if self.process.poll() is not None:
                    break
                self.signal(signal.SIGTERM)
                try:
                    self.wait(within)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            killed = self.process.poll() is None
            if killed:
                self.process.kill()
            code = self.process.wait()
            self._reader.join()
            self.process.stdout.close()
        assert not killed, f"{self.name} did not stop when told to"
        assert code == self.expected_code, f"{self.name} ended with {code}: {self.error_text()[-4000:]}"

    def resident_bytes(self):
        return self._memory("VmRSS")

    def resident_bytes_max(self):
        """The most it has ever had."""
        return self._memory("VmHWM")

    def _memory(self, name):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(name + r":\s+(\d+) kB", status).group(1)) * 1024


def ask(port, method, path, body=None, headers=None, tls=None, host="127.0.0.1"):
    """One request on a connection of its own."""
    if tls is None:
        connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    else:
        connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=tls)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, fields, answer.read())
    finally:
        connection.close()


class Simulator(Program):
    def __init__(self, binary, directory, *options, scenario=None, fast=True):
        arguments = ["--listen", "127.0.0.1:0", *(["--fast"] if fast else []), *options]
        if scenario is not None:
            file = Path(directory) / f"scenario.{os.urandom(4).hex()}.json"
            file.write_text(json.dumps(scenario))
            arguments += ["--scenario", str(file)]
        super().__init__(binary, arguments, directory)
        self.address = self.port("listening")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.address}"

    def requests(self):
        return ask(self.address, "GET", "/sim/requests").json()["requests"]

    def body(self, number):
        return ask(self.address, "GET", f"/sim/body/{number}").body

    def state(self):
        return ask(self.address, "GET", "/sim/state").json()

    def bill(self):
        """What the simulator's callers owe, once nothing is in flight any more."""

        def settled():
            bill = ask(self.address, "GET", "/sim/bill").json()
            return bill if bill["in_flight"] == 0 else None

        return eventually(settled, what="a bill with nothing in flight")

    def tell_clock(self, now=None, speed=0):
        """Sets the calendar that it bills by; it stands still unless a speed is given."""
        told = {"speed": speed} | ({"now": now} if now else {})
        answer = ask(self.address, "POST", "/sim/clock", json.dumps(told).encode())
        assert answer.status == 200, answer
        return answer.json()

    def reset(self):
        ask(self.address, "POST", "/sim/reset", b"")

    def only_request(self):
        (request,) = self.requests()
        return request


class Gateway(Program):
    def __init__(self, binary, directory, config, environment=None):
        name = os.urandom(4).hex()
        self.config_file = Path(directory) / f"sluice.{name}.yaml"
        # One directory, one gateway: a test that wants to share one names it.
        if isinstance(config, dict) and "data" not in config:
            config = {**config, "data": str(Path(directory) / f"data.{name}")}
        self.config = config
        self.write_config(config)
        super().__init__(binary, ["serve", "-c", str(self.config_file)], directory, environment)
        self.address = self.port("listening")
        self.admin = self.port("admin")

    def write_config(self, config):
        """A mapping, or the text of the file; JSON is YAML."""
        self.config_file.write_text(config if isinstance(config, str) else json.dumps(config, indent=1))

    def reload(self, config, outcome="reloaded"):
        """Writes the config, sends HUP, and waits for the log to say what came of it."""
        before = len(self.events(outcome))
        if isinstance(config, dict) and isinstance(self.config, dict):
            config = {"data": self.config["data"], **config}
        self.write_config(config)
        self.signal(signal.SIGHUP)
        return eventually(lambda: self.events(outcome)[before:], what=f"a log line '{outcome}'")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.address}"

    def connect(self):
        return Connection(self.address)

    def ask(self, method, path, body=None, headers=None, tls=None):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        return ask(self.address, method, path, body, headers, tls)

    def chat(self, headers=None, **fields):
        body = {"model": "m", "messages": [{"role": "user", "content": "Hello!"}], **fields}
        return self.ask("POST", "/v1/chat/completions", body, headers)

    def ask_admin(self, path, headers=None, method="GET"):
        return ask(self.admin, method, path, None, headers)

    def metrics(self):
        """Every series with its value: 'name{label="x"}' to a number."""
        values = {}
        for line in self.ask_admin("/metrics").body.decode().splitlines():
            if line and not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                values[series] = float(value)
        return values

    def log(self):
        """The log lines so far; one that is being written is left out."""
        text = self.error_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def events(self, name):
        return [line for line in self.log() if line["event"] == name]

    def record(self, request_id):
        """The log line of one request, which comes after its answer."""

        def find():
            found = [line for line in self.events("request") if line["request_id"] == request_id]
            return found[0] if found else None

        return eventually(find, what=f"the log line of {request_id}")

    def record_of(self, answer):
        """The log line of the request that got this answer."""
        return self.record(answer.headers["x-sluice-request-id"])

    def last_record(self):
        return eventually(lambda: self.events("request"), what="a log line")[-1]


def trusting(authority):
    """A client's TLS settings with this file as its only authority."""
    return ssl.create_default_context(cafile=str(authority))
