"""How each gateway is configured and started for the comparison. One class per gateway.

Every gateway gets one core, plain HTTP on loopback, and the upstream of bench_upstream as its only provider.
Its files live in a folder of its own that is removed afterwards.
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

MODEL = "bench"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peer:
    """A gateway: `start` runs it, `stop` ends it. Subclasses say which command and which files."""

    name = ""
    streams = True  # streamed answers work
    rate = 200  # open-loop requests per second that it carries; lower only for peers that cannot
    note = ""  # for the table of versions
    key = ""
    model = MODEL
    headers = ()
    path = "/v1/chat/completions"
    load_flags = ()  # of bench_load, for callers of another dialect

    def __init__(self, rivals, binaries):
        self.rivals = pathlib.Path(rivals)
        self.binaries = pathlib.Path(binaries)
        self.process = None
        self.port = 0

    def missing(self):
        """Why this peer cannot run here, or None."""
        return None

    def version(self):
        return ""

    def command(self, folder, upstream):
        raise NotImplementedError

    def environment(self):
        return {}

    @property
    def pid(self):
        return self.process.pid if self.process else 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    def start(self, folder, upstream, core, patience=60):
        """Starts the peer on `core` and returns the milliseconds to its first right answer."""
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        command = ["taskset", "-c", str(core)] + [str(part) for part in self.command(folder, upstream)]
        log = open(folder / "output.log", "wb")
        began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self.environment()},
            start_new_session=True,
        )
        log.close()
        self.learn_port(folder, began + patience)
        last = "no answer"
        while time.monotonic() < began + patience:
            if self.process.poll() is not None:
                why = tail(folder / "output.log")
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {why}")
            try:
                status = self.ask()
                if status == 200:
                    return (time.monotonic() - began) * 1000
                last = f"status {status}"
            except (OSError, http.client.HTTPException) as error:
                last = str(error)
            time.sleep(0.002)
        raise RuntimeError(f"{self.name} does not answer ({last}): {tail(folder / 'output.log')}")

    def learn_port(self, folder, until):
        """Where the peer chose its port itself."""

    def ask(self):
        """The status of one small chat request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"content-type": "application/json"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        for header in self.headers:
            name, _, value = header.partition(":")
            headers[name.strip()] = value.strip()
        messages = [{"role": "user", "content": "hello"}]
        body = json.dumps({"model": self.model, "messages": messages, "max_tokens": 100})
        try:
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def stop(self):
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process = None


def tail(path, count=400):
    try:
        return path.read_text(errors="replace")[-count:].strip()
    except OSError:
        return ""


def first_line(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return ((done.stdout or "") + (done.stderr or "")).strip().splitlines()[0]
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return ""


def program(name):
    """A program of the path or of the folders that only root has in it."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Direct(Peer):
    """No gateway: the load generator against the upstream itself. The baseline."""

    name = "direct"
    note = "no gateway"

    def start(self, folder, upstream, core, patience=60):
        self.port = upstream
        return 0.0


class Nginx(Peer):
    name = "nginx"
    note = "proxy_pass, keepalive 1024, buffering off both ways, no access log, 1 worker"

    def missing(self):
        return None if program("nginx") else "nginx is not installed"

    def version(self):
        return first_line([program("nginx"), "-v"]).rpartition("/")[2]

    def command(self, folder, upstream):
        user = "user root;" if os.geteuid() == 0 else ""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "\n".join(f"  {kind}_temp_path {folder}/{kind};" for kind in kinds)
        (folder / "nginx.conf").write_text(
            f"""{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_max_body_size 64m;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  tcp_nodelay on;
{temporary}
  upstream bench {{
    server 127.0.0.1:{upstream};
    keepalive 1024;
    keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    location / {{
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 300s;
    }}
  }}
}}
"""
        )
        return [program("nginx"), "-c", folder / "nginx.conf", "-p", folder]


class Haproxy(Peer):
    name = "haproxy"
    note = "nbthread 1, http-reuse always, option http-no-delay, no log"

    def missing(self):
        return None if program("haproxy") else "haproxy is not installed"

    def version(self):
        words = first_line([program("haproxy"), "-v"]).split()
        return words[2] if len(words) > 2 else ""

    def command(self, folder, upstream):
        (folder / "haproxy.cfg").write_text(
            f"""global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  timeout http-keep-alive 300s
  option http-no-delay
  http-reuse always
frontend front
  bind 127.0.0.1:{self.port} backlog 4096
  default_backend back
backend back
  server bench 127.0.0.1:{upstream} pool-max-conn 4096
"""
        )
        return [program("haproxy"), "-db", "-f", folder / "haproxy.cfg"]


class Sluice(Peer):
    name = "sluice"
    note = "keys, metrics, log to a file, usage, prices, a ledger row for each request; threads: 1"

    def binary(self):
        return self.binaries / "sluice"

    def missing(self):
        return None if self.binary().exists() else f"{self.binary()} is not built"

    def version(self):
        return first_line([self.binary(), "--version"])

    def settings(self, folder, upstream):
        return f"""listen: 127.0.0.1:0
admin: {{ listen: 127.0.0.1:0 }}
data: {folder}/data
auth: keys
threads: 1
telemetry: {{ log: {folder}/sluice.log }}
providers:
  bench: {{ dialect: openai, base_url: "http://127.0.0.1:{upstream}/v1", key: x, in_flight_max: 4096 }}
