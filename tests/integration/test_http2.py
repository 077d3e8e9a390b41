"""HTTP/2 to the data listener and to providers, with real clients and with ones that misbehave."""

import contextlib
import json
import ssl
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2 as httpx
import openai
import pytest
from h2_client import H2Client
from h2_provider import H2Provider
from hyperframe.frame import ContinuationFrame, HeadersFrame, PingFrame, SettingsFrame

from conftest import config_for
from programs import eventually
from tls_files import Authority

PROTOCOL_ERROR, CANCEL, ENHANCE_YOUR_CALM = 1, 8, 11
CHAT = "/v1/chat/completions"
HELLO = [{"role": "user", "content": "Hello!"}]


def chat(**fields):
    return json.dumps({"model": "m", "messages": HELLO, **fields}).encode()


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def client(gateway):
    with H2Client(gateway.address) as one:
        yield one


def trusting_http2(authority):
    context = ssl.create_default_context(cafile=str(authority.file))
    context.set_alpn_protocols(["h2"])
    return context


# ---- clients as they are


def test_the_official_client_works_over_http2(gateway):
    with httpx.Client(http1=False, http2=True) as http:
        official = openai.OpenAI(base_url=gateway.url + "/v1", api_key="any", http_client=http, max_retries=0)
        answer = official.chat.completions.create(model="m", messages=HELLO)
        assert answer.choices[0].message.content
        pieces = official.chat.completions.create(model="m", messages=HELLO, stream=True)
        text = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
        assert text == answer.choices[0].message.content
        with pytest.raises(openai.NotFoundError):
            official.chat.completions.create(model="no-such", messages=HELLO)


def test_the_official_client_is_offered_http2_over_tls(stage, simulator, authority):
    cert, key = authority.certificate("gateway")
    gateway = stage.gateway(config_for(simulator.url, tls={"cert": str(cert), "key": str(key)}))
    context = ssl.create_default_context(cafile=str(authority.file))
    seen = []
    hooks = {"response": [lambda answer: seen.append(answer.http_version)]}
    with httpx.Client(http2=True, verify=context, event_hooks=hooks) as http:
        base = f"https://localhost:{gateway.address}/v1"
        official = openai.OpenAI(base_url=base, api_key="any", http_client=http, max_retries=0)
        assert official.chat.completions.create(model="m", messages=HELLO).choices
    assert seen == ["HTTP/2"]


