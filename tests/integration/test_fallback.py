"""Who is asked, in which order, and what the caller hears when nobody answers."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

import programs
from conftest import config_for
from programs import eventually

OK = '{"id":"x","object":"chat.completion","choices":[]}'
ASK = {"model": "m", "messages": []}


def reply(call, status=200, body=OK, more="", kind="application/json"):
    call.send(
        f"HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\n{more}"
        f"content-length: {len(body.encode())}\r\n\r\n{body}"
    )


def two_providers(one, two, **more):
    """The alias `m`: first a at provider one, then b at provider two."""
    config = config_for(one, models={"m": {"ladder": ["one/a"], "fallback": ["two/b"]}}, **more)
    config["providers"]["two"]["base_url"] = two
    return config


def free_port():
    """A port on which nobody listens; nothing else binds it while it is bound here."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    return holder, holder.getsockname()[1]


@pytest.fixture
def one(stage):
    return stage.scripted()


@pytest.fixture
def two(stage):
    return stage.scripted()


@pytest.fixture
def gateway(stage, one, two):
    return stage.gateway(two_providers(one.url, two.url))


def test_the_default_answers_then_stronger_then_weaker_then_the_fallback(stage, simulator):
    ladder = [f"one/{name}" for name in ("weak", "middle", "strong")]
    models = {"m": {"ladder": ladder, "default": "one/middle", "fallback": ["two/other"]}}
    gateway = stage.gateway(config_for(simulator.url, models=models, retry={"attempts_max": 10}))
    answer = gateway.chat(headers={"x-sim-fault": "status=503"})
    assert answer.status == 503
    asked = [json.loads(simulator.body(one["number"]))["model"] for one in simulator.requests()]
    assert asked == ["middle", "strong", "weak", "other"]


def test_the_rung_says_how_strong_the_answering_model_is(stage, simulator):
    models = {
        "m": {"ladder": ["one/weak", "one/strong"], "default": "one/weak"},
        "s": {"ladder": ["one/weak", "one/strong"]},
    }
    gateway = stage.gateway(config_for(simulator.url, models=models))
    assert gateway.chat().headers["x-sluice-rung"] == "cheap"
    assert gateway.chat(model="s").headers["x-sluice-rung"] == "strong"


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_a_status_that_another_can_mend_is_tried_elsewhere(gateway, one, two, status):
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), status, '{"error":{"message":"no"}}')
        reply(two.next_call())
        head, body = raw.read_answer()
    assert head.status == 200
    assert body.decode() == OK
    assert head.get("x-sluice-model") == "two/b"
    attempts = gateway.record(head.get("x-sluice-request-id"))["attempts"]
    assert [(attempt["model"], attempt["status"]) for attempt in attempts] == [
        ("one/a", status),
        ("two/b", 200),
    ]


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 422])
def test_the_callers_own_mistake_passes_unchanged(gateway, one, two, status):
    words = ' {"error" : {"message": "your \\u00e9 mistake", "code":null, "new": 1e999}}\n'
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), status, words, "x-should-retry: false\r\n")
        head, body = raw.read_answer()
    assert head.status == status
    assert body.decode() == words
    assert head.get("x-should-retry") == "false"
    assert two.no_call()


def test_no_capacity_in_a_whole_answer_is_tried_elsewhere(gateway, one, two):
    cut = '{"choices":[{"index":0,"finish_reason":"insufficient_system_resource","message":{"content":"a"}}]}'
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), 200, cut)
        reply(two.next_call())
        assert raw.read_answer()[0].get("x-sluice-model") == "two/b"


def chunk_of(data):
    return "data: " + json.dumps(data) + "\n\n"


SPENT = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
NO_CAPACITY = {"choices": [{"index": 0, "finish_reason": "insufficient_system_resource", "delta": {}}]}
SPENT_IN_VAIN = {
    "whole": (False, json.dumps({**NO_CAPACITY, "usage": SPENT})),
    "whole, an error": (False, json.dumps({"error": {"message": "no"}, "usage": SPENT})),
    "stream, with the reason": (True, chunk_of({**NO_CAPACITY, "usage": SPENT})),
    "stream, behind the reason": (True, chunk_of(NO_CAPACITY) + chunk_of({"choices": [], "usage": SPENT})),
    "stream, before an error": (
        True,
        chunk_of({"choices": [], "usage": SPENT}) + chunk_of({"error": {"message": "no"}}),
    ),
}


