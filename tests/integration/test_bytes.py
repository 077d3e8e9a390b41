"""What the provider receives is what the client sent, byte by byte, except what is changed on purpose."""

import hashlib
import json

import pytest

from conftest import config_for

MESSAGES = '"messages":[{"role":"user","content":"Hello!"}]'

# MODEL stands where the name of the model is: the alias on the way in, the provider's name on the way out.
BODIES = {
    "a plain body": '{"model":MODEL,' + MESSAGES + "}",
    "unknown fields": '{"x_new":{"a":[1,null,true,{"b":{}}]},"model":MODEL,' + MESSAGES + ',"zz":[[],{}]}',
    "odd whitespace": ' \r\n\t{ \n "model"\t:\r\n MODEL , ' + MESSAGES + ' \t\n , "t" : [ 1 ,\t2 ]\n}\r\n \t',
    "big integers": '{"seed":123456789012345678901234567890,"big":1e400,"neg":-0,"model":MODEL,'
    + MESSAGES
    + "}",
    "small fractions": '{"temperature":0.10000000000000000000000001,"top_p":1E-0,"model":MODEL,'
    + MESSAGES
    + "}",
    "escapes": r'{"model":MODEL,"messages":[{"role":"user","content":"\"\\\/\b\f\n\r\t\u0000\u00e9\u4e2d"}]}',
    "surrogate pairs": r'{"model":MODEL,"messages":[{"role":"user","content":"\ud83d\ude00 \uD83D\uDE00"}]}',
    "a lonely surrogate": r'{"model":MODEL,"messages":[{"role":"user","content":"\ud83d end"}]}',
    "letters outside ASCII": '{"model":MODEL,"messages":[{"role":"user","content":"é 中文 😀 \u2028\u2029"}]}',
    "the model last": "{" + MESSAGES + ',"n":1,"model":MODEL}',
    "the model's name elsewhere": '{"user":"m","model":MODEL,"prompt":"\\"model\\":\\"m\\"",'
    + MESSAGES
    + "}",
    "equal keys further in": '{"model":MODEL,"metadata":{"a":"1","a":"2","model":"m"},' + MESSAGES + "}",
    "a string of 1 MB": '{"model":MODEL,"messages":[{"role":"user","content":"'
    + "long \\u00e9 " * 90_000
    + '"}]}',
    "deep nesting": '{"model":MODEL,"deep":' + "[" * 60 + "]" * 60 + "," + MESSAGES + "}",
    "an empty key": '{"":0,"model":MODEL,' + MESSAGES + "}",
}


def spelled(body, model):
    return body.replace("MODEL", json.dumps(model)).encode()


def received(simulator):
    """The body of the only request; what the simulator hashed is what it shows."""
    request = simulator.only_request()
    body = simulator.body(request["number"])
    assert hashlib.sha256(body).hexdigest() == request["body_sha256"]
    assert request["headers"]["content-length"] == str(len(body))
    return body


@pytest.mark.parametrize("name", BODIES)
def test_a_body_passes_byte_for_byte(gateway, simulator, name):
    gateway.ask("POST", "/v1/chat/completions", spelled(BODIES[name], "m"))
    assert received(simulator) == spelled(BODIES[name], "gpt-4o-mini")


def test_an_escaped_model_is_understood(gateway, simulator):
    body = '{"mod\\u0065l":"\\u006d",' + MESSAGES + "}"
    assert gateway.ask("POST", "/v1/chat/completions", body).status == 200
    assert received(simulator) == ('{"mod\\u0065l":"gpt-4o-mini",' + MESSAGES + "}").encode()


