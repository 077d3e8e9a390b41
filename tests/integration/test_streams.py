"""Streams as they are on the wire: whole frames, at once, and an honest end."""

import json
import socket
import threading
import time

import pytest

from conftest import config_for
from programs import eventually
from scripted import DONE, Call, event

STREAM = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hello!"}]}
MIB = 1024 * 1024


@pytest.fixture
def provider(stage):
    return stage.scripted()


@pytest.fixture
def gateway(stage, provider):
    return stage.gateway(config_for(provider.url))


@pytest.fixture
def raw(gateway):
    with gateway.connect() as one:
        yield one


def begin(raw, provider, content_type="text/event-stream"):
    """A stream that has begun: the provider's side of it."""
    raw.post(STREAM)
    call = provider.next_call()
    call.send_head(content_type)
    return call


def error_of(chunk):
    """The error in an SSE event, which must be whole and the only thing in it."""
    text = chunk.decode()
    assert text.startswith("data: ") and text.endswith("\n\n")
    return json.loads(text[len("data: ") :])["error"]


def test_each_frame_arrives_before_the_next_one_is_sent(raw, provider):
    call = begin(raw, provider)
    for word in ("one", "two", "three"):
        call.send_chunk(event(word))
        if word == "one":
            head = raw.read_head()
            assert head.status == 200
            assert head.get("content-type") == "text/event-stream"
        assert raw.read_chunk().decode() == event(word)
    call.send_chunk(DONE)
    assert raw.read_chunk().decode() == DONE
    call.finish()
    assert raw.read_chunk() == b""


def test_a_frame_in_pieces_arrives_whole(raw, provider):
    call = begin(raw, provider)
    frame = event("a word with é and 中文").encode()
    for i in range(len(frame)):
        call.send_chunk(frame[i : i + 1])
    call.send_chunk(DONE)
    call.finish()
    raw.read_head()
    chunks = raw.read_chunks()
    assert b"".join(chunks) == frame + DONE.encode()
    assert all(chunk.endswith(b"\n\n") for chunk in chunks)


def test_lines_may_end_in_any_way_that_the_standard_knows(raw, provider):
    call = begin(raw, provider)
    payload = event("x").removeprefix("data: ").strip()
    text = f"data: {payload}\r\n\r\ndata:{payload}\r\rid: 7\nevent: message\ndata: {payload}\n\n" + DONE
    call.send_chunk(text)
    call.finish()
    raw.read_head()
    assert b"".join(raw.read_chunks()).decode() == text


def test_comments_before_the_answer_are_not_the_answer(raw, provider):
    call = begin(raw, provider)
    call.send_chunk(": keep-alive\n\n")
    assert raw.nothing_within(0.1)
    call.send_chunk(": keep-alive\n\n" + event("x") + ": between\n\n" + DONE)
    call.finish()
    raw.read_head()
    text = b"".join(raw.read_chunks()).decode()
    assert event("x") in text and text.endswith(DONE)


def test_comments_show_the_client_that_somebody_is_there(stage, provider):
    gateway = stage.gateway(config_for(provider.url, stream_commit_after="0s"))
    with gateway.connect() as raw:
        call = begin(raw, provider)
        call.send_chunk(": keep-alive\n\n")
        assert raw.read_head().status == 200
        assert raw.read_chunk() == b": keep-alive\n\n"
        call.send_chunk(event("x") + DONE)
        call.finish()
        assert b"".join(raw.read_chunks()).decode() == event("x") + DONE


def test_comments_keep_a_slow_stream_alive(stage, provider):
    config = config_for(provider.url)
    config["providers"]["one"]["timeout"] = {"first_byte": "600ms", "idle": "600ms"}
    gateway = stage.gateway(config)
    with gateway.connect() as raw:
        call = begin(raw, provider)
        for _ in range(8):
            assert raw.nothing_within(0.1)
            call.send_chunk(": keep-alive\n\n")
        call.send_chunk(event("x") + DONE)
        call.finish()
        assert raw.read_head().status == 200
        assert raw.read_chunks()[-1].decode().endswith(DONE)