@pytest.mark.parametrize("name", SPENT_IN_VAIN)
def test_what_a_failed_attempt_used_is_recorded_and_counted(gateway, one, two, name):
    stream, words = SPENT_IN_VAIN[name]
    good = {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}}
    with gateway.connect() as raw:
        raw.post({**ASK, "stream": stream})
        kind = "text/event-stream" if stream else "application/json"
        reply(one.next_call(), 200, words, kind=kind)
        answer = chunk_of(good) + "data: [DONE]\n\n" if stream else json.dumps(good)
        reply(two.next_call(), 200, answer, kind=kind)
        head, _ = raw.read_answer()
    record = gateway.record(head.get("x-sluice-request-id"))
    first, second = record["attempts"]
    assert (first["usage"]["input"], first["usage"]["output"]) == (7, 5)
    assert "usage" not in second
    assert (record["usage"]["input"], record["usage"]["output"]) == (100, 10)
    assert gateway.metrics()['sluice_tokens_total{kind="input"}'] == 107
    assert gateway.metrics()['sluice_tokens_total{kind="output"}'] == 15


def test_what_the_last_attempt_used_in_vain_is_recorded_once(gateway, one, two):
    words = SPENT_IN_VAIN["whole"][1]
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), 503, "{}")
        reply(two.next_call(), 200, words)
        head, _ = raw.read_answer()
    assert head.status == 502
    record = gateway.record(head.get("x-sluice-request-id"))
    assert record["attempts"][1]["usage"]["output"] == 5
    assert "usage" not in record
    assert gateway.metrics()['sluice_tokens_total{kind="output"}'] == 5


BROKEN = {
    "an error object": '{"error":{"message":"overloaded"}}',
    "no JSON": "<html>busy</html>",
    "half of it": '{"choices":[',
    "nothing": "",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_with_status_200_is_tried_elsewhere(gateway, one, two, name):
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), 200, BROKEN[name])
        reply(two.next_call())
        assert raw.read_answer()[0].get("x-sluice-model") == "two/b"


def test_an_answer_that_is_cut_is_tried_elsewhere(gateway, one, two):
    with gateway.connect() as raw:
        raw.post(ASK)
        call = one.next_call()
        call.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n" + OK)
        call.hang_up()
        reply(two.next_call())
        assert raw.read_answer()[0].get("x-sluice-model") == "two/b"


def test_a_refused_connection_is_tried_elsewhere(stage, two):
    holder, port = free_port()
    gateway = stage.gateway(two_providers(f"http://127.0.0.1:{port}", two.url))
    with holder, gateway.connect() as raw:
        raw.post(ASK)
        reply(two.next_call())
        assert raw.read_answer()[0].get("x-sluice-model") == "two/b"


def test_a_connection_that_ends_before_the_head_is_tried_elsewhere(gateway, one, two):
    with gateway.connect() as raw:
        raw.post(ASK)
        one.next_call().hang_up()
        reply(two.next_call())
        assert raw.read_answer()[0].get("x-sluice-model") == "two/b"


def test_a_head_that_is_no_http_is_tried_elsewhere(gateway, one, two):
    with gateway.connect() as raw:
        raw.post(ASK)
        one.next_call().send("SSH-2.0-OpenSSH\r\n\r\n")
        reply(two.next_call())
        assert raw.read_answer()[0].get("x-sluice-model") == "two/b"


def test_a_provider_that_stalls_is_502_and_not_504(stage, one):
    config = config_for(one.url)
    config["providers"]["one"]["timeout"] = {"first_byte": "100ms"}
    gateway = stage.gateway(config)
    answer = gateway.chat()
    assert answer.status == 502
    assert answer.error["code"] == "upstream_error"
    one.next_call().wait_for_end()


def test_when_all_fail_the_last_status_is_given_and_everybody_is_named(gateway, one, two):
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), 500, "{}")
        reply(two.next_call(), 503, "{}", "x-should-retry: false\r\n")
        head, body = raw.read_answer()
    assert head.status == 503
    assert head.get("x-should-retry") == "false"
    error = json.loads(body)["error"]
    assert error["code"] == "upstream_error"
    assert "one/a" in error["message"] and "500" in error["message"]
    assert "two/b" in error["message"] and "503" in error["message"]


