"""Every limit, and what a client that breaks it or the protocol hears."""

import json

import pytest

from conftest import config_for
from programs import eventually

MIB = 1024 * 1024
HELLO = b'{"model":"m","messages":[{"role":"user","content":"Hello!"}]}'


@pytest.fixture
def limited(stage, simulator):
    """Starts a gateway with these settings of `http`."""
    return lambda **http: stage.gateway(config_for(simulator.url, http=http))


def refusal(raw):
    head, body = raw.read_answer()
    return head, json.loads(body)["error"]


def post_head(length, more=""):
    return f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n{more}content-length: {length}\r\n\r\n"


def padded(size, hello=HELLO):
    """A body of exactly so many bytes."""
    return hello[:-4] + b"x" * (size - len(hello)) + hello[-4:]


def test_a_body_at_the_limit_passes_and_one_byte_more_is_413(limited, simulator):
    gateway = limited(body_max="4KiB")
    assert gateway.ask("POST", "/v1/chat/completions", padded(4096)).status == 200
    answer = gateway.ask("POST", "/v1/chat/completions", padded(4097))
    assert answer.status == 413
    assert answer.error["code"] == "too_large"
    assert answer.headers["x-should-retry"] == "false"
    assert len(simulator.requests()) == 1


def test_the_largest_body_of_the_defaults_passes_in_the_memory_it_takes(stage, simulator):
    """Stated number: its 64 MiB once, and less than 32 MiB for all else."""
    name = "gpt-4o-mini"  # the provider's too: what it receives is as long, which is the simulator's limit
    gateway = stage.gateway(config_for(simulator.url, models={name: {"ladder": ["one/" + name]}}))
    size = 64 * MIB
    body = padded(size, HELLO.replace(b'"m"', json.dumps(name).encode()))
    assert gateway.ask("POST", "/v1/chat/completions", body).status == 200
    assert simulator.only_request()["body_bytes"] == size
    with gateway.connect() as raw:
        raw.send(post_head(size + 1))
        assert refusal(raw)[0].status == 413
    assert stage.sanitized or gateway.resident_bytes_max() < size + 32 * MIB


def test_a_body_that_will_be_too_large_is_refused_before_it_is_sent(limited):
    with limited(body_max="4KiB").connect() as raw:
        raw.send(post_head(4097))
        head, error = refusal(raw)
        assert (head.status, error["code"]) == (413, "too_large")
        assert raw.read_to_end() == b""