models:
  {MODEL}: {{ ladder: [bench/{MODEL}] }}
prices:
  bench/{MODEL}: {{ currency: USD, input: 0.15, output: 0.6 }}
"""

    def command(self, folder, upstream):
        config = folder / "sluice.yaml"
        config.write_text(self.settings(folder, upstream))
        made = subprocess.run(
            [self.binary(), "keys", "create", "-c", config, "--team=bench", "--org=bench", "--format=json"],
            capture_output=True,
            text=True,
            timeout=30,
        )
        at = made.stdout.find("sk-sluice-")
        if at < 0:
            raise RuntimeError(f"sluice keys create: {(made.stderr or made.stdout).strip()[:400]}")
        self.key = made.stdout[at:].split('"')[0].split()[0]
        return [self.binary(), "serve", "-c", config]

    def learn_port(self, folder, until):
        while time.monotonic() < until and self.process.poll() is None:
            for line in tail(folder / "output.log", 4000).splitlines():
                if line.startswith("listening "):
                    self.port = int(line.rpartition(":")[2])
                    return
            time.sleep(0.001)


class Portkey(Peer):
    name = "portkey"
    streams = False  # 1.15.2 answers every streamed request with 500 on Node 20
    note = "npm @portkey-ai/gateway, headers x-portkey-provider and -custom-host; streams fail with 500"

    def script(self):
        return self.rivals / "portkey/node_modules/@portkey-ai/gateway/build/start-server.js"

    def missing(self):
        if not program("node"):
            return "node is not installed"
        return None if self.script().exists() else "run bench/install-rivals portkey"

    def version(self):
        package = self.script().parent.parent / "package.json"
        return json.loads(package.read_text())["version"] + ", node " + first_line(["node", "--version"])

    def command(self, folder, upstream):
        self.key = "x"
        self.headers = (
            "x-portkey-provider: openai",
            f"x-portkey-custom-host: http://127.0.0.1:{upstream}/v1",
        )
        return [program("node"), self.script(), f"--port={self.port}", "--headless"]

    def environment(self):
        return {"TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}


class Litellm(Peer):
    name = "litellm"
    rate = 50  # 200 is more than it carries
    note = "PyPI litellm[proxy], 1 worker, master key, no database; 50 requests/s in the open loop"
    key = "sk-bench-1234"

    def folder(self):
        return self.rivals / "litellm"

    def missing(self):
        return None if (self.folder() / "bin/litellm").exists() else "run bench/install-rivals litellm"

    def version(self):
        code = "import importlib.metadata as m; print(m.version('litellm'))"
        return first_line([self.folder() / "bin/python", "-c", code])

    def command(self, folder, upstream):
        (folder / "litellm.yaml").write_text(
            f"""model_list:
  - model_name: {MODEL}
    litellm_params:
      model: openai/{MODEL}
      api_base: http://127.0.0.1:{upstream}/v1
      api_key: x
general_settings:
  master_key: {self.key}
"""
        )
        programs = self.folder() / "bin"
        return [
            *(programs / "python", programs / "litellm", "--config", folder / "litellm.yaml"),
            *("--host", "127.0.0.1", "--port", self.port, "--num_workers", 1, "--telemetry", "False"),
        ]

    def environment(self):
        return {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}


class Crabllm(Peer):
    name = "crabllm"
    note = "crates.io, storage in memory, one key, no extension"
    key = "sk-bench-1234"

    def binary(self):
        return self.rivals / "crabllm/bin/crabllm"

    def missing(self):
        return None if self.binary().exists() else "run bench/install-rivals crabllm"

    def version(self):
        installed = self.rivals / "crabllm/.crates.toml"  # the program does not say it
        for line in installed.read_text().splitlines() if installed.exists() else ():
            if line.startswith('"crabllm '):
                return line.split()[1]
        return ""

    def command(self, folder, upstream):
        (folder / "crabllm.toml").write_text(
            f"""listen = "127.0.0.1:{self.port}"

[[keys]]
name = "bench"
key = "{self.key}"
models = ["*"]

[providers.bench]
kind = "openai"
base_url = "http://127.0.0.1:{upstream}/v1"
api_key = "x"
models = ["{MODEL}"]
"""
        )
        return [self.binary(), "serve", "--config", folder / "crabllm.toml"]


class TranslatingSluice(Sluice):
    """The same gateway, asked in Messages in front of the same upstream, which speaks chat."""

    name = "translating"
    note = "sluice, asked in Messages: each request and answer is translated"
    path = "/v1/messages"
    load_flags = ("--messages",)


class GovernedSluice(Sluice):
    """The same gateway with budgets and limits on everything a request falls in."""

    name = "governed"
    note = "sluice with five budgets, reserved before each call, and three rate limits in each request's way"

    def settings(self, folder, upstream):
        scopes = ("org/bench", "team/*", "key/*", "provider/bench", f"model/{MODEL}")
        budgets = "".join(
            f"  - {{ scope: {scope}, limit: 1000000 USD, window: month }}\n" for scope in scopes
        )
        limits = "  - { scope: key/*, requests: 60000000/min, tokens: 1000000000000/min, in_flight: 4096 }\n"
        return super().settings(folder, upstream) + f"budgets:\n{budgets}limits:\n{limits}"


ALL = (Direct, Nginx, Haproxy, Sluice, GovernedSluice, TranslatingSluice, Portkey, Litellm, Crabllm)
