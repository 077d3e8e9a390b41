"""Starting, checking, reloading, stopping, and what an operator can see."""

import http.server
import json
import re
import shlex
import signal
import socket
import subprocess
import threading
import time

import pytest

from conftest import ROOT, config_for
from programs import Gateway, ask, eventually
from raw_http import Connection
from scripted import DONE, event

STREAM = {"model": "m", "stream": True, "messages": []}


@pytest.fixture
def written(stage):
    """Writes a config file and gives its name."""

    def write(config, name="given.yaml"):
        file = stage.directory / name
        file.write_text(config if isinstance(config, str) else json.dumps(config))
        return str(file)

    return write


# --- start


def test_the_ports_really_bound_are_the_first_lines(gateway):
    assert gateway.lines[:2] == [f"listening 127.0.0.1:{gateway.address}", f"admin 127.0.0.1:{gateway.admin}"]
    assert gateway.ask_admin("/healthz").status == 200
    assert gateway.ask_admin("/readyz").status == 200


def test_client_operator_and_provider_may_all_be_reached_by_ipv6(stage):
    try:
        provider = stage.scripted("::1")
    except OSError:
        pytest.skip("this machine has no ::1")
    gateway = stage.gateway(config_for(provider.url, listen="[::1]:0", admin={"listen": "[::1]:0"}))
    assert gateway.lines[:2] == [f"listening [::1]:{gateway.address}", f"admin [::1]:{gateway.admin}"]
    with Connection(gateway.address, host="::1") as raw:
        raw.post({"model": "m", "messages": []})
        call = provider.next_call()
        assert f"host: [::1]:{provider.port}\r\n" in call.head
        call.send('HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{"choices":[]}')
        assert raw.read_answer()[1] == b'{"choices":[]}'
    assert ask(gateway.admin, "GET", "/readyz", host="::1").status == 200


def test_options_win_over_the_config(stage, simulator, written):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = config_for(simulator.url, listen=f"127.0.0.1:{port}")
        done = stage.run("serve", "-c", written(config))
        assert done.returncode == 3
        assert str(port) in done.stderr


def test_without_a_config_and_a_key_simulated_providers_answer(stage):
    class Bare(Gateway):
        def __init__(self, binary, directory):
            super(Gateway, self).__init__(
                binary, ["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"], directory
            )
            self.address, self.admin = self.port("listening"), self.port("admin")

    gateway = stage.keep(Bare(stage.sluice, stage.directory))
    listening, admin, providers, hint = eventually(lambda: len(gateway.lines) == 4 and gateway.lines)
    assert listening == f"listening 127.0.0.1:{gateway.address}"
    assert admin == f"admin 127.0.0.1:{gateway.admin}"
    assert providers.startswith("SIMULATED")
    words = shlex.split(hint)
    assert words[:2] == ["try:", "curl"]
    path = words[2].removeprefix(gateway.url)
    assert gateway.ask("POST", path, words[words.index("-d") + 1]).status == 200
    for model in ("gpt-5-mini", "deepseek-flash"):
        assert gateway.chat(model=model).status == 200
    hello = {"max_tokens": 50, "messages": [{"role": "user", "content": "Hello!"}]}
    for model in ("claude-sonnet-5", "deepseek-flash"):
        asked = {**hello, "model": model}
        assert gateway.ask("POST", "/v1/messages", asked, {"anthropic-version": "2023-06-01"}).status == 200
    assert "SIMULATED" in eventually(lambda: gateway.events("simulated"))[0]["message"]


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["--version"], 0),
        (["--help"], 0),
        (["serve", "--help"], 0),
        (["check", "--help"], 0),
        (["config", "--help"], 0),
        (["keys", "--help"], 0),
        (["keys", "create", "--help"], 0),
        (["keys", "revoke", "-h"], 0),
        (["ledger", "verify", "--help"], 0),
        (["prices", "list", "--help"], 0),
        (["budgets", "list", "--help"], 0),
        ([], 2),
        (["sevre"], 2),
        (["serve", "--lisen", "127.0.0.1:0"], 2),
        (["serve", "--listen"], 2),
        (["serve", "--listen", "nowhere"], 2),
        (["serve", "now"], 2),
        (["serve", "-c", "missing.yaml"], 3),
        (["check", "-c", "missing.yaml"], 3),
        (["config", "everything"], 2),
    ],
)
def test_the_exit_code_says_what_is_wrong(stage, arguments, code):
    done = stage.run(*arguments)
    assert done.returncode == code
    assert (done.stdout if code == 0 else done.stderr).strip()