def test_a_chunked_body_that_grows_too_large_is_413(limited):
    with limited(body_max="4KiB").connect() as raw:
        raw.send("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        raw.send("800\r\n" + "x" * 2048 + "\r\n" + "801\r\n" + "x" * 2049 + "\r\n")
        assert refusal(raw)[0].status == 413


def test_a_header_block_at_the_limit_passes_and_one_byte_more_is_431(limited):
    gateway = limited(header_max="2KiB")
    for extra, status in ((0, 200), (1, 431)):
        with gateway.connect() as raw:
            bare = "GET /v1/models HTTP/1.1\r\nhost: a\r\nx: \r\n\r\n"
            raw.send(bare.replace("x: ", "x: " + "y" * (2048 - len(bare) + extra)))
            head, body = raw.read_answer()
            assert head.status == status
            if status == 431:
                assert json.loads(body)["error"]["code"] == "too_large"
                assert raw.read_to_end() == b""


def test_a_head_that_never_ends_is_431(limited):
    with limited(header_max="2KiB").connect() as raw:
        raw.send("GET /v1/models HTTP/1.1\r\nhost: a\r\nx: " + "y" * 4096)
        assert raw.read_head().status == 431


def test_a_slow_head_is_408(limited):
    with limited(header_timeout="150ms").connect() as raw:
        raw.send("GET /v1/models HTTP/1.1\r\nho")
        head, error = refusal(raw)
        assert head.status == 408
        assert error["code"] == "request_timeout"
        assert raw.read_to_end() == b""


def test_a_head_that_drips_is_408_too(limited):
    with limited(header_timeout="300ms").connect() as raw:
        raw.send("GET /v1/models HTTP/1.1\r\n")
        for _ in range(60):
            if not raw.nothing_within(0.02):
                break
            raw.send("x: y\r\n")
        assert raw.read_head().status == 408


def test_a_body_that_stops_is_408(limited):
    with limited(body_idle_timeout="150ms").connect() as raw:
        raw.send(post_head(100) + "{")
        assert refusal(raw)[0].status == 408
        assert raw.read_to_end() == b""


def test_a_body_that_drips_for_too_long_is_408(limited):
    with limited(body_idle_timeout="200ms", body_timeout="400ms").connect() as raw:
        raw.send(post_head(1000))
        for _ in range(200):
            if not raw.nothing_within(0.02):
                break
            raw.send(" ")
        assert raw.read_head().status == 408


def test_a_body_that_outlasts_the_deadline_is_504(limited, simulator):
    with limited().connect() as raw:
        raw.send(post_head(100, "x-sluice-deadline: 150ms\r\n") + "{")
        head, error = refusal(raw)
        assert (head.status, error["code"]) == (504, "deadline_exceeded")
        assert raw.read_to_end() == b""
    assert simulator.requests() == []


def test_the_longest_deadline_that_can_be_written_is_no_deadline_at_once(gateway):
    assert gateway.chat(headers={"x-sluice-deadline": "9223372036854775807ms"}).status == 200


def test_too_many_requests_at_once_are_503(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(provider.url, http={"requests_max": 1}))
    with gateway.connect() as first, gateway.connect() as second:
        first.post(HELLO)
        call = provider.next_call()
        second.post(HELLO)
        head, error = refusal(second)
        assert (head.status, error["code"]) == (503, "unavailable")
        assert head.get("retry-after") and head.get("x-should-retry") == "true"
        call.send('HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{"choices":[]}')
        assert first.read_answer()[0].status == 200
    eventually(lambda: gateway.metrics()["sluice_requests_in_flight"] == 0)
    assert gateway.ask("GET", "/v1/models").status == 200


def test_too_many_connections_are_503_and_places_come_back(limited):
    gateway = limited(connections_max=2)
    with gateway.connect() as first:
        with gateway.connect() as second:
            for raw in (first, second):
                raw.send("GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n")
                assert raw.read_answer()[0].status == 200
            with gateway.connect() as third:
                third.send("GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n")
                end = third.read_to_end()
                assert end == b"" or end.startswith(b"HTTP/1.1 503 ")
        eventually(lambda: gateway.ask("GET", "/v1/models").status == 200)


def test_an_idle_connection_is_closed(limited):
    with limited(keep_alive="150ms").connect() as raw:
        raw.send("GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n")
        assert raw.read_answer()[0].status == 200
        assert raw.read_to_end() == b""


def test_a_client_that_takes_nothing_is_cut(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(provider.url, http={"write_idle_timeout": "200ms"}))
    with gateway.connect() as raw:
        raw.post({"model": "m", "stream": True, "messages": []})
        call = provider.next_call()
        call.send_head()
        block = b"data: " + b'{"choices":[]}' + b" " * 60_000 + b"\n\n"
        chunk = f"{len(block):x}\r\n".encode() + block + b"\r\n"
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while call.send_while_taken(chunk, within=20.0):
                pass
        call.wait_for_end()


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/models HTTP/1.1\r\nhost : a\r\n\r\n",
        "GET /v1/models HTTP/1.1\nhost: a\n\n",
        "GET /v1/models HTTP/1.1\r\n\r\n",
        "GET  /v1/models HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /v1/models HTTP/3.1\r\nhost: a\r\n\r\n",
        "POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_malformed_http_is_400_and_the_connection_ends(gateway, text):
    with gateway.connect() as raw:
        raw.send(text + "\r\n\r\n")
        head, body = raw.read_answer()
        assert head.status == 400
        assert head.get("connection") == "close"
        assert json.loads(body)["error"]["code"] == "invalid_request"
        assert raw.read_to_end() == b""


def test_what_follows_a_malformed_request_is_not_read(gateway, simulator):
    with gateway.connect() as raw:
        raw.send(post_head("5, 5") + "hello" + post_head(len(HELLO)) + HELLO.decode())
        assert raw.read_to_end().count(b"HTTP/1.1 ") == 1
    assert simulator.requests() == []


@pytest.mark.parametrize("size", ["zz", "-1", "0x5", "5 ", "ffffffffffffffffff", "5;" + "e" * 20_000])
def test_a_malformed_chunk_is_refused_and_the_connection_ends(gateway, simulator, size):
    with gateway.connect() as raw:
        raw.send("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        raw.send(size + "\r\nhello\r\n0\r\n\r\n")
        head, body = raw.read_answer()
        assert head.status == 400
        assert json.loads(body)["error"]["code"] == "invalid_request"
        assert raw.read_to_end() == b""
    assert simulator.requests() == []


def test_pipelined_requests_are_answered_in_order(gateway):
    with gateway.connect() as raw:
        wanted = []
        for number in range(20):
            if number % 3 == 2:
                raw.send("GET /v1/models/m HTTP/1.1\r\nhost: a\r\n\r\n")
                wanted.append("model")
            else:
                raw.post({"model": "m", "messages": [{"role": "user", "content": f"What is {number}*2?"}]})
                wanted.append("chat.completion")
        answers = [raw.read_answer() for _ in wanted]
    assert [head.status for head, _ in answers] == [200] * 20
    assert [json.loads(body)["object"] for _, body in answers] == wanted
    assert "14" in json.loads(answers[7][1])["choices"][0]["message"]["content"]


def test_a_client_that_expects_to_be_asked_is_asked_for_its_body(gateway):
    with gateway.connect() as raw:
        raw.send(post_head(len(HELLO), "expect: 100-continue\r\n"))
        assert raw.read_head().status == 100
        raw.send(HELLO)
        assert raw.read_answer()[0].status == 200


def test_a_client_that_expects_too_much_is_not_asked(limited):
    with limited(body_max="4KiB").connect() as raw:
        raw.send(post_head(5000, "expect: 100-continue\r\n"))
        assert raw.read_head().status == 413


def test_head_is_get_without_the_body(gateway):
    with gateway.connect() as raw:
        raw.send("GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n")
        got, body = raw.read_answer()
        raw.send("HEAD /v1/models HTTP/1.1\r\nhost: a\r\n\r\n")
        head, _ = raw.read_answer("HEAD")
        assert head.status == 200
        assert head.get("content-length") == got.get("content-length") == str(len(body))
        raw.send("GET /v1/models/m HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        assert json.loads(raw.read_answer()[1])["id"] == "m"
        assert raw.read_to_end() == b""


def test_an_old_client_gets_no_chunks(gateway):
    with gateway.connect() as raw:
        body = HELLO[:-1] + b',"stream":true}'
        raw.send(f"POST /v1/chat/completions HTTP/1.0\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        head = raw.read_head()
        assert head.status == 200
        assert head.get("transfer-encoding") is None
        assert raw.read_to_end().endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/", 404),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/chat/completions", 405),
        ("POST", "/v1/models", 405),
        ("DELETE", "/v1/models/m", 405),
        ("GET", "/metrics", 404),
        ("GET", "/v1/../metrics", 404),
    ],
)
def test_other_paths_and_methods_are_refused_in_the_callers_dialect(gateway, method, path, status):
    answer = gateway.ask(method, path)
    assert answer.status == status
    assert answer.error["message"]
    assert answer.headers["x-sluice-request-id"]


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_a_compressed_body_is_refused_and_not_guessed_at(gateway, simulator, coding):
    assert gateway.chat(headers={"content-encoding": coding}).status == 400
    assert simulator.requests() == []
