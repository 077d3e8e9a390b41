"""Messages through the gateway: with the official Anthropic client, unmodified, and byte by byte."""

import asyncio
import hashlib
import json

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic
from openai import OpenAI

from anthropic_asks import (
    HELLO,
    MODEL,
    THINKING,
    TIDES,
    WEATHER,
    cached,
    client_of,
    create,
    result_of,
    stream_of,
    total_input,
    use_of,
)
import programs
from conftest import config_for
from programs import eventually

ASK = {"model": "m", "max_tokens": 50, "messages": HELLO}
VERSION = {"anthropic-version": "2023-06-01"}


def messages_config(url, **more):
    """`m` and `m2` are two providers that speak Anthropic, `d` is DeepSeek, `o` speaks OpenAI only."""
    providers = {
        "claude": {"dialect": "anthropic", "base_url": url, "key": "sk-claude"},
        "second": {"dialect": "anthropic", "base_url": url, "key": "sk-second"},
        "deep": {"dialect": "deepseek", "base_url": url, "key": "sk-deep"},
        "open": {"dialect": "openai", "base_url": url + "/v1", "key": "sk-open"},
    }
    models = {
        "m": {"ladder": ["claude/" + MODEL]},
        "m2": {"ladder": ["claude/" + MODEL], "fallback": ["second/claude-haiku-4-5"]},
        "d": {"ladder": ["deep/deepseek-v4-pro"]},
        "o": {"ladder": ["open/gpt-4o-mini"]},
        "mixed": {"ladder": ["open/gpt-4o-mini"], "fallback": ["claude/" + MODEL, "deep/deepseek-v4-pro"]},
    }
    return {**config_for(url), "providers": providers, "models": models, **more}


@pytest.fixture
def gateway(stage, simulator):
    return stage.gateway(messages_config(simulator.url))


def ask(client, *arguments, **more):
    return create(client, *arguments, **{"model": "m", **more})


def stream(client, *arguments, **more):
    return stream_of(client, *arguments, **{"model": "m", **more})


def post(gateway, body, headers=None, path="/v1/messages"):
    return gateway.ask("POST", path, body, {**VERSION, "x-api-key": "any", **(headers or {})})


# --- answers ------------------------------------------------------------------------------------------------


def test_a_message_is_answered_as_the_provider_answers_it(client, direct):
    answer = ask(client)
    assert answer.to_dict() == create(direct).to_dict()
    assert answer.model == MODEL and answer._request_id.startswith("req_")


def test_a_stream_says_the_same_as_the_whole_answer(client):
    whole = ask(client, TIDES)
    with stream(client) as events:
        kinds = [event.type for event in events]
        streamed = events.get_final_message()
    assert [block.text for block in streamed.content] == [block.text for block in whole.content]
    assert streamed.stop_reason == whole.stop_reason
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop"


def test_the_bytes_of_a_stream_are_the_providers(gateway, simulator):
    body = {**ASK, "stream": True, "messages": TIDES}
    asked = json.dumps({**body, "model": MODEL}).encode()
    there = programs.ask(simulator.address, "POST", "/v1/messages", asked, {**VERSION, "x-api-key": "any"})
    here = post(gateway, body)
    assert here.headers["content-type"] == there.headers["content-type"]
    assert here.body == there.body and b"event: message_stop\n" in here.body


@pytest.mark.parametrize("before", ["/v1", "", "/anthropic/v1", "/anthropic"])
def test_messages_are_taken_wherever_their_clients_look(gateway, simulator, before):
    answer = post(gateway, ASK, path=before + "/messages")
    assert answer.status == 200 and answer.json()["type"] == "message"
    assert simulator.only_request()["target"] == "/v1/messages"
    assert answer.headers["x-sluice-model"] == "claude/" + MODEL


def test_the_client_may_use_the_base_url_of_deepseeks_copy(gateway):
    with client_of(gateway, "/anthropic") as client:
        assert ask(client).content[0].text