def test_a_data_directory_that_cannot_be_is_an_environment_error(stage, simulator, written):
    (stage.directory / "file").write_text("in the way")
    done = stage.run("serve", "-c", written(config_for(simulator.url, auth="keys", data="file")))
    assert done.returncode == 3


def test_check_warns_of_a_data_directory_that_cannot_be(stage, simulator, written):
    (stage.directory / "file").write_text("in the way")
    done = stage.run("check", "-c", written(config_for(simulator.url, data="file")))
    assert done.returncode == 0
    assert "Warning: a gateway could not keep its data in file: file is no directory" in done.stdout


def test_a_missing_variable_is_named_with_its_position(stage, written):
    file = written('providers:\n  a: { dialect: openai, key: "${NOT_SET_HERE}" }\n')
    done = stage.run("check", "-c", file)
    assert done.returncode == 1
    assert "NOT_SET_HERE" in done.stderr
    assert ":2:" in done.stderr
    assert stage.run("check", "-c", file, environment={"NOT_SET_HERE": "sk-x"}).returncode == 0


FILES = {
    "tls: cannot use the certificate": {"tls": {"cert": "none.pem", "key": "none.key"}},
    "provider one: cannot read the certificate authorities": {
        "providers": {"one": {"dialect": "openai", "key": "x", "ca_file": "none.pem"}},
        "models": {},
    },
    "issuer https://login.example.com: cannot read the certificate authorities": {
        "oidc": [{"issuer": "https://login.example.com", "audience": ["a"], "ca_file": "none.pem"}]
    },
    "smtp: cannot read the certificate authorities": {
        "smtp": {"server": "mail.example.com:587", "from": "a@example.com", "ca_file": "none.pem"}
    },
}


@pytest.mark.parametrize("sentence", FILES)
def test_a_file_of_certificates_that_cannot_be_used_is_found_before_the_start(
    stage, simulator, written, sentence
):
    file = written({**config_for(simulator.url, auth="keys"), **FILES[sentence]})
    done = stage.run("check", "-c", file)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{file}: {sentence} none.pem: No such file or directory\n"


@pytest.mark.parametrize("sentence", [one for one in FILES if not one.startswith("smtp")])
def test_a_file_of_certificates_that_cannot_be_used_is_an_environment_error(
    stage, simulator, written, sentence
):
    done = stage.run("serve", "-c", written({**config_for(simulator.url, auth="keys"), **FILES[sentence]}))
    assert done.returncode == 3
    assert "none.pem: No such file or directory" in done.stderr


# --- check and describe


def test_a_good_config_is_told_in_words_without_its_keys(stage, simulator, written):
    done = stage.run("check", "-c", written(config_for(simulator.url)))
    assert done.returncode == 0
    assert "gpt-4o-mini" in done.stdout
    assert "sk-provider-one" not in done.stdout


BAD = {
    "listen: 12\n": r":1:9: ",
    "lsten: 127.0.0.1:0\n": r":1:1: .*\blisten\b",
    "providers:\n  a:\n    dialect: opnai\n": r":3:14: .*openai",
    "providers:\n  a: { dialect: openai, key: x }\nmodels:\n  m: { ladder: [b/c] }\n": r":4:",
    "drain_timeout: 5\n": r":1:16: ",
    "http: { body_max: 16MB }\n": r":1:19: .*MiB",
    "listen: a\nlisten: b\n": r":2:1: ",
    "a: [1\n": r":[12]:\d+: ",
    "a: &x 1\nb: *x\n": r":1:",
}


@pytest.mark.parametrize("text", BAD)
def test_a_mistake_is_told_with_its_position_and_what_to_write(stage, written, text):
    file = written(text)
    done = stage.run("check", "-c", file)
    assert done.returncode == 1
    assert re.search(re.escape(file) + BAD[text], done.stderr), done.stderr
    assert stage.run("serve", "-c", file).returncode == 1


def test_the_schema_is_json_and_knows_every_setting(stage):
    schema = json.loads(stage.run("config", "schema").stdout)
    assert {"listen", "providers", "models", "http", "telemetry"} <= set(schema["properties"])
    reference = stage.run("config", "reference").stdout
    for name in schema["properties"]:
        assert f"`{name}" in reference