def test_a_chunked_body_arrives_as_one_with_a_length(gateway, simulator):
    body = spelled(BODIES["odd whitespace"], "m")
    with gateway.connect() as raw:
        raw.send("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        for i in range(0, len(body), 7):
            piece = body[i : i + 7]
            raw.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        raw.send("0\r\nx-trailer: dropped\r\n\r\n")
        head, _ = raw.read_answer()
    assert head.status == 200
    assert received(simulator) == spelled(BODIES["odd whitespace"], "gpt-4o-mini")
    assert "x-trailer" not in simulator.only_request()["headers"]


# What a stream says of its options, and what the provider is told; None: as it came.
OPTIONS = {
    "": '"stream_options":{"include_usage":true}',
    '"stream_options":null': '"stream_options":{"include_usage":true}',
    '"stream_options":{"include_usage":false}': '"stream_options":{"include_usage":true}',
    '"stream_options":{"include_usage":null}': '"stream_options":{"include_usage":true}',
    '"stream_options":{"include_usage":true}': None,
    '"stream_options" : { "x" : 1 , "include_usage" : true }': None,
    '"stream_options": {"x":1, "include_usage": false}': '"stream_options": {"x":1, "include_usage": true}',
}


@pytest.mark.parametrize("options", OPTIONS)
def test_a_stream_asks_for_usage_and_changes_nothing_else(gateway, simulator, options):
    begin = '{"model":MODEL, "stream":true , '
    end = MESSAGES + "}"
    sent = begin + (options + "," if options else "") + end
    answer = gateway.ask("POST", "/v1/chat/completions", spelled(sent, "m"))
    assert answer.status == 200
    got = received(simulator)
    told = OPTIONS[options]
    if options == "":
        rest = got.replace(told.encode() + b",", b"").replace(b"," + told.encode(), b"")
        assert told.encode() in got and rest == spelled(sent, "gpt-4o-mini")
    else:
        assert got == spelled(begin + (told or options) + "," + end, "gpt-4o-mini")
    asked = '"include_usage":true' in options or '"include_usage" : true' in options
    usages = [line for line in answer.body.split(b"\n") if b'"choices":[]' in line]
    assert len(usages) == (1 if asked else 0)


def test_other_stream_options_are_kept_when_usage_is_added(gateway, simulator):
    body = '{"model":MODEL,"stream":true,"stream_options":{"include_obfuscation":false},' + MESSAGES + "}"
    gateway.ask("POST", "/v1/chat/completions", spelled(body, "m"))
    got = json.loads(received(simulator))
    assert got["stream_options"] == {"include_obfuscation": False, "include_usage": True}


REFUSED = {
    "a key twice": '{"model":"m","model":"m",' + MESSAGES + "}",
    "another key twice": '{"model":"m","temperature":0,' + MESSAGES + ',"temperature":1}',
    "a key twice in two spellings": '{"model":"m","mod\\u0065l":"other",' + MESSAGES + "}",
    "no model": "{" + MESSAGES + "}",
    "a model that is a number": '{"model":5,' + MESSAGES + "}",
    "an empty body": "",
    "a list": "[]",
    "two values": '{"model":"m",' + MESSAGES + "}{}",
    "a comma too many": '{"model":"m",' + MESSAGES + ",}",
    "an open end": '{"model":"m",' + MESSAGES,
    "a bad escape": '{"model":"m","x":"\\q",' + MESSAGES + "}",
    "a raw line break in a string": '{"model":"m","x":"a\nb",' + MESSAGES + "}",
    "max_tokens of nought": '{"model":"m","max_tokens":0,' + MESSAGES + "}",
    "max_tokens in words": '{"model":"m","max_tokens":"ten",' + MESSAGES + "}",
    "stream in words": '{"model":"m","stream":"yes",' + MESSAGES + "}",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_malformed_body_reaches_nobody(gateway, simulator, name):
    answer = gateway.ask("POST", "/v1/chat/completions", REFUSED[name])
    assert answer.status == 400
    assert answer.error["code"] == "invalid_request"
    assert answer.error["message"]
    assert answer.headers["x-should-retry"] == "false"
    assert simulator.requests() == []


def test_bytes_that_are_no_utf8_reach_nobody(gateway, simulator):
    body = b'{"model":"m","messages":[{"role":"user","content":"\xff\xfe"}]}'
    assert gateway.ask("POST", "/v1/chat/completions", body).status == 400
    assert simulator.requests() == []


NEVER_FORWARDED = {
    "authorization": "Bearer sk-of-the-caller",
    "x-api-key": "sk-of-the-caller",
    "api-key": "sk-of-the-caller",
    "cookie": "session=1",
    "proxy-authorization": "Basic eA==",
    "x-sluice-tags": "app=a",
    "x-sluice-user": "somebody",
    "X-SLUICE-UNKNOWN": "1",
    "te": "trailers",
    "keep-alive": "timeout=5",
    "upgrade": "h2c",
    "x-only-this-hop": "1",
    "x-forwarded-for": "10.1.2.3",
}


def test_headers_of_this_hop_and_credentials_never_reach_the_provider(gateway, simulator):
    headers = {**NEVER_FORWARDED, "connection": "keep-alive, X-Only-This-Hop"}
    assert gateway.chat(headers=headers).status == 200
    got = simulator.only_request()["headers"]
    assert got["authorization"] == "Bearer sk-provider-one"
    for name in NEVER_FORWARDED:
        if name != "authorization":
            assert name.lower() not in got
    assert "connection" not in got or "x-only" not in got["connection"].lower()
    assert "sk-of-the-caller" not in json.dumps(got)


def test_unknown_headers_pass_on(gateway, simulator):
    headers = {"x-tomorrow": 'a, b;c="d"', "openai-organization": "org-1", "user-agent": "mine/1"}
    gateway.chat(headers=headers)
    got = simulator.only_request()["headers"]
    for name, value in headers.items():
        assert got[name] == value


def test_the_host_is_the_providers(gateway, simulator):
    gateway.chat(headers={"host": "attacker.example"})
    assert simulator.only_request()["headers"]["host"] == f"127.0.0.1:{simulator.address}"


def test_a_provider_cannot_speak_for_the_gateway(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(provider.url))
    with gateway.connect() as raw:
        raw.post({"model": "m", "messages": []})
        call = provider.next_call()
        body = '{"choices":[]}'
        call.send(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: a=b\r\n"
            "x-sluice-model: forged\r\nx-sluice-cost: 0 USD\r\nconnection: x-hop, keep-alive\r\nx-hop: 1\r\n"
            "x-ratelimit-remaining: 7\r\n"
            f"keep-alive: timeout=1\r\nx-request-id: theirs\r\ncontent-length: {len(body)}\r\n\r\n{body}"
        )
        head, got = raw.read_answer()
    names = [name.lower() for name, _ in head.fields]
    assert got.decode() == body
    assert head.get("x-sluice-model") == "one/gpt-4o-mini"
    assert head.get("x-request-id") == "theirs"
    assert head.get("x-ratelimit-remaining") == "7"
    for name in ("set-cookie", "x-sluice-cost", "x-hop", "keep-alive"):
        assert name not in names
    assert names.count("x-sluice-model") == 1


def test_an_answer_passes_byte_for_byte(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(provider.url))
    body = (
        ' {"choices" : [ ] ,\n "big":123456789012345678901234567890, "s":"\\ud83d \\u00e9 é" } \r\n'.encode()
    )
    with gateway.connect() as raw:
        raw.post({"model": "m", "messages": []})
        call = provider.next_call()
        call.send(f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n")
        call.send(body)
        head, got = raw.read_answer()
    assert head.status == 200
    assert got == body