def test_tools_over_several_turns(client):
    question = {"role": "user", "content": "What is the weather in Paris?"}
    first = ask(client, [question], tools=[WEATHER])
    assert first.stop_reason == "tool_use" and use_of(first).input == {"city": "Paris"}
    turns = [question, {"role": "assistant", "content": first.content}]
    good = ask(client, [*turns, result_of(use_of(first), "17 degrees")], tools=[WEATHER])
    assert "17 degrees" in good.content[0].text
    with stream(client, [question], tools=[WEATHER]) as events:
        parts = [event.partial_json for event in events if event.type == "input_json"]
    assert json.loads("".join(parts)) == {"city": "Paris"}


def test_thinking_goes_back_with_its_signature_unchanged(client):
    question = {"role": "user", "content": "What is the weather in Paris?"}
    more = {"tools": [WEATHER], "thinking": THINKING}
    with stream(client, [question], **more) as events:
        kinds = {event.type for event in events}
        first = events.get_final_message()
    assert {"thinking", "signature"} <= kinds
    turns = [question, {"role": "assistant", "content": [block.to_dict() for block in first.content]}]
    turns.append(result_of(use_of(first), "17 degrees"))
    assert ask(client, turns, **more).stop_reason == "end_turn"
    turns[1]["content"][0]["thinking"] += "!"
    with pytest.raises(anthropic.BadRequestError, match="signature"):
        ask(client, turns, **more)


def test_the_beta_client_is_served(client, simulator):
    answer = client.beta.messages.create(**ASK, betas=["context-management-2025-06-27"])
    assert answer.content[0].text
    assert simulator.only_request()["headers"]["anthropic-beta"] == "context-management-2025-06-27"


def test_the_query_that_older_clients_send_is_passed_on(gateway, simulator):
    assert post(gateway, ASK, path="/v1/messages?beta=true").status == 200
    assert simulator.only_request()["target"] == "/v1/messages?beta=true"


def test_plain_curl_need_not_know_the_version(gateway, simulator):
    answer = gateway.ask("POST", "/v1/messages", ASK, {"x-api-key": "any"})
    assert answer.status == 200
    assert simulator.only_request()["headers"]["anthropic-version"] == "2023-06-01"


def test_a_refusal_of_ours_has_its_id_where_clients_look(gateway):
    refused = post(gateway, {**ASK, "model": "nobody"})
    assert refused.headers["request-id"] == refused.headers["x-sluice-request-id"]
    chat = gateway.chat(model="nobody")
    assert chat.headers["x-request-id"] == chat.headers["x-sluice-request-id"]
    assert gateway.ask("GET", "/v1/messages").headers["allow"] == "POST"


def test_tokens_are_counted_by_the_provider_and_cost_nothing(gateway, client, direct, simulator):
    counted = client.messages.count_tokens(model="m", messages=TIDES)
    assert counted == direct.messages.count_tokens(model=MODEL, messages=TIDES)
    record = gateway.last_record()
    assert record["path"] == "/messages/count_tokens" and record["status"] == 200
    assert "usage" not in record and record["model"] == "claude/" + MODEL
    assert gateway.metrics()['sluice_tokens_total{kind="input"}'] == 0
    assert simulator.requests()[0]["target"].startswith("/v1/messages/count_tokens")


def test_fifty_at_once(gateway):
    async def run():
        more = {"api_key": "any", "max_retries": 0, "timeout": 20}
        async with AsyncAnthropic(base_url=gateway.url, **more) as client:

            async def one(number):
                asked = {**ASK, "messages": [{"role": "user", "content": f"What is {number} * 3?"}]}
                if number % 2:
                    answer = await client.messages.create(**asked)
                else:
                    async with client.messages.stream(**asked) as events:
                        answer = await events.get_final_message()
                return answer.content[0].text

            return await asyncio.gather(*(one(number) for number in range(50)))

    texts = asyncio.run(run())
    assert all(str(number * 3) in text for number, text in enumerate(texts))


# --- bytes and headers --------------------------------------------------------------------------------------

HI = '"messages":[{"role":"user","content":"Hi \\ud83d\\ude00 é"}]'