def test_curl_works_with_prior_knowledge(gateway):
    done = subprocess.run(
        ["curl", "-s", "--http2-prior-knowledge", "-w", "%{http_version} %{http_code}", "-o", "/dev/null",
         gateway.url + "/v1/models"],
        capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip
    assert done.stdout == "2 200"


def test_http2_can_be_switched_off(stage, simulator):
    gateway = stage.gateway(config_for(simulator.url, http={"streams_max": 0}))
    with H2Client(gateway.address) as one:
        assert one.socket.recv(65536).startswith(b"HTTP/1.1 400 ")


# ---- a thousand streams on one connection


def test_one_connection_carries_a_thousand_streams(stage):
    simulator = stage.simulator("--ttft", "200ms", fast=False)
    gateway = stage.gateway(config_for(simulator.url, providers={
        "one": {"dialect": "openai", "base_url": simulator.url + "/v1", "key": "k", "in_flight_max": 2000}},
        models={"m": {"ladder": ["one/gpt-4o-mini"]}}, http={"write_idle_timeout": "60s"}))  # fmt: skip
    with H2Client(gateway.address) as one:
        one.until(lambda: one.h2.outbound_flow_control_window > 65535)
        assert one.h2.remote_settings.max_concurrent_streams == 1000
        body = chat(stream=True, max_tokens=5)
        streams = [one.ask("POST", CHAT, body) for _ in range(1000)]
        dropped = streams[500]
        one.until(lambda: one.streams[dropped].status == 200)
        one.reset(dropped)
        for stream in streams:
            if stream != dropped:
                assert one.answer(stream).body.endswith(b"data: [DONE]\n\n")
    lines = eventually(lambda: len(found := gateway.events("request")) == 1000 and found)
    assert sum(line.get("aborted", False) for line in lines) == 1
    assert {line["status"] for line in lines} <= {200, 499}


def test_requests_in_flight_count_across_streams(stage):
    simulator = stage.simulator("--ttft", "5s", fast=False)
    gateway = stage.gateway(config_for(simulator.url, http={"requests_max": 5}))
    with H2Client(gateway.address) as one:
        streams = [one.ask("POST", CHAT, chat()) for _ in range(6)]
        one.until(lambda: any(one.streams[stream].over for stream in streams))
        refused = [one.streams[stream] for stream in streams if one.streams[stream].over]
        assert [stream.status for stream in refused] == [503]
        assert json.loads(refused[0].body)["error"]["code"] == "unavailable"


# ---- one stream among others


def flood_until_cut(call, frame):
    with contextlib.suppress(OSError):
        while True:
            call.send_chunk(frame)


def test_a_reset_stream_cancels_its_provider_and_no_other(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(f"http://127.0.0.1:{provider.port}"))
    with H2Client(gateway.address) as one:
        dropped = one.ask("POST", CHAT, chat(stream=True))
        doomed = provider.next_call()
        kept = one.ask("POST", CHAT, chat(stream=True))
        other = provider.next_call()
        doomed.send_head()
        doomed.send_chunk('data: {"choices":[{"delta":{"content":"a"}}]}\n\n')
        one.until(lambda: one.streams[dropped].body)
        one.reset(dropped)
        doomed.wait_for_end()
        other.send_head()
        other.send_chunk("data: {}\n\n")
        other.send_chunk("data: [DONE]\n\n")
        other.finish()
        assert one.answer(kept).body == b"data: {}\n\ndata: [DONE]\n\n"


def test_a_slow_stream_stops_its_provider_and_is_ended_alone(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(f"http://127.0.0.1:{provider.port}", http={"write_idle_timeout": "1s"}))
    with H2Client(gateway.address, window=1000) as one:
        slow = one.ask("POST", CHAT, chat(stream=True))
        one.unread.add(slow)
        flood = provider.next_call()
        flood.send_head()
        frame = b'data: {"choices":[{"delta":{"content":"' + b"x" * 60000 + b'"}}]}\n\n'
        threading.Thread(target=flood_until_cut, args=(flood, frame), daemon=True).start()
        quick = one.ask("POST", CHAT, chat(stream=True))
        other = provider.next_call()
        other.send_head()
        for _ in range(3):
            other.send_chunk("data: {}\n\n")
        other.send_chunk("data: [DONE]\n\n")
        other.finish()
        assert one.answer(quick).body.endswith(b"[DONE]\n\n")
        assert one.answer(slow).reset == CANCEL
        assert len(one.streams[slow].body) <= 1000
        flood.wait_for_end()
        if not stage.sanitized:
            assert gateway.resident_bytes_max() < 64 * 1024 * 1024


def test_the_end_of_the_connection_cancels_every_provider(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(f"http://127.0.0.1:{provider.port}"))
    with H2Client(gateway.address) as one:
        for _ in range(5):
            one.ask("POST", CHAT, chat())
        calls = [provider.next_call() for _ in range(5)]
    for call in calls:
        call.wait_for_end()


# ---- what must not get through to HTTP/1.1


@pytest.mark.parametrize(
    "field",
    [
        ("x-a", "a\r\nx-evil: b"),
        ("x-a", "a\nb"),
        ("x-a", "a\rb"),
        ("x-a", "a\0b"),
        ("x-a", " blank"),
        ("x-a\r\nx-evil", "b"),
        ("X-Upper", "b"),
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("upgrade", "websocket"),
        ("keep-alive", "5"),
        ("te", "gzip"),
        ("content-length", "4"),
        ("content-length", "+70"),
    ],
    ids=repr,
)
def test_a_field_that_could_smuggle_is_refused(gateway, simulator, field):
    with H2Client(gateway.address, strict=False) as one:
        stream = one.ask("POST", CHAT, chat(), headers=[field])
        answer = one.answer(stream)
        assert answer.status == 0
        assert answer.reset == PROTOCOL_ERROR
        good = one.ask("POST", CHAT, chat(), headers=[("x-a", "b")])
        assert one.answer(good).status == 200
    assert len(simulator.requests()) == 1


@pytest.mark.parametrize("path", ["no-slash", "http://other/v1/models", "/v1/models HTTP/1.1\r\nx: y", "/a#b", "/\t"])
def test_a_target_that_is_no_path_is_refused(gateway, path):
    with H2Client(gateway.address, strict=False) as one:
        answer = one.answer(one.ask("GET", path))
        assert answer.status == 400 or answer.reset == PROTOCOL_ERROR


def test_two_hosts_are_refused(gateway):
    with H2Client(gateway.address, strict=False) as one:
        assert one.answer(one.ask("GET", "/v1/models", headers=[("host", "b")])).status == 400
        assert one.answer(one.ask("GET", "/v1/models", headers=[("host", "a")])).status == 200


def test_trailers_are_dropped(client, simulator):
    stream = client.ask("POST", CHAT, chat(), end=False)
    client.h2.send_headers(stream, [("x-trailer", "secret")], end_stream=True)
    client.flush()
    assert client.answer(stream).status == 200
    assert "x-trailer" not in json.dumps(simulator.requests())


# ---- floods


def flood(gateway, frames):
    with H2Client(gateway.address) as one:
        one.ask("POST", CHAT, end=False)
        try:
            one.socket.sendall(frames)
        except OSError:
            pass
        one.until(lambda: one.goaway is not None)
        return one.goaway


def test_rapid_reset_ends_the_connection_and_leaves_nothing_behind(gateway):
    with H2Client(gateway.address) as one:
        for i in range(1500):
            one.h2.send_headers(
                2 * i + 1, [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", CHAT)]
            )
            one.h2.reset_stream(2 * i + 1)
        one.flush()
        one.until(lambda: one.goaway is not None)
        assert one.goaway == ENHANCE_YOUR_CALM
    assert gateway.ask("GET", "/v1/models").status == 200


def test_floods_of_pings_and_settings_end_the_connection(gateway):
    ping = PingFrame(0)
    ping.opaque_data = b"12345678"
    assert flood(gateway, ping.serialize() * 8000) == ENHANCE_YOUR_CALM
    assert flood(gateway, SettingsFrame(0).serialize() * 8000) == ENHANCE_YOUR_CALM


def test_a_header_block_without_end_ends_the_connection(gateway):
    with H2Client(gateway.address) as one:
        start = HeadersFrame(1, b"")
        more = ContinuationFrame(1, b"")
        one.socket.sendall(start.serialize() + more.serialize() * 1000)
        one.until(lambda: one.goaway is not None)
        assert one.goaway is not None or one.closed


def test_headers_past_the_limit_are_431(stage, simulator):
    gateway = stage.gateway(config_for(simulator.url, http={"header_max": "2KiB"}))
    with H2Client(gateway.address) as one:
        answer = one.answer(one.ask("GET", "/v1/models", headers=[("x-a", "b" * 2048)]))
        assert answer.status == 431
        assert json.loads(answer.body)["error"]["code"] == "too_large"
        assert one.answer(one.ask("GET", "/v1/models")).status == 200


# ---- providers


@pytest.fixture
def h2_provider(authority):
    provider = H2Provider(*map(str, authority.certificate("provider")), expected=20)
    yield provider
    provider.close()


def over_http2(stage, provider, authority, **more):
    config = config_for(f"https://localhost:{provider.port}")
    config["providers"]["one"] |= {"ca_file": str(authority.file), **more}
    return stage.gateway({**config, "threads": 1})


def twenty_chats(gateway):
    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(lambda _: gateway.chat(), range(20)))


def failed_calls(gateway):
    name = "sluice_upstream_errors_total{"
    return sum(value for series, value in gateway.metrics().items() if series.startswith(name))


def test_calls_to_a_provider_share_a_connection(stage, h2_provider, authority):
    gateway = over_http2(stage, h2_provider, authority)
    answers = twenty_chats(gateway)  # none is answered before all are there
    assert {answer.status for answer in answers} == {200}
    assert h2_provider.connections == 1


def test_a_caller_who_hangs_up_resets_his_stream_alone(stage, h2_provider, authority):
    gateway = over_http2(stage, h2_provider, authority)
    with H2Client(gateway.address) as one:
        dropped = one.ask("POST", CHAT, chat())
        eventually(lambda: len(h2_provider.waiting) == 1)
        one.reset(dropped)
        eventually(lambda: h2_provider.resets)
        h2_provider.waiting.clear()
        streams = [one.ask("POST", CHAT, chat()) for _ in range(20)]
        assert {one.answer(stream).status for stream in streams} == {200}
    assert h2_provider.connections == 1


def test_http2_to_a_provider_can_be_switched_off(stage, h2_provider, authority):
    gateway = over_http2(stage, h2_provider, authority, http2=False)
    assert gateway.chat().status == 502  # the provider speaks nothing else
    assert h2_provider.waiting == []


def test_a_connection_that_dies_under_many_calls_is_one_failure(stage, h2_provider, authority, simulator):
    h2_provider.deeds = ["die"]
    config = config_for(f"https://localhost:{h2_provider.port}", threads=1)
    config["providers"]["one"]["ca_file"] = str(authority.file)
    config["providers"]["two"]["base_url"] = simulator.url
    config["models"]["m"]["fallback"] = ["two/deepseek-chat"]
    gateway = stage.gateway(config)
    answers = twenty_chats(gateway)  # more than the extra calls that a provider's failures may cause
    assert {answer.status for answer in answers} == {200}
    assert {answer.headers["x-sluice-model"] for answer in answers} == {"two/deepseek-chat"}
    assert failed_calls(gateway) == 20
    h2_provider.expected = 1
    assert gateway.chat().headers["x-sluice-model"] == "one/gpt-4o-mini"  # it is not left alone
    assert not gateway.events("provider_rests")


def test_calls_that_a_goaway_leaves_out_are_made_again_without_a_failure(stage, h2_provider, authority):
    h2_provider.deeds = ["go_away"]
    gateway = over_http2(stage, h2_provider, authority)
    assert {answer.status for answer in twenty_chats(gateway)} == {200}
    assert h2_provider.connections == 2
    assert failed_calls(gateway) == 0


def test_a_provider_that_requires_http11_is_asked_over_it(stage, authority):
    provider = H2Provider(
        *map(str, authority.certificate("provider")), expected=20, deeds=["ask_for_http11"], http11=True
    )
    with contextlib.closing(provider):
        gateway = over_http2(stage, provider, authority)
        assert {answer.status for answer in twenty_chats(gateway)} == {200}
        assert not provider.deeds
        assert gateway.chat().status == 200  # HTTP/2 would let it wait for nineteen more
        assert failed_calls(gateway) == 0


# ---- the end


def test_a_drain_says_goodbye_and_lets_streams_finish(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(f"http://127.0.0.1:{provider.port}"))
    with H2Client(gateway.address) as one:
        stream = one.ask("POST", CHAT, chat(stream=True))
        call = provider.next_call()
        gateway.signal(15)
        eventually(lambda: gateway.events("draining"))
        call.send_head()
        call.send_chunk("data: {}\n\n")
        call.send_chunk("data: [DONE]\n\n")
        call.finish()
        assert one.answer(stream).body == b"data: {}\n\ndata: [DONE]\n\n"
        one.until(lambda: one.goaway is not None)
        assert one.goaway == 0
    assert gateway.wait() == 0