def test_nobody_reachable_is_502_with_a_sentence(stage):
    holder, port = free_port()
    with holder:
        gateway = stage.gateway(config_for(f"http://127.0.0.1:{port}"))
        answer = gateway.chat()
    assert answer.status == 502
    assert answer.error["code"] == "upstream_error"
    assert "one/gpt-4o-mini" in answer.error["message"]
    assert answer.headers["x-should-retry"] == "true"


def test_a_short_retry_after_is_waited_for(stage, one):
    gateway = stage.gateway(config_for(one.url))
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), 429, "{}", "retry-after: 1\r\n")
        assert raw.nothing_within(0.3) and one.no_call()
        reply(one.next_call())
        assert raw.read_answer()[0].status == 200


def test_a_long_retry_after_is_passed_on(stage, one):
    gateway = stage.gateway(config_for(one.url))
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), 429, "{}", "retry-after: 42\r\n")
        head, body = raw.read_answer()
    assert head.status == 429
    assert head.get("retry-after") == "42"
    assert head.get("x-should-retry") == "true"
    assert json.loads(body)["error"]["code"] == "upstream_error"


def test_a_limited_key_is_left_alone_while_another_is_free(stage, simulator):
    limited = stage.simulator(
        scenario={"rules": [{"model": "a", "nth": 1, "fault": "status=429; retry_after=60"}]}
    )
    gateway = stage.gateway(two_providers(limited.url, simulator.url))
    assert gateway.chat().headers["x-sluice-model"] == "two/b"
    assert gateway.chat().headers["x-sluice-model"] == "two/b"
    assert len(limited.requests()) == 1


def test_retries_stay_within_their_budget(stage):
    """An outage of 30 s is not doubled: at least 10 extra calls, at most a fifth more."""
    down, other = stage.simulator(), stage.simulator()
    limits = {"budget": "20%", "budget_min": 10}
    gateway = stage.gateway(two_providers(down.url, other.url, retry=limits))
    for _ in range(100):
        assert gateway.chat(headers={"x-sim-fault": "status=503"}).status == 503
    extra = len(other.requests()) + len(down.requests()) - 100
    assert 10 <= extra <= 20 + 10 + 10
    retries = sum(value for name, value in gateway.metrics().items() if "upstream_retries_total" in name)
    assert retries == extra


def test_the_only_candidate_is_asked_once_and_the_client_told_to_retry(stage, one):
    gateway = stage.gateway(config_for(one.url))
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), 503, '{"error":{"message":"overloaded"}}')
        head, body = raw.read_answer()
    assert head.status == 503
    assert head.get("x-should-retry") == "true"
    assert json.loads(body)["error"]["code"] == "upstream_error"
    assert one.no_call()


def test_an_account_that_the_caller_names_costs_nobody_a_key(gateway, one, two):
    with gateway.connect() as raw:
        raw.post(ASK, headers="openai-organization: org-of-somebody-else\r\n")
        reply(one.next_call(), 401, '{"error":{"message":"Incorrect API key provided: sk-prov**one"}}')
        alone = one.next_call()
        assert alone.head.startswith("GET /v1/models ") and "organization" not in alone.head
        reply(alone, body='{"data":[]}')
        head, body = raw.read_answer()
        assert head.status == 401
        assert head.get("x-should-retry") == "false"
        assert json.loads(body)["error"]["code"] == "upstream_error"
        assert "openai-organization" in json.loads(body)["error"]["message"]
        assert "sk-prov" not in body.decode()
        assert two.no_call()
        raw.post(ASK)
        reply(one.next_call())
        assert raw.read_answer()[0].status == 200


@pytest.mark.parametrize("code", ["invalid_api_key", None])
def test_a_revoked_key_is_noticed_though_callers_name_accounts(gateway, one, two, code):
    refusal = json.dumps({"error": {"message": "no", "code": code}})
    with gateway.connect() as raw:
        raw.post(ASK, headers="openai-organization: org-1\r\n")
        reply(one.next_call(), 401, refusal)
        if code is None:
            reply(one.next_call(), 401, refusal)
        reply(two.next_call())
        assert raw.read_answer()[0].status == 200
    assert eventually(lambda: gateway.events("key_put_aside"), what="a loud line")