BODIES = {
    "plain": '{"model":MODEL,"max_tokens":9,' + HI + "}",
    "odd whitespace": ' \r\n{ "max_tokens" : 9\t,\n"model"\n:\tMODEL ,\r\n' + HI + " }\n",
    "unknown members": '{"x":{"model":"m"},"model":MODEL,"max_tokens":9,"stream_options":{},' + HI + "}",
    "a stream": '{"model":MODEL,"stream":true,"max_tokens":9,' + HI + "}",
    "cache marks": '{"model":MODEL,"max_tokens":9,"system":[{"cache_control":{"ttl":"1h","type":"ephemeral"},'
    '"type":"text","text":"Be brief"}],"temperature":0.10000000001,' + HI + "}",
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
def test_a_body_passes_byte_for_byte_but_for_the_model(gateway, simulator, name, path):
    sent, expected = (BODIES[name].replace("MODEL", json.dumps(model)).encode() for model in ("m", MODEL))
    gateway.ask("POST", path, sent.decode(), VERSION)
    request = simulator.only_request()
    assert request["body_sha256"] == hashlib.sha256(expected).hexdigest()
    assert simulator.body(request["number"]) == expected


def test_what_anthropic_and_its_clients_agree_on_passes_both_ways(gateway, simulator):
    headers = {**VERSION, "anthropic-beta": "a,b", "x-stainless-lang": "python", "idempotency-key": "i-1"}
    answer = post(gateway, ASK, headers)
    received = simulator.only_request()["headers"]
    for name, value in headers.items():
        assert received[name] == value
    assert received["x-api-key"] == "sk-claude" and "authorization" not in received
    assert answer.headers["request-id"].startswith("req_")
    assert answer.headers["anthropic-ratelimit-requests-limit"] == "4000"
    assert answer.headers["x-sluice-request-id"] != answer.headers["request-id"]


@pytest.mark.parametrize("named", ["x-api-key", "authorization"])
def test_a_key_may_come_in_either_header(stage, simulator, named):
    data = str(stage.directory / "data")
    made = stage.run("keys", "create", "--team", "t", "--models", "m", "--data", data)
    secret = next(word for word in made.stdout.split() if word.startswith("sk-sluice-"))
    gateway = stage.gateway(messages_config(simulator.url, auth="keys", data=data))
    value = secret if named == "x-api-key" else "Bearer " + secret
    assert gateway.ask("POST", "/v1/messages", ASK, {**VERSION, named: value}).status == 200
    with client_of(gateway, key=secret) as good, client_of(gateway, key="sk-wrong") as wrong:
        assert ask(good).content
        with pytest.raises(anthropic.PermissionDeniedError):
            ask(good, model="m2")
        with pytest.raises(anthropic.AuthenticationError) as raised:
            ask(wrong)
    assert raised.value.body["error"]["code"] == "invalid_api_key"
    received = simulator.requests()[0]["headers"]
    assert secret not in json.dumps(received)


# --- usage --------------------------------------------------------------------------------------------------


def buckets(usage):
    """The provider's numbers as the log line should have them."""
    thinking = usage.output_tokens_details.thinking_tokens if usage.output_tokens_details else 0
    writes = usage.cache_creation
    found = {
        "input": usage.input_tokens,
        "cached_input": usage.cache_read_input_tokens,
        "output": usage.output_tokens - thinking,
        "reasoning": thinking,
        "cache_write_5m": writes.ephemeral_5m_input_tokens if writes else 0,
        "cache_write_1h": writes.ephemeral_1h_input_tokens if writes else 0,
    }
    always = ("input", "cached_input", "output", "reasoning")
    return {name: count for name, count in found.items() if count or name in always}


def test_usage_is_kept_in_its_buckets_whole_and_streamed(gateway, client):
    question = [{"role": "user", "content": cached("What is in the book? " * 40)}]
    first = ask(client, question, system=cached(ttl="1h"), thinking=THINKING)
    record = gateway.last_record()
    assert record["usage"] == buckets(first.usage)
    assert record["usage"]["cache_write_1h"] > 1024 and record["usage"]["cache_write_5m"] > 100
    assert record["usage"]["reasoning"] > 0
    assert record["finish_reason"] == "stop" and record["response_model"] == MODEL

    with stream(client, question, system=cached(ttl="1h"), thinking=THINKING) as events:
        second = events.get_final_message().usage
    record = eventually(lambda: gateway.events("request")[1:], what="the second log line")[-1]
    assert record["usage"] == buckets(second) and record["stream"]
    assert record["usage"]["cached_input"] > 1024
    assert "cache_write_1h" not in record["usage"]
    assert record["first_token_us"] > 0

    counted = gateway.metrics()
    whole = total_input(first.usage) + total_input(second)
    by_kind = {kind: counted[f'sluice_tokens_total{{kind="{kind}"}}'] for kind in ("input", "cached_input")}
    assert sum(by_kind.values()) == whole
    assert by_kind["cached_input"] == second.cache_read_input_tokens


def test_deepseek_is_reached_by_its_anthropic_endpoint(gateway, client, simulator):
    answer = ask(client, model="d")
    assert answer.model == "deepseek-v4-pro"
    assert [block.type for block in answer.content] == ["thinking", "text"]
    request = simulator.only_request()
    assert request["target"] == "/anthropic/v1/messages"
    assert request["headers"]["x-api-key"] == "sk-deep"
    assert gateway.last_record()["usage"] == buckets(answer.usage)
    assert ask(client, model="deep/claude-opus-4-8").model == "deepseek-v4-pro"


# --- errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "type_"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (404, anthropic.NotFoundError, "not_found_error"),
        (413, anthropic.APIStatusError, "request_too_large"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (529, anthropic.InternalServerError, "overloaded_error"),
    ],
)
def test_errors_have_the_clients_own_classes(client, status, kind, type_):
    with pytest.raises(kind) as raised:
        ask(client, fault=f"status={status}; retry_after=20")
    error = raised.value
    assert error.status_code == status
    assert error.body["type"] == "error" and error.body["error"]["type"] == type_
    assert error.body["request_id"].startswith("req_")


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_key_that_the_provider_refuses_is_not_the_callers(client, status):
    with pytest.raises(anthropic.InternalServerError) as raised:
        ask(client, fault=f"status={status}")
    assert raised.value.status_code == 502
    assert raised.value.body["error"]["code"] == "upstream_error"