# --- reload


def test_a_reload_is_in_force_within_half_a_second(gateway, simulator):
    config = config_for(simulator.url)
    config["models"]["new"] = {"ladder": ["one/other"]}
    assert gateway.chat(model="new").status == 404
    gateway.write_config(config)
    gateway.signal(signal.SIGHUP)
    begun = time.monotonic()
    eventually(lambda: gateway.chat(model="new").status == 200)
    assert time.monotonic() - begun < 0.5
    assert eventually(lambda: gateway.events("reloaded"))


@pytest.mark.parametrize(
    "text", ["", "listen: [\n", "providers: {}\nlsten: a\n", "auth: nobody\n", " \n# nothing\n"]
)
def test_a_bad_config_is_refused_and_the_old_one_stays(gateway, text):
    refused, *_ = gateway.reload(text, outcome="refused")
    assert str(gateway.config_file) in refused["message"]
    assert re.search(r":\d+:\d+: ", refused["message"]) or text.strip() == "" or "#" in text
    assert gateway.events("reloaded") == []
    assert gateway.chat().status == 200


def test_a_missing_config_is_refused_and_the_old_one_stays(gateway):
    gateway.config_file.unlink()
    gateway.signal(signal.SIGHUP)
    eventually(lambda: gateway.events("refused"))
    assert gateway.chat().status == 200


def test_reloads_are_counted_by_what_came_of_them(gateway, simulator):
    def counted():
        metrics = gateway.metrics()
        return [metrics[f'sluice_config_reloads_total{{result="{one}"}}'] for one in ("accepted", "refused")]

    since = gateway.metrics()["sluice_config_in_force_timestamp_seconds"]
    assert abs(since - time.time()) < 60
    assert counted() == [0, 0]
    gateway.reload("auth: nobody\n", outcome="refused")
    assert counted() == [0, 1]
    gateway.reload(config_for(simulator.url))
    assert counted() == [1, 1]
    assert gateway.metrics()["sluice_config_in_force_timestamp_seconds"] >= since


def test_a_reload_says_what_needs_a_restart(gateway, simulator):
    told, *_ = gateway.reload(config_for(simulator.url, threads=1, drain_timeout="1s"))
    assert told["message"].endswith("is in force; threads needs a restart")


def test_a_stream_survives_a_reload(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(provider.url))
    with gateway.connect() as raw:
        raw.post(STREAM)
        call = provider.next_call()
        call.send_head()
        call.send_chunk(event("before"))
        raw.read_head()
        raw.read_chunk()
        gateway.reload(config_for(provider.url, models={"other": {"ladder": ["two/x"]}}))
        assert gateway.chat().status == 404
        call.send_chunk(event("after") + DONE)
        call.finish()
        assert b"".join(raw.read_chunks()).decode() == event("after") + DONE


def test_new_limits_hold_for_open_connections(gateway, simulator):
    with gateway.connect() as raw:
        raw.post({"model": "m", "messages": [{"role": "user", "content": "x" * 3000}]})
        assert raw.read_answer()[0].status == 200
        gateway.reload(config_for(simulator.url, http={"body_max": "1KiB"}))
        assert gateway.ask("POST", "/v1/chat/completions", b"x" * 2000).status == 413


# --- stop


@pytest.fixture
def provider(stage):
    return stage.scripted()


def begun_stream(raw, provider):
    raw.post(STREAM)
    call = provider.next_call()
    call.send_head()
    call.send_chunk(event("x"))
    raw.read_head()
    raw.read_chunk()
    return call


def refuses_connections(gateway):
    try:
        gateway.connect().close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_drain_lets_streams_finish_and_takes_nothing_new(stage, provider, how):
    gateway = stage.gateway(config_for(provider.url))
    with gateway.connect() as raw, gateway.connect() as idle:
        idle.send("GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n")
        assert idle.read_answer()[0].status == 200
        call = begun_stream(raw, provider)
        gateway.signal(how)
        eventually(lambda: gateway.ask_admin("/readyz").status == 503)
        eventually(lambda: refuses_connections(gateway))
        assert gateway.ask_admin("/healthz").status == 200
        assert idle.read_to_end() == b""
        call.send_chunk(event("y") + DONE)
        call.finish()
        assert b"".join(raw.read_chunks()).decode() == event("y") + DONE
        assert gateway.wait() == 0