def test_a_stream_that_falls_silent_ends_with_an_error(stage, provider):
    config = config_for(provider.url)
    config["providers"]["one"]["timeout"] = {"idle": "200ms"}
    gateway = stage.gateway(config)
    with gateway.connect() as raw:
        call = begin(raw, provider)
        call.send_chunk(event("x"))
        raw.read_head()
        chunks = raw.read_chunks()
    assert chunks[0].decode() == event("x")
    assert error_of(chunks[-1])["code"] == "upstream_error"
    call.wait_for_end()


def test_a_stream_without_done_ends_with_an_error(raw, provider):
    call = begin(raw, provider)
    call.send_chunk(event("x") + event(finish="stop"))
    call.finish()
    raw.read_head()
    assert error_of(raw.read_chunks()[-1])["code"] == "upstream_error"


def test_an_error_event_of_the_provider_passes_and_the_stream_ends(gateway, raw, provider):
    call = begin(raw, provider)
    wrong = 'data: {"error":{"message":"overloaded","type":"server_error","code":"x"}}\n\n'
    call.send_chunk(event("x"))
    head = raw.read_head()
    assert raw.read_chunk().decode() == event("x")
    call.send_chunk(wrong)
    call.finish()
    assert b"".join(raw.read_chunks()).decode() == wrong
    record = gateway.record(head.get("x-sluice-request-id"))
    assert record["error"] == "upstream_error"


ROLE = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
OVERLOADED = 'data: {"error":{"message":"overloaded"}}\n\n'


@pytest.mark.parametrize("apart", [True, False])
def test_an_error_before_anything_is_said_is_a_failure_like_any_other(raw, provider, apart):
    call = begin(raw, provider)
    for piece in (ROLE, OVERLOADED) if apart else (ROLE + OVERLOADED,):
        assert raw.nothing_within(0.05)
        call.send_chunk(piece)
    call.finish()
    assert raw.read_head().status == 502


def test_an_error_right_behind_the_first_word_passes(raw, provider):
    call = begin(raw, provider)
    call.send_chunk(ROLE + event("x") + OVERLOADED)
    call.finish()
    assert raw.read_head().status == 200
    assert b"".join(raw.read_chunks()).decode() == ROLE + event("x") + OVERLOADED


def test_a_beginning_that_says_nothing_is_not_held_back_for_long(stage, provider):
    gateway = stage.gateway(config_for(provider.url, stream_commit_after="100ms"))
    with gateway.connect() as raw:
        call = begin(raw, provider)
        call.send_chunk(ROLE)
        assert raw.read_head().status == 200
        assert raw.read_chunk().decode() == ROLE
        call.send_chunk(OVERLOADED)
        call.finish()
        assert b"".join(raw.read_chunks()).decode() == OVERLOADED


def test_the_client_has_its_end_at_done_though_the_provider_stays(raw, provider):
    call = begin(raw, provider)
    call.send_chunk(event("x", finish="stop") + DONE)  # and no end of the body
    raw.read_head()
    assert b"".join(raw.read_chunks()).decode() == event("x", finish="stop") + DONE
    call.hang_up()


def test_half_a_frame_at_a_clean_end_is_dropped_before_the_error_event(raw, provider):
    call = begin(raw, provider)
    call.send_chunk(event("x") + 'data: {"choi')
    call.finish()
    raw.read_head()
    text = b"".join(raw.read_chunks()).decode()
    assert text.startswith(event("x") + 'data: {"error":')


LONG = event("a") + event("b") + event("c", finish="stop") + DONE