def test_what_the_gateway_refuses_has_anthropics_shape(gateway):
    invalid = (400, "invalid_request_error", "invalid_request")
    for body, path, status, type_, code in [
        ('{"model":"m","model":"m"}', "/v1/messages", *invalid),
        ('{"model":"m","max_tokens":0}', "/v1/messages", *invalid),
        ('{"model":"m","stream":1}', "/anthropic/v1/messages", *invalid),
        ('{"max_tokens":1', "/v1/messages/count_tokens", *invalid),
        ({**ASK, "model": "nobody"}, "/v1/messages", 404, "not_found_error", "model_not_found"),
        (ASK, "/anthropic/v1/chat/completions", 404, "not_found_error", "not_found"),
        (ASK, "/v1/nowhere", 404, "not_found_error", "not_found"),
    ]:
        answer = post(gateway, body, path=path)
        said = answer.json()
        assert (answer.status, said["type"]) == (status, "error")
        assert (said["error"]["type"], said["error"]["code"]) == (type_, code)
        assert said["error"]["message"]
        assert said["request_id"] == answer.headers["x-sluice-request-id"]
        assert answer.headers["x-should-retry"] == "false"


def test_a_deadline_is_said_in_anthropics_words(gateway):
    answer = post(gateway, ASK, {"x-sim-fault": "delay=20s", "x-sluice-deadline": "200ms"})
    assert answer.status == 504
    assert answer.error["type"] == "timeout_error" and answer.error["code"] == "deadline_exceeded"


@pytest.mark.parametrize("fault", ["status=529", "error_in_200", "garbage", "empty", "reset=head"])
def test_another_candidate_is_asked_before_the_first_byte(stage, fault):
    rules = [{"model": MODEL, "fault": fault}]
    gateway = stage.gateway(messages_config(stage.simulator(scenario={"rules": rules}).url))
    answer = post(gateway, {**ASK, "model": "m2"})
    assert answer.status == 200 and answer.json()["model"] == "claude-haiku-4-5"
    assert answer.headers["x-sluice-model"] == "second/claude-haiku-4-5"
    assert "claude/" + MODEL in answer.headers["x-sluice-reason"]