def test_a_candidate_without_room_costs_no_retry(stage, one, two):
    config = two_providers(one.url, two.url, retry={"budget": "0%", "budget_min": 1})
    config["providers"]["two"] |= {"in_flight_max": 1, "queue_max": 0}
    gateway = stage.gateway(config)
    with gateway.connect() as holder, gateway.connect() as raw:
        holder.post({**ASK, "model": "two/b"})
        held = two.next_call()
        for _ in range(2):
            raw.post(ASK)
            reply(one.next_call(), 503, "{}")
            assert raw.read_answer()[0].status == 503
        reply(held)
        assert holder.read_answer()[0].status == 200
        holder.post(ASK)  # on the connection whose request has ended, and with it what it held
        reply(one.next_call(), 503, "{}")
        reply(two.next_call())
        assert holder.read_answer()[0].status == 200
    assert gateway.metrics()['sluice_upstream_retries_total{provider="one"}'] == 1


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_refused_key_is_put_aside_and_the_next_one_used(stage, one, status):
    config = config_for(one.url)
    del config["providers"]["one"]["key"]
    config["providers"]["one"]["keys"] = ["sk-first", "sk-second"]
    gateway = stage.gateway(config)
    with gateway.connect() as raw:
        raw.post(ASK)
        first = one.next_call()
        assert "authorization: Bearer sk-first\r\n" in first.head
        reply(first, status, "{}")
        second = one.next_call()
        assert "authorization: Bearer sk-second\r\n" in second.head
        reply(second)
        assert raw.read_answer()[0].status == 200
        raw.post(ASK)
        again = one.next_call()
        assert "authorization: Bearer sk-second\r\n" in again.head
        reply(again)
        assert raw.read_answer()[0].status == 200
    (alarm,) = eventually(lambda: gateway.events("key_put_aside"), what="a loud line")
    assert str(status) in alarm["message"] and "sk-first" not in json.dumps(alarm)


def test_when_no_key_is_left_the_callers_key_is_not_blamed(stage):
    simulator = stage.simulator("--keys", "sk-other")
    gateway = stage.gateway(config_for(simulator.url))
    for _ in range(2):
        answer = gateway.chat()
        assert answer.status == 502
        assert answer.error["code"] == "upstream_error"


def test_a_reload_brings_a_refused_key_back(stage, one):
    gateway = stage.gateway(config_for(one.url))
    with gateway.connect() as raw:
        raw.post(ASK)
        reply(one.next_call(), 401, "{}")
        assert raw.read_answer()[0].status == 502
        gateway.reload(config_for(one.url))
        raw.post(ASK)
        reply(one.next_call())
        assert raw.read_answer()[0].status == 200


def narrow(url, **more):
    config = config_for(url)
    config["providers"]["one"].update({"in_flight_max": 1, **more})
    return config


def waiting(gateway):
    return gateway.metrics()['sluice_queue_depth{provider="one"}']


def test_requests_over_the_limit_wait_in_line_and_keep_their_order(stage, one):
    gateway = stage.gateway(narrow(one.url))
    with gateway.connect() as first, gateway.connect() as second, gateway.connect() as third:
        first.post({**ASK, "user": "first"})
        call = one.next_call()
        for place, (raw, name) in enumerate([(second, "second"), (third, "third")], 1):
            raw.post({**ASK, "user": name})
            eventually(lambda: waiting(gateway) == place, what="a request in line")
        assert one.no_call()
        for raw, name in ((first, "second"), (second, "third")):
            reply(call)
            assert raw.read_answer()[0].status == 200
            call = one.next_call()
            assert json.loads(call.body)["user"] == name
        reply(call)
        assert third.read_answer()[0].status == 200
    assert waiting(gateway) == 0


def test_who_waits_in_line_too_long_is_told_to_come_back(stage, one):
    gateway = stage.gateway(narrow(one.url, queue_timeout="100ms"))
    with gateway.connect() as first:
        first.post(ASK)
        call = one.next_call()
        answer = gateway.chat()
        assert answer.status == 429
        assert answer.error["code"] == "rate_limited"
        assert answer.headers["retry-after"]
        assert answer.headers["x-should-retry"] == "true"
        reply(call)
        assert first.read_answer()[0].status == 200


def test_a_full_line_refuses_at_once(stage, one):
    gateway = stage.gateway(narrow(one.url, queue_max=0))
    with gateway.connect() as first:
        first.post(ASK)
        one.next_call()
        assert gateway.chat().error["code"] == "rate_limited"