@pytest.mark.parametrize("end", ["close", "bad chunk"])
def test_a_stream_cut_at_any_byte_ends_with_an_error(gateway, provider, end):
    text = LONG.encode()
    first = len(event("a"))
    for cut in range(first, len(text) - len(DONE) + 1, 9):
        with gateway.connect() as raw:
            call = begin(raw, provider)
            call.send_chunk(text[:cut])
            call.send("zz\r\n") if end == "bad chunk" else call.hang_up()
            raw.read_head()
            got = b"".join(raw.read_chunks())
        whole = text[: text.rfind(b"\n\n", 0, cut) + 2]
        assert got.startswith(whole)
        assert error_of(got[len(whole) :])["code"] == "upstream_error"


def test_a_large_frame_that_is_cut_does_not_swallow_the_error(gateway, provider):
    with gateway.connect() as raw:
        call = begin(raw, provider)
        call.send_chunk(event("a"))
        raw.read_head()
        raw.read_chunk()
        call.send_chunk(event("b" * 300_000)[:-100])
        call.hang_up()
        rest = b"".join(raw.read_chunks())
    frames = rest.split(b"\n\n")
    assert json.loads(frames[-2].removeprefix(b"data: "))["error"]["code"] == "upstream_error"


BROKEN_BEFORE = {
    "an error object": 'data: {"error":{"message":"no","type":"server_error"}}\n\n',
    "no JSON": "data: <html>\n\n",
    "only the end": DONE,
    "nothing": "",
    "only comments": ": ping\n\n: ping\n\n",
    "no capacity": event(finish="insufficient_system_resource") + DONE,
}


@pytest.mark.parametrize("name", BROKEN_BEFORE)
def test_what_is_broken_before_the_first_byte_is_answered_by_the_next(stage, provider, name):
    other = stage.scripted()
    config = config_for(provider.url, models={"m": {"ladder": ["one/a"], "fallback": ["two/b"]}})
    config["providers"]["two"]["base_url"] = other.url
    gateway = stage.gateway(config)
    with gateway.connect() as raw:
        call = begin(raw, provider)
        if BROKEN_BEFORE[name]:
            call.send_chunk(BROKEN_BEFORE[name])
        call.finish()
        second = other.next_call()
        second.send_head()
        second.send_chunk(event("good") + DONE)
        second.finish()
        head = raw.read_head()
        assert head.status == 200
        assert head.get("x-sluice-model") == "two/b"
        assert b"".join(raw.read_chunks()).decode() == event("good") + DONE


def test_nobody_else_is_asked_once_a_byte_has_gone_out(stage, provider):
    other = stage.scripted()
    config = config_for(provider.url, models={"m": {"ladder": ["one/a"], "fallback": ["two/b"]}})
    config["providers"]["two"]["base_url"] = other.url
    gateway = stage.gateway(config)
    with gateway.connect() as raw:
        call = begin(raw, provider)
        call.send_chunk(event("x"))
        raw.read_head()
        raw.read_chunk()
        call.hang_up()
        assert error_of(raw.read_chunks()[-1])["code"] == "upstream_error"
    assert other.no_call()


def test_a_client_that_hangs_up_ends_its_call(gateway, provider):
    with gateway.connect() as raw:
        call = begin(raw, provider)
        call.send_chunk(event("x"))
        head = raw.read_head()
        raw.read_chunk()
    call.wait_for_end()
    assert gateway.record(head.get("x-sluice-request-id"))["aborted"] is True


def test_a_client_that_hangs_up_before_the_answer_ends_its_call(gateway, provider):
    with gateway.connect() as raw:
        raw.post(STREAM)
        call = provider.next_call()
    call.wait_for_end()


@pytest.mark.parametrize("answered", [True, False])
def test_a_call_ends_within_a_tenth_of_a_second_of_its_client(stage, gateway, provider, answered):
    """Counted from the client's close to the moment the provider sees its end.

    Of seven, the one in the middle: a busy machine may keep any of them waiting, but a gateway that polls,
    or waits for the next frame, keeps most of them. Under a sanitizer all takes several times as long.
    """
    waits = []
    for _ in range(7):
        with gateway.connect() as raw:
            if answered:
                call = begin(raw, provider)
                call.send_chunk(event("x"))
                raw.read_head()
                raw.read_chunk()
            else:
                raw.post(STREAM)
                call = provider.next_call()
            closed = time.monotonic()
        waits.append(call.wait_for_end() - closed)
    assert sorted(waits)[3] < (0.5 if stage.sanitized else 0.1), waits