@pytest.mark.parametrize(
    "fault",
    [
        "status=529",
        "error_event=0",
        "keepalive=2; error_event=0",
        "error_event=2",
        "error_event=2; stall=2000",
    ],
)
def test_a_stream_that_is_overloaded_at_once_is_asked_for_elsewhere(stage, fault):
    rules = [{"model": MODEL, "fault": fault}]
    gateway = stage.gateway(messages_config(stage.simulator(scenario={"rules": rules}).url))
    with client_of(gateway) as client, stream(client, model="m2") as events:
        assert events.get_final_message().model == "claude-haiku-4-5"


def test_overloaded_everywhere_is_529_and_may_be_retried(gateway):
    answer = post(gateway, {**ASK, "model": "m2"}, {"x-sim-fault": "status=529"})
    assert (answer.status, answer.error["type"]) == (529, "overloaded_error")
    assert answer.headers["x-should-retry"] == "true"


@pytest.mark.parametrize(("told", "requests"), [("false", 1), ("true", 3)])
def test_the_client_retries_as_it_is_told(gateway, simulator, told, requests):
    status = 529 if told == "false" else 400  # the opposite of what the client would do by itself
    with Anthropic(base_url=gateway.url, api_key="any", max_retries=2, timeout=20) as client:
        with pytest.raises(anthropic.APIStatusError):
            ask(client, fault=f"status={status}; should_retry={told}; retry_after=0")
    asked = [request["headers"].get("x-stainless-retry-count") for request in simulator.requests()]
    assert len(set(asked)) == requests


# --- streams that break -------------------------------------------------------------------------------------


def events_of(body):
    frames = body.decode().split("\n\n")
    assert frames[-1] == ""
    return [json.loads(frame.split("data: ")[-1]) for frame in frames[:-1]]


@pytest.mark.parametrize("fault", ["no_done", "truncate=900; stall=2000", "reset=900; stall=2000"])
def test_a_stream_that_is_cut_off_ends_with_an_error_event(gateway, fault):
    answer = post(gateway, {**ASK, "stream": True, "messages": TIDES}, {"x-sim-fault": fault})
    assert answer.status == 200
    assert b"event: error\ndata: " in answer.body
    *_, last = events_of(answer.body)
    assert last["type"] == "error" and last["error"]["type"] == "api_error"
    assert last["error"]["code"] == "upstream_error"
    assert last["request_id"] == answer.headers["x-sluice-request-id"]
    record = gateway.record_of(answer)
    assert record["error"] == "upstream_error"
    assert record["usage"]["input"] > 0


def test_a_clients_stream_that_breaks_raises(client):
    with pytest.raises(anthropic.APIStatusError) as raised, stream(client, fault="no_done") as events:
        list(events)
    assert raised.value.body["error"]["code"] == "upstream_error"


def test_an_error_event_of_the_provider_passes(gateway):
    fault = {"x-sim-fault": "error_event=4; stall=4000"}
    answer = post(gateway, {**ASK, "stream": True, "messages": TIDES}, fault)
    *_, last = events_of(answer.body)
    assert last["error"]["type"] == "overloaded_error"
    assert gateway.record_of(answer)["error"] == "upstream_error"


def test_pings_are_passed_on_and_are_no_token(gateway):
    answer = post(gateway, {**ASK, "stream": True}, {"x-sim-fault": "keepalive=3"})
    types = [event["type"] for event in events_of(answer.body)]
    assert types[:4] == ["ping", "ping", "ping", "message_start"] and types[-1] == "message_stop"


def test_the_tokens_of_a_stream_without_usage_are_counted(gateway):
    answer = post(gateway, {**ASK, "stream": True}, {"x-sim-fault": "no_usage"})
    assert events_of(answer.body)[-1]["type"] == "message_stop"
    record = gateway.record_of(answer)
    assert record["usage_source"] in ("counted", "estimated")
    assert record["usage"]["input"] > 0 and record["usage"]["output"] > 0


def test_a_client_that_closes_its_stream_ends_the_call(gateway, client, simulator):
    with stream(client, fault="tokens=2000; stall=2000") as events:
        next(iter(events))
    eventually(lambda: simulator.requests()[0]["hung_up"], what="the end of the provider's call")
    record = eventually(lambda: gateway.events("request"), what="the log line")[0]
    assert record["aborted"] and record["usage"]["input"] > 0


# --- who may answer -----------------------------------------------------------------------------------------