def test_who_leaves_the_line_takes_no_place(stage, one):
    gateway = stage.gateway(narrow(one.url))
    with gateway.connect() as first, gateway.connect() as third:
        first.post(ASK)
        call = one.next_call()
        with gateway.connect() as second:
            second.post(ASK)
            eventually(lambda: waiting(gateway) == 1)
        eventually(lambda: waiting(gateway) == 0)
        third.post({**ASK, "user": "third"})
        eventually(lambda: waiting(gateway) == 1)
        reply(call)
        call = one.next_call()
        assert json.loads(call.body)["user"] == "third"


def test_no_time_left_is_504(gateway, one, two):
    with gateway.connect() as raw:
        raw.post(ASK, headers="x-sluice-deadline: 150ms\r\n")
        call = one.next_call()
        head, body = raw.read_answer()
    assert head.status == 504
    assert head.get("x-should-retry") == "false"
    assert json.loads(body)["error"]["code"] == "deadline_exceeded"
    call.wait_for_end()
    assert two.no_call()


@pytest.mark.parametrize("words", ["soon", "-1s", "0s", "5", "1 s"])
def test_a_deadline_that_is_no_time_is_refused(gateway, words):
    answer = gateway.chat(headers={"x-sluice-deadline": words})
    assert answer.status == 400
    assert "x-sluice-deadline" in answer.error["message"]


def test_explain_answers_with_the_plan_and_calls_nobody(gateway, one, two):
    answer = gateway.chat(headers={"x-sluice-explain": "only"})
    assert answer.status == 200
    plan = answer.json()
    assert [candidate["model"] for candidate in plan["candidates"]] == ["one/a", "two/b"]
    assert all(candidate["reason"] and candidate["rung"] for candidate in plan["candidates"])
    assert plan["reason"]
    assert plan["request_id"] == answer.headers["x-sluice-request-id"]
    assert one.no_call() and two.no_call()


def test_a_provider_whose_calls_all_fail_is_asked_last(stage):
    down, other = stage.simulator(scenario={"rules": [{"fault": "status=500"}]}), stage.simulator()
    gateway = stage.gateway(two_providers(down.url, other.url))
    for _ in range(5):
        assert gateway.chat().headers["x-sluice-model"] == "two/b"
    plan = gateway.chat(headers={"x-sluice-explain": "only"}).json()
    assert [candidate["model"] for candidate in plan["candidates"]] == ["two/b", "one/a"]
    assert plan["candidates"][1]["rejected"]


def test_a_model_can_be_asked_for_by_provider_and_name(stage, simulator):
    gateway = stage.gateway(config_for(simulator.url))
    answer = gateway.chat(model="two/deepseek-chat")
    assert answer.headers["x-sluice-model"] == "two/deepseek-chat"
    assert json.loads(simulator.body(simulator.only_request()["number"]))["model"] == "deepseek-chat"
    assert gateway.chat(model="nobody/deepseek-chat").status == 404


# --- what providers say of their failures ----------------------------------------------------------


def test_what_the_provider_said_of_its_failure_reaches_the_caller_and_no_log(stage, simulator):
    gateway = stage.gateway(config_for(simulator.url))
    answer = gateway.chat(headers={"x-sim-fault": "status=429"})
    assert answer.status == 429 and answer.error["code"] == "upstream_error"
    direct = ask_simulator(simulator, {"x-sim-fault": "status=429"})
    assert "one says: " + direct.error["message"] in answer.error["message"]
    assert direct.error["message"] not in gateway.error_text()


@pytest.mark.parametrize("stream", [False, True])
def test_an_overload_inside_a_good_status_keeps_its_class(stage, stream):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(provider.url))
    said = {"message": "Overloaded: try later", "type": "overloaded_error", "code": None}
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(gateway.chat, stream=stream)
        call = provider.next_call()
        body = json.dumps({"error": said})
        if stream:
            call.send_head()
            call.send_chunk(f"data: {body}\n\n")
            call.finish()
        else:
            call.send_head("application/json")
            call.send_chunk(body)
            call.finish()
        answer = asked.result(timeout=20)
    assert answer.status == 529 and "one says: Overloaded: try later" in answer.error["message"]


def ask_simulator(simulator, headers):
    body = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]})
    headers = {"authorization": "Bearer any", **headers}
    return programs.ask(simulator.address, "POST", "/v1/chat/completions", body.encode(), headers)