def test_when_the_drain_takes_too_long_streams_get_their_error_event(stage, provider):
    gateway = stage.gateway(config_for(provider.url, drain_timeout="200ms"))
    with gateway.connect() as raw:
        begun_stream(raw, provider)
        gateway.signal(signal.SIGTERM)
        (last,) = raw.read_chunks()
        assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "unavailable"
        assert gateway.wait() == 0


def test_when_the_drain_takes_too_long_who_still_waits_is_told(stage, provider):
    gateway = stage.gateway(config_for(provider.url, drain_timeout="200ms"))
    with gateway.connect() as raw:
        raw.post({"model": "m", "messages": []})
        provider.next_call()
        gateway.signal(signal.SIGTERM)
        head, body = raw.read_answer()
        assert head.status == 503
        assert head.get("retry-after")
        assert json.loads(body)["error"]["code"] == "unavailable"
        assert gateway.wait() == 0


def test_a_second_signal_ends_the_drain(stage, provider):
    gateway = stage.gateway(config_for(provider.url, drain_timeout="1h"))
    with gateway.connect() as raw:
        begun_stream(raw, provider)
        gateway.signal(signal.SIGTERM)
        eventually(lambda: gateway.events("draining"))
        gateway.signal(signal.SIGTERM)
        assert json.loads(raw.read_chunks()[-1].removeprefix(b"data: "))["error"]["code"] == "unavailable"
        assert gateway.wait() == 0


def test_an_idle_gateway_stops_at_once(gateway):
    with gateway.connect() as raw:
        raw.send("GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n")
        raw.read_answer()
        gateway.signal(signal.SIGTERM)
        assert gateway.wait(within=2) == 0


# --- see


def families(exposition):
    """'name type label,label' of every family with series; values and buckets left out."""
    found = {}
    kind = {}
    for line in exposition.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, what = line.split(" ")
            kind[name] = what
        elif line and not line.startswith("#"):
            series = line.rsplit(" ", 1)[0]
            name, _, labels = series.partition("{")
            if name not in kind:
                name = re.sub(r"_(bucket|sum|count)$", "", name)
            labels = set(re.findall(r'(\w+)="', labels)) - {"le"}
            found.setdefault(name, set()).update(labels)
    return sorted(
        f"{name} {kind[name]} {','.join(sorted(labels))}".rstrip() for name, labels in found.items()
    )