def test_the_order_of_the_config_holds_whatever_a_candidate_speaks(gateway, simulator):
    answer = post(gateway, {**ASK, "model": "mixed"})
    assert answer.headers["x-sluice-model"] == "open/gpt-4o-mini" and answer.json()["type"] == "message"
    assert simulator.only_request()["target"] == "/v1/chat/completions"
    plan = post(gateway, {**ASK, "model": "mixed"}, {"x-sluice-explain": "only"}).json()
    assert [(one["model"], one.get("said_as")) for one in plan["candidates"]] == [
        ("open/gpt-4o-mini", "OpenAI chat completions"),
        ("claude/" + MODEL, None),
        ("deep/deepseek-v4-pro", None),
    ]


def test_tokens_are_counted_here_where_the_provider_does_not(gateway, simulator):
    counted = post(gateway, {**ASK, "model": "mixed"}, path="/v1/messages/count_tokens")
    assert counted.headers["x-sluice-model"] == "claude/" + MODEL
    here = post(gateway, {**ASK, "model": "o"}, path="/v1/messages/count_tokens")
    assert here.status == 200 and set(here.json()) == {"input_tokens"}
    assert 0 < here.json()["input_tokens"] < 100
    assert "its provider counts no prompts" in here.headers["x-sluice-reason"]
    assert len(simulator.requests()) == 1


def test_what_a_prompt_holds_is_counted_here_too(gateway):
    """More of it is more tokens: a tool's arguments, a document in words, one that is none, a picture."""

    def count(*blocks, role="user"):
        turn = {"role": role, "content": [{"type": "text", "text": "see"}, *blocks]}
        answer = post(gateway, {**ASK, "model": "o", "messages": [turn]}, path="/v1/messages/count_tokens")
        return answer.json()["input_tokens"], answer.headers["x-sluice-reason"]

    def document(source):
        return {"type": "document", "source": source}

    plain, _ = count()
    words = "What is in the book? " * 40
    use = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"question": words}}
    text = document({"type": "text", "media_type": "text/plain", "data": words})
    parts = document({"type": "content", "content": [{"type": "text", "text": words}]})
    for more, role in ((use, "assistant"), (text, "user"), (parts, "user")):
        counted, reason = count(more, role=role)
        assert 150 < counted - plain < 400, more
        assert role == "assistant" or reason.startswith("estimated")
    pdf = document({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"})
    png = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    picture = {"type": "image", "source": png}
    for more, tokens in ((pdf, 2250), (picture, 1500)):
        counted, reason = count(more)
        assert counted - plain == tokens and reason.startswith("estimated")


def test_without_aliases_a_name_finds_its_family(stage, simulator):
    gateway = stage.gateway(messages_config(simulator.url, models={}))
    with client_of(gateway) as client:
        assert ask(client, model=MODEL).model == MODEL
        assert ask(client, model="deepseek-v4-pro").model == "deepseek-v4-pro"


# --- models -------------------------------------------------------------------------------------------------


def test_models_are_listed_in_the_shape_of_who_asks(gateway, client):
    assert {model.id for model in client.models.list()} == {"m", "m2", "d", "o", "mixed"}
    one = client.models.retrieve("m")
    assert (one.type, one.id, one.display_name) == ("model", "m", "m")
    with pytest.raises(anthropic.NotFoundError) as raised:
        client.models.retrieve("nothing")
    assert raised.value.body["error"]["code"] == "model_not_found"
    assert gateway.ask("GET", "/anthropic/v1/models").json()["has_more"] is False
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0) as other:
        assert {model.id for model in other.models.list()} == {"m", "m2", "d", "o", "mixed"}


def test_a_providers_own_models_are_asked_for_in_its_dialect(stage, simulator):
    claude = {"dialect": "anthropic", "base_url": simulator.url, "key": "sk-claude"}
    gateway = stage.gateway(config_for(simulator.url, providers={"claude": claude}, models={}))
    with client_of(gateway) as client:
        assert MODEL in {model.id for model in client.models.list()}
    asked = simulator.only_request()
    assert asked["target"] == "/v1/models?limit=1000"
    assert asked["headers"]["x-api-key"] == "sk-claude" and "anthropic-version" in asked["headers"]
