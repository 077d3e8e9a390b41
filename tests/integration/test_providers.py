"""Providers that misbehave on the connection, and connections that are used again."""

import json

import pytest

from conftest import config_for
from scripted import DONE, event

OK = '{"object":"chat.completion","choices":[]}'
ASK = {"model": "m", "messages": []}
STREAM = {**ASK, "stream": True}
HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
SIZED = f"content-length: {len(OK)}\r\n\r\n{OK}"


@pytest.fixture
def provider(stage):
    return stage.scripted()


@pytest.fixture
def patched(stage, provider):
    """A gateway on one loop, so that a connection to the provider is used again."""
    return stage.gateway(config_for(provider.url, threads=1))


@pytest.fixture
def raw(patched):
    with patched.connect() as one:
        yield one


FAULTS = [
    "garbage",
    "not_json",
    "empty",
    "length=short",
    "length=long",
    "reset=before",
    "reset=head",
    "reset=40",
    "truncate=0",
    "truncate=40",
    "error_in_200",
]


@pytest.mark.parametrize(
    "fault, stream",
    # A stream has no length, and one that said [DONE] is complete.
    [(fault, stream) for fault in FAULTS for stream in (False, True) if not (stream and "length" in fault)],
)
def test_a_broken_answer_is_an_error_and_the_next_one_is_good(stage, simulator, fault, stream):
    gateway = stage.gateway(config_for(simulator.url, threads=1))
    for _ in range(2):
        bad = gateway.chat(headers={"x-sim-fault": fault}, stream=stream)
        if bad.status == 200:
            assert stream, "a broken whole answer passed as good"
            last = bad.body.strip().split(b"\n\n")[-1]
            assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "upstream_error"
        else:
            assert bad.status == 502
            assert bad.error["code"] == "upstream_error"
        good = gateway.chat()
        assert good.status == 200
        assert good.json()["choices"][0]["message"]["content"]


def test_early_hints_are_not_the_answer(raw, provider):
    raw.post(ASK)
    call = provider.next_call()
    call.send("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + HEAD + SIZED)
    head, body = raw.read_answer()
    assert head.status == 200
    assert body.decode() == OK


def test_an_answer_may_end_with_its_connection(raw, provider):
    raw.post(ASK)
    call = provider.next_call()
    call.send(HEAD + "connection: close\r\n\r\n" + OK)
    call.hang_up()
    assert raw.read_answer()[1].decode() == OK


def test_an_old_server_may_answer(raw, provider):
    raw.post(ASK)
    call = provider.next_call()
    call.send("HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + OK)
    call.hang_up()
    assert raw.read_answer()[1].decode() == OK


def test_a_connection_is_used_again(raw, provider):
    sockets = set()
    for _ in range(3):
        raw.post(ASK)
        call = provider.next_call()
        sockets.add(call.socket)
        call.send(HEAD + SIZED)
        assert raw.read_answer()[0].status == 200
    assert len(sockets) == 1


def test_a_connection_that_the_provider_wants_closed_is_not_used_again(raw, provider):
    raw.post(ASK)
    first = provider.next_call()
    first.send(HEAD + "connection: close\r\n" + SIZED)
    assert raw.read_answer()[0].status == 200
    first.wait_for_end()
    raw.post(ASK)
    second = provider.next_call()
    second.send(HEAD + SIZED)
    assert raw.read_answer()[0].status == 200
    assert second.socket is not first.socket


def test_a_connection_that_went_stale_costs_the_caller_nothing(raw, provider):
    raw.post(ASK)
    first = provider.next_call()
    first.send(HEAD + SIZED)
    assert raw.read_answer()[0].status == 200
    first.hang_up()
    raw.post(ASK)
    second = provider.next_call()
    second.send(HEAD + SIZED)
    assert raw.read_answer()[0].status == 200
    assert second.socket is not first.socket


def test_bytes_behind_an_answer_are_not_the_next_answer(raw, provider):
    raw.post(ASK)
    first = provider.next_call()
    first.send(HEAD + SIZED + HEAD + SIZED.replace("choices", "smuggle"))
    assert raw.read_answer()[0].status == 200
    raw.post(ASK)
    second = provider.next_call()
    second.send(HEAD + SIZED)
    assert raw.read_answer()[1].decode() == OK


@pytest.mark.parametrize(
    "framing",
    [
        f"content-length: {len(OK)}\r\ncontent-length: 3\r\n",
        f"content-length: {len(OK)}\r\ntransfer-encoding: chunked\r\n",
        "content-length: +5\r\n",
        "transfer-encoding: gzip, chunked\r\n",
        f"content-length : {len(OK)}\r\n",
        "x: y\r\n folded\r\n",
        "x" * 200_000 + ": y\r\n",
    ],
)
def test_an_answer_that_two_could_read_differently_is_no_answer(raw, provider, framing):
    raw.post(ASK)
    provider.next_call().send(HEAD + framing + "\r\n" + OK)
    head, body = raw.read_answer()
    assert head.status == 502
    assert json.loads(body)["error"]["code"] == "upstream_error"


def test_a_redirect_is_not_passed_on(raw, provider):
    raw.post(ASK)
    provider.next_call().send(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://elsewhere.example/\r\ncontent-length: 0\r\n\r\n"
    )
    head, body = raw.read_answer()
    assert head.status == 502
    assert head.get("location") is None
    assert json.loads(body)["error"]["code"] == "upstream_error"


def test_an_answer_that_is_too_large_is_an_error(stage, provider):
    gateway = stage.gateway(config_for(provider.url, answer_max="1KiB"))
    for size, status in ((1024, 200), (1025, 502)):
        with gateway.connect() as raw:
            raw.post(ASK)
            body = OK + " " * (size - len(OK))
            provider.next_call().send(HEAD + f"content-length: {size}\r\n\r\n{body}")
            assert raw.read_answer()[0].status == status


def test_an_event_that_is_too_large_to_be_read_passes_in_pieces(stage, provider):
    gateway = stage.gateway(config_for(provider.url, stream_frame_max="4KiB"))
    with gateway.connect() as raw:
        raw.post(STREAM)
        call = provider.next_call()
        call.send_head()
        text = event("a") + event("b" * 600_000) + event("c") + DONE
        call.send_chunk(text)
        call.finish()
        raw.read_head()
        assert b"".join(raw.read_chunks()).decode() == text


def test_a_stream_that_was_asked_for_may_come_as_one_answer(raw, provider):
    raw.post(STREAM)
    provider.next_call().send(HEAD + SIZED)
    head, body = raw.read_answer()
    assert head.status == 200
    assert head.get("content-type") == "application/json"
    assert body.decode() == OK


def test_a_client_that_leaves_in_the_middle_of_its_body_is_forgotten(patched, provider):
    with patched.connect() as raw:
        raw.send("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 500\r\n\r\n{")
    with patched.connect() as raw:
        raw.post(ASK)
        provider.next_call().send(HEAD + SIZED)
        assert raw.read_answer()[0].status == 200
    assert provider.no_call()