def test_the_metrics_are_the_golden_ones(gateway):
    gateway.chat()
    gateway.chat(stream=True)
    gateway.chat(headers={"x-sim-fault": "status=503"})
    answer = gateway.ask_admin("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    golden = (ROOT / "tests" / "golden" / "metrics.txt").read_text().splitlines()
    assert families(answer.body.decode()) == [line for line in golden if not line.startswith("#")]


def test_gauges_are_there_from_the_start(gateway):
    metrics = gateway.metrics()
    for name in ("sluice_upstream_in_flight", "sluice_queue_depth"):
        for provider in ("one", "two"):
            assert metrics[f'{name}{{provider="{provider}"}}'] == 0
    assert metrics["sluice_requests_in_flight"] == 0


def test_requests_and_tokens_are_counted(gateway):
    usage = gateway.chat().json()["usage"]
    gateway.chat(model="made up by a stranger")
    counted = eventually(
        lambda: [
            name for name in gateway.metrics() if name.startswith("sluice_requests_total") and "404" in name
        ]
    )
    assert "stranger" not in counted[0]
    metrics = gateway.metrics()
    assert metrics['sluice_requests_total{model="m",rung="strong",provider="one",status="200"}'] == 1
    assert metrics['sluice_tokens_total{kind="output"}'] == usage["completion_tokens"]
    assert metrics['sluice_tokens_total{kind="input"}'] == usage["prompt_tokens"]
    assert metrics["sluice_overhead_seconds_count"] == 2


def test_the_admin_token_is_asked_for(stage, simulator):
    config = config_for(simulator.url, admin={"listen": "127.0.0.1:0", "token": "secret-of-ops"})
    gateway = stage.gateway(config)
    assert gateway.ask_admin("/healthz").status == 200
    assert gateway.ask_admin("/metrics").status == 401
    assert gateway.ask_admin("/metrics", {"authorization": "Bearer wrong"}).status == 401
    assert gateway.ask_admin("/metrics", {"authorization": "Bearer secret-of-ops"}).status == 200


def test_a_log_line_is_json_and_holds_neither_prompt_nor_answer_nor_key(gateway):
    prompt = "xyzzy-the-prompt"
    asked = {"authorization": "Bearer sk-of-the-caller"}
    for stream in (False, True):
        answer = gateway.chat(headers=asked, stream=stream, messages=[{"role": "user", "content": prompt}])
        record = gateway.record_of(answer)
        assert record["status"] == 200
        assert record["usage"]["output"] > 0
    gateway.chat(
        headers={**asked, "x-sim-fault": "status=500"}, messages=[{"role": "user", "content": prompt}]
    )
    gateway.ask("POST", "/v1/chat/completions", b'{"model":"m","xyzzy-the-prompt')
    eventually(lambda: len(gateway.events("request")) == 4)
    for secret in ("xyzzy", "sk-of-the-caller", "sk-provider-one"):
        assert secret not in gateway.error_text()


def test_the_log_can_go_to_a_file_that_is_rotated(stage, simulator):
    file = stage.directory / "requests.log"
    config = config_for(simulator.url, telemetry={"log": str(file)})
    gateway = stage.gateway(config)
    gateway.chat()
    eventually(lambda: file.exists() and file.read_text().count("\n") == 1)
    file.rename(stage.directory / "requests.log.1")
    gateway.signal(signal.SIGHUP)
    eventually(file.exists)
    request_id = gateway.chat().headers["x-sluice-request-id"]
    eventually(lambda: request_id in file.read_text())


PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_trace_context_is_passed_on_as_it_is(gateway, simulator):
    gateway.chat(headers={"traceparent": PARENT, "tracestate": "a=b,c=d"})
    got = simulator.only_request()["headers"]
    assert got["traceparent"] == PARENT
    assert got["tracestate"] == "a=b,c=d"


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def collector():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    server.received = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def spans_of(collector):
    return [
        (span, {one["key"]: one["value"] for one in span["attributes"]})
        for _, _, batch in collector.received
        for resource in batch["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def test_spans_are_exported_with_the_genai_names(stage, simulator, collector):
    endpoint = f"http://127.0.0.1:{collector.server_address[1]}"
    otlp = {"endpoint": endpoint, "headers": {"authorization": "Bearer of-the-collector"}}
    gateway = stage.gateway(config_for(simulator.url, telemetry={"otlp": otlp}))
    answer = gateway.chat(headers={"traceparent": PARENT})
    ((span, attributes),) = eventually(lambda: spans_of(collector), what="a span")
    path, headers, _ = collector.received[0]
    assert path == "/v1/traces"
    assert headers["authorization"] == "Bearer of-the-collector"
    assert span["traceId"] == PARENT.split("-")[1]
    assert span["parentSpanId"] == PARENT.split("-")[2]
    assert attributes["gen_ai.operation.name"] == {"stringValue": "chat"}
    assert attributes["gen_ai.request.model"] == {"stringValue": "m"}
    assert attributes["gen_ai.response.model"] == {"stringValue": "gpt-4o-mini"}
    assert int(attributes["gen_ai.usage.output_tokens"]["intValue"]) > 0
    assert attributes["sluice.request_id"] == {"stringValue": answer.headers["x-sluice-request-id"]}
    ours = simulator.only_request()["headers"]["traceparent"]
    assert ours.split("-")[1] == PARENT.split("-")[1]
    assert ours.split("-")[2] == span["spanId"]


def test_the_last_spans_leave_before_the_gateway_does(stage, simulator, collector):
    endpoint = f"http://127.0.0.1:{collector.server_address[1]}"
    gateway = stage.gateway(config_for(simulator.url, telemetry={"otlp": {"endpoint": endpoint}}))
    gateway.record_of(gateway.chat())
    gateway.signal(signal.SIGTERM)
    assert gateway.wait() == 0
    assert len(spans_of(collector)) == 1


def test_a_collector_that_never_answers_holds_up_nothing(stage, simulator):
    collector = stage.scripted()
    gateway = stage.gateway(config_for(simulator.url, telemetry={"otlp": {"endpoint": collector.url}}))
    gateway.record_of(gateway.chat())
    gateway.signal(signal.SIGTERM)
    collector.next_call()
    assert gateway.wait(within=5) == 0