def test_an_answer_streams_while_its_request_is_still_being_sent(stage):
    """More than sockets hold: the provider takes the rest only when the client has the beginning."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gateway = stage.gateway(config_for(f"http://127.0.0.1:{listener.getsockname()[1]}"))
        padding = "x" * (32 * MIB)
        body = json.dumps({**STREAM, "messages": [{"role": "user", "content": padding}]}).encode()
        with gateway.connect() as raw:
            sender = threading.Thread(target=raw.post, args=(body,))
            sender.start()
            provider, _ = listener.accept()
            with provider, provider.makefile("rb") as received:
                length = 0
                while (line := received.readline().lower()) != b"\r\n":
                    name, _, value = line.partition(b":")
                    length = int(value) if name == b"content-length" else length
                call = Call(provider, None, "", b"")
                call.send_head()
                call.send_chunk(event("early"))
                raw.read_head()
                assert raw.read_chunk() == event("early").encode()
                assert len(received.read(length)) == length
                call.send_chunk(DONE)
                call.finish()
                assert raw.read_chunks() == [DONE.encode()]
            sender.join()


def test_the_call_is_ended_and_its_place_is_free_again(gateway, provider):
    with gateway.connect() as raw:
        call = begin(raw, provider)
        call.send_chunk(event("x"))
        raw.read_head()
        assert gateway.metrics()['sluice_upstream_in_flight{provider="one"}'] == 1
    call.wait_for_end()
    eventually(lambda: gateway.metrics()['sluice_upstream_in_flight{provider="one"}'] == 0)


def test_blank_lines_before_a_json_answer_are_signs_of_life(stage, provider):
    config = config_for(provider.url)
    config["providers"]["one"]["timeout"] = {"first_byte": "600ms", "idle": "600ms"}
    gateway = stage.gateway(config)
    with gateway.connect() as raw:
        raw.post({"model": "m", "messages": []})
        call = provider.next_call()
        call.send_head("application/json")
        for _ in range(8):
            assert raw.nothing_within(0.1)
            call.send_chunk("\n")
        call.send_chunk('{"choices":[]}')
        call.finish()
        head, body = raw.read_answer()
    assert head.status == 200
    assert json.loads(body) == {"choices": []}


def test_a_slow_reader_slows_its_provider_and_fills_no_memory(stage, gateway, provider):
    """Stated number: less than 8 MiB more for a stream of 50 MB that nobody reads."""
    frame = event("x" * 1000)
    with gateway.connect() as raw:
        call = begin(raw, provider)
        call.send_chunk(event("x"))
        raw.read_head()
        raw.read_chunk()
        before = gateway.resident_bytes()
        block = (frame * 64).encode()
        chunk = f"{len(block):x}\r\n".encode() + block + b"\r\n"
        sent = 0
        while sent < 50 * MIB and call.send_while_taken(chunk, within=0.5):
            sent += len(block)
        assert sent < 40 * MIB, "the provider could send it all, so somebody kept it"
        assert stage.sanitized or gateway.resident_bytes() - before < 8 * MIB


def test_a_stream_of_fifty_megabytes_passes_whole_in_little_memory(stage):
    simulator = stage.simulator()
    gateway = stage.gateway(config_for(simulator.url))
    with gateway.connect() as raw:
        raw.post(STREAM, headers="x-sim-fault: tokens=150000\r\n")
        raw.read_head()
        total, last, peak = 0, b"", 0
        while chunk := raw.read_chunk():
            if total // MIB != (total + len(chunk)) // MIB:
                peak = max(peak, gateway.resident_bytes())
            total += len(chunk)
            last = chunk
    assert total > 30 * MIB
    assert last.endswith(DONE.encode())
    assert stage.sanitized or peak < 40 * MIB
