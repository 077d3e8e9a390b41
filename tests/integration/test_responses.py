"""Responses through the gateway: with the official OpenAI client, unmodified, and byte by byte."""

import asyncio
import hashlib
import json

import openai
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

import programs
from conftest import config_for
from programs import eventually
from responses_asks import (
    MODEL,
    PIXEL,
    QUESTION,
    SEALED,
    THINKER,
    TIDES,
    WEATHER,
    call_of,
    client_of,
    create,
    events_of,
    given_back,
    output_of,
    stream_of,
    timeless,
    user,
)

ASK = {"model": "m", "input": "Hello!"}
BOTH = ["chat", "responses"]


def responses_config(url, **more):
    """`m` and `m2` are two providers that have Responses, `t` thinks, `o` is a server with chat only."""
    openai_ = {"dialect": "openai", "base_url": url + "/v1"}
    providers = {
        "one": {**openai_, "key": "sk-one", "endpoints": BOTH},
        "two": {**openai_, "key": "sk-two", "endpoints": BOTH},
        "box": {**openai_, "key": "sk-box"},
    }
    models = {
        "m": {"ladder": ["one/" + MODEL]},
        "m2": {"ladder": ["one/" + MODEL], "fallback": ["two/gpt-4o-mini"]},
        "t": {"ladder": ["one/" + THINKER]},
        "o": {"ladder": ["box/" + MODEL]},
        "mixed": {"ladder": ["box/" + MODEL], "fallback": ["one/" + MODEL]},
    }
    return {**config_for(url), "providers": providers, "models": models, **more}


@pytest.fixture
def gateway(stage, simulator):
    return stage.gateway(responses_config(simulator.url))


def ask(client, *arguments, **more):
    return create(client, *arguments, **{"model": "m", **more})


def stream(client, *arguments, **more):
    return stream_of(client, *arguments, **{"model": "m", **more})


def post(gateway, body, headers=None, path="/v1/responses"):
    return gateway.ask("POST", path, body, {"authorization": "Bearer any", **(headers or {})})


# --- answers ------------------------------------------------------------------------------------------------


def test_a_response_is_answered_as_the_provider_answers_it(client, direct):
    answer = ask(client)
    assert timeless(answer) == timeless(create(direct))
    assert answer.model == MODEL and answer._request_id.startswith("req_")


def test_a_stream_says_the_same_as_the_whole_answer(client):
    whole = ask(client, TIDES)
    with stream(client) as events:
        kinds = [event.type for event in events]
        streamed = events.get_final_response()
    assert streamed.output_text == whole.output_text and streamed.usage == whole.usage
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"


def test_the_bytes_of_a_stream_are_the_providers(gateway, simulator):
    body = {**ASK, "stream": True, "input": TIDES}
    asked = json.dumps({**body, "model": MODEL}).encode()
    headers = {"authorization": "Bearer any"}
    there = programs.ask(simulator.address, "POST", "/v1/responses", asked, headers)
    here = post(gateway, body)
    assert here.headers["content-type"] == there.headers["content-type"]
    assert timeless(here.body) == timeless(there.body) and b"event: response.completed\n" in here.body


@pytest.mark.parametrize("path", ["/v1/responses", "/responses"])
def test_responses_are_taken_with_and_without_the_version(gateway, simulator, path):
    answer = post(gateway, ASK, path=path)
    assert answer.status == 200 and answer.json()["object"] == "response"
    assert simulator.only_request()["target"] == "/v1/responses"
    assert answer.headers["x-sluice-model"] == "one/" + MODEL


def test_tools_over_several_turns(client):
    first = ask(client, QUESTION, tools=[WEATHER])
    call = call_of(first)
    assert json.loads(call.arguments) == {"city": "Paris"}
    turns = [user(QUESTION), *given_back(first), output_of(call, "17 degrees")]
    assert "17 degrees" in ask(client, turns, tools=[WEATHER]).output_text
    kept = ask(client, [output_of(call, "17 degrees")], tools=[WEATHER], previous_response_id=first.id)
    assert "17 degrees" in kept.output_text
    with stream(client, QUESTION, tools=[WEATHER]) as events:
        parts = [event.delta for event in events if event.type == "response.function_call_arguments.delta"]
    assert json.loads("".join(parts)) == {"city": "Paris"}


def test_sealed_thoughts_go_back_unchanged(client):
    more = {"model": "t", "tools": [WEATHER], "reasoning": {"summary": "auto"}, **SEALED}
    with stream(client, QUESTION, **more) as events:
        kinds = {event.type for event in events}
        first = events.get_final_response()
    assert "response.reasoning_summary_text.delta" in kinds
    turns = [user(QUESTION), *given_back(first), output_of(call_of(first), "17 degrees")]
    assert ask(client, turns, **more).output_text
    turns[1]["encrypted_content"] += "x"
    with pytest.raises(openai.BadRequestError) as raised:
        ask(client, turns, **more)
    assert raised.value.code == "invalid_encrypted_content"


class City(BaseModel):
    name: str
    people: int


def test_a_structure_is_parsed_whole_and_streamed(client):
    answer = client.responses.parse(model="m", input="Name a city", text_format=City)
    assert isinstance(answer.output_parsed, City)
    with stream(client, "Name a city", text_format=City) as events:
        assert events.get_final_response().output_parsed == answer.output_parsed


def test_an_image_part_is_passed_on(client):
    parts = [{"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": PIXEL}]
    assert ask(client, [user(parts)]).usage.input_tokens > 85


def test_fifty_at_once(gateway):
    async def run():
        more = {"api_key": "any", "max_retries": 0, "timeout": 20}
        async with AsyncOpenAI(base_url=gateway.url + "/v1", **more) as client:

            async def one(number):
                question = f"What is {number} * 3?"
                if number % 2:
                    return (await client.responses.create(model="m", input=question)).output_text
                async with client.responses.stream(model="m", input=question) as events:
                    return (await events.get_final_response()).output_text

            return await asyncio.gather(*(one(number) for number in range(50)))

    texts = asyncio.run(run())
    assert all(str(number * 3) in text for number, text in enumerate(texts))


# --- bytes and headers --------------------------------------------------------------------------------------

HI = '"input":"Hi \\ud83d\\ude00 é"'

BODIES = {
    "plain": '{"model":MODEL,' + HI + "}",
    "odd whitespace": ' \r\n{ "store" : false\t,\n"model"\n:\tMODEL ,\r\n' + HI + " }\n",
    "unknown members": '{"x":{"model":"m"},"model":MODEL,"stream_options":{"include_obfuscation":false},'
    + HI
    + "}",
    "a stream": '{"model":MODEL,"stream":true,' + HI + "}",
    "what the provider keeps": '{"previous_response_id":"resp_1","store":true,"model":MODEL,'
    '"background":false,"conversation":null,"temperature":0.10000000001,' + HI + "}",
    "a conversation": '{"conversation":{"id":"conv_1"},"model":MODEL,"include":[],' + HI + "}",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_passes_byte_for_byte_but_for_the_model(gateway, simulator, name):
    sent, expected = (BODIES[name].replace("MODEL", json.dumps(model)).encode() for model in ("m", MODEL))
    gateway.ask("POST", "/v1/responses", sent.decode())
    request = simulator.only_request()
    assert request["body_sha256"] == hashlib.sha256(expected).hexdigest()
    assert simulator.body(request["number"]) == expected


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/chat/completions"])
def test_what_openai_and_its_clients_agree_on_passes_both_ways(gateway, simulator, path):
    headers = {
        "openai-organization": "org-1",
        "openai-project": "proj_1",
        "openai-beta": "responses=v1",
        "idempotency-key": "i-1",
        "x-client-request-id": "c-1",
        "x-request-id": "theirs",
        "x-stainless-lang": "python",
    }
    body = {**ASK, "messages": [{"role": "user", "content": "x"}]} if "chat" in path else ASK
    answer = post(gateway, body, headers, path)
    received = simulator.only_request()["headers"]
    for name, value in headers.items():
        assert received[name] == value
    assert received["authorization"] == "Bearer sk-one"
    assert answer.headers["x-request-id"].startswith("req_sim_")
    assert answer.headers["openai-version"]
    assert answer.headers["x-sluice-request-id"] != answer.headers["x-request-id"]


def test_an_idempotency_key_goes_with_each_try(gateway, simulator):
    fault = {"x-sim-fault": "status=503", "idempotency-key": "i-1"}
    assert post(gateway, {**ASK, "model": "m2"}, fault).status == 503
    assert [request["headers"]["idempotency-key"] for request in simulator.requests()] == ["i-1", "i-1"]


# --- usage --------------------------------------------------------------------------------------------------


def buckets(usage):
    """The provider's numbers as the log line should have them."""
    thought = usage.output_tokens_details.reasoning_tokens
    cached = usage.input_tokens_details.cached_tokens
    return {
        "input": usage.input_tokens - cached,
        "cached_input": cached,
        "output": usage.output_tokens - thought,
        "reasoning": thought,
    }


def test_usage_is_kept_in_its_buckets_whole_and_streamed(gateway, client):
    text = "The harbour keeps a careful book of every ship. " * 200
    first = ask(client, text, model="t")
    record = gateway.last_record()
    assert record["usage"] == buckets(first.usage) and record["usage"]["reasoning"] > 0
    assert record["finish_reason"] == "stop" and record["response_model"] == THINKER
    assert record["path"] == "/responses"

    with stream(client, text, model="t") as events:
        second = events.get_final_response().usage
    record = eventually(lambda: gateway.events("request")[1:], what="the second log line")[-1]
    assert record["usage"] == buckets(second) and record["stream"]
    assert record["usage"]["cached_input"] >= 1024
    assert record["first_token_us"] > 0


@pytest.mark.parametrize("streamed", [False, True])
def test_why_an_answer_ended_is_kept(gateway, streamed):
    for more, reason in [
        ({}, "stop"),
        ({"max_output_tokens": 16}, "length"),
        ({"tools": [WEATHER], "input": QUESTION}, "tool_calls"),
    ]:
        answer = post(gateway, {**ASK, "input": TIDES, "stream": streamed, **more})
        assert answer.status == 200
        assert gateway.record_of(answer)["finish_reason"] == reason


# --- errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
def test_errors_have_the_clients_own_classes(client, status, kind):
    with pytest.raises(kind) as raised:
        ask(client, fault=f"status={status}; retry_after=20")
    assert raised.value.status_code == status


def test_the_client_retries_what_it_is_told_to_retry(gateway, simulator):
    with client_of(gateway, max_retries=2) as client:
        with pytest.raises(openai.InternalServerError):
            ask(client, fault="status=503")
        assert len(simulator.requests()) == 3
        simulator.reset()
        with pytest.raises(openai.BadRequestError):
            ask(client, fault="status=400")
        assert len(simulator.requests()) == 1


def test_a_deadline_is_not_repeated_by_the_client(gateway, simulator):
    headers = {"x-sim-fault": "delay=20s", "x-sluice-deadline": "200ms"}
    with client_of(gateway, max_retries=2) as client, pytest.raises(openai.InternalServerError) as raised:
        ask(client, extra_headers=headers)
    assert raised.value.status_code == 504
    assert len(simulator.requests()) == 1


def test_a_client_that_gives_up_ends_its_call(client, simulator):
    with pytest.raises(openai.APITimeoutError):
        ask(client, timeout=0.3, fault="delay=20s")
    eventually(lambda: simulator.requests()[0]["hung_up"], what="the end of the provider's call")


def test_what_the_gateway_refuses(gateway, simulator):
    invalid = (400, "invalid_request")
    for body, path, method, status, code in [
        ('{"model":"m","model":"m"}', "/v1/responses", "POST", *invalid),
        ('{"model":"m","max_output_tokens":0}', "/v1/responses", "POST", *invalid),
        ('{"input":"x"}', "/v1/responses", "POST", *invalid),
        ("nonsense", "/v1/responses", "POST", *invalid),
        ('{"model":"nothing"}', "/v1/responses", "POST", 404, "model_not_found"),
        (None, "/v1/responses", "GET", 405, "method_not_allowed"),
        (None, "/v1/responses/resp_1", "GET", 404, "not_found"),
        (None, "/v1/responses/resp_1", "DELETE", 404, "not_found"),
        ("{}", "/v1/responses/resp_1/cancel", "POST", 404, "not_found"),
        (None, "/responses/resp_1/input_items", "GET", 404, "not_found"),
        (ASK, "/v1/responses/input_tokens", "POST", 404, "not_found"),
    ]:
        answer = gateway.ask(method, path, body)
        assert (answer.status, answer.error["code"]) == (status, code), path
        assert set(answer.error) == {"message", "type", "param", "code"}
    assert simulator.requests() == []


def test_stored_responses_and_background_are_refused_with_what_to_do(client):
    with pytest.raises(openai.NotFoundError, match="kept by the provider"):
        client.responses.retrieve("resp_1")
    with pytest.raises(openai.BadRequestError, match="leave background out") as raised:
        ask(client, background=True)
    assert raised.value.param == "background"
    assert ask(client, background=False).output_text


def test_a_response_that_another_provider_made_is_not_known(gateway, client):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(client, previous_response_id="resp_of_another")
    assert raised.value.code == "previous_response_not_found"
    assert gateway.last_record()["status"] == 400


# --- streams ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["no_done", "truncate=3000", "reset=3000"])
def test_a_broken_stream_ends_with_an_error_event(gateway, fault):
    answer = post(gateway, {**ASK, "stream": True, "input": TIDES}, {"x-sim-fault": fault})
    assert answer.status == 200
    events = events_of(answer.body)
    numbers = [event["sequence_number"] for event in events]
    assert numbers == list(range(len(events))) and len(events) > 1
    last = events[-1]
    assert (last["type"], last["code"], last["param"]) == ("error", "upstream_error", None)
    assert last["error"]["code"] == "upstream_error" and last["message"] == last["error"]["message"]
    record = gateway.record_of(answer)
    assert record["error"] == "upstream_error"


def test_a_clients_stream_that_breaks_raises(client):
    with pytest.raises(openai.APIError) as raised, stream(client, fault="no_done") as events:
        list(events)
    assert raised.value.code == "upstream_error"


def test_an_error_event_of_the_provider_passes(gateway, simulator):
    fault = {"x-sim-fault": "error_event=6; stall=8000"}
    answer = post(gateway, {**ASK, "stream": True, "input": TIDES}, fault)
    *_, last = events_of(answer.body)
    assert (last["type"], last["code"], last["sequence_number"]) == ("error", "server_error", 6)
    assert gateway.record_of(answer)["error"] == "upstream_error"


WHOLE = ["insufficient=0", "empty", "not_json", "error_in_200"]
STREAMED = ["error_event=0", "empty", "not_json", "error_in_200"]


@pytest.mark.parametrize(
    ("fault", "streamed"), [*((fault, False) for fault in WHOLE), *((fault, True) for fault in STREAMED)]
)
def test_what_fails_before_anything_has_left_is_tried_elsewhere(stage, fault, streamed):
    rules = [{"model": MODEL, "fault": fault}]
    simulator = stage.simulator(scenario={"models": [{"name": "gpt-*"}], "rules": rules})
    gateway = stage.gateway(responses_config(simulator.url))
    answer = post(gateway, {**ASK, "model": "m2", "stream": streamed})
    assert answer.status == 200 and answer.headers["x-sluice-model"] == "two/gpt-4o-mini"
    record = gateway.record_of(answer)
    assert [one["status"] for one in record["attempts"]] == [200, 200]


def test_a_whole_answer_that_failed_is_an_error(client):
    with pytest.raises(openai.InternalServerError) as raised:
        ask(client, fault="insufficient=3")
    assert raised.value.code == "upstream_error"


def test_signs_of_life_are_passed_on_and_are_no_token(gateway):
    answer = post(gateway, {**ASK, "stream": True}, {"x-sim-fault": "keepalive=3"})
    assert answer.body.startswith(b": keep-alive\n\n" * 3 + b"event: response.created\n")


def test_the_tokens_of_a_stream_without_usage_are_counted(gateway):
    answer = post(gateway, {**ASK, "stream": True}, {"x-sim-fault": "no_usage"})
    assert events_of(answer.body)[-1]["type"] == "response.completed"
    record = gateway.record_of(answer)
    assert record["usage_source"] in ("counted", "estimated")
    assert record["usage"]["input"] > 0 and record["usage"]["output"] > 0


def test_a_client_that_closes_its_stream_ends_the_call(gateway, client, simulator):
    with stream(client, fault="tokens=2000; stall=2000") as events:
        next(iter(events))
    eventually(lambda: simulator.requests()[0]["hung_up"], what="the end of the provider's call")
    assert eventually(lambda: gateway.events("request"), what="the log line")[0]["aborted"]


def test_a_keepalive_event_and_a_late_end_of_the_body(stage):
    provider = stage.scripted()
    gateway = stage.gateway(responses_config(provider.url))
    events = [
        {"type": "response.created", "response": {"status": "in_progress", "output": []}},
        {"type": "keepalive"},
        {"type": "response.output_text.delta", "delta": "hi"},
        {"type": "response.completed", "response": {"status": "completed", "output": []}},
    ]
    with gateway.connect() as connection:
        connection.post({**ASK, "stream": True}, "/v1/responses")
        call = provider.next_call()
        call.send_head()
        for number, event in enumerate(events):
            data = json.dumps({**event, "sequence_number": number})
            call.send_chunk(f"event: {event['type']}\ndata: {data}\n\n")
        _, body = connection.read_answer()  # although the provider has not ended it
        assert [event["type"] for event in events_of(body)] == [event["type"] for event in events]
        call.finish()


# --- who may answer -----------------------------------------------------------------------------------------


def test_a_candidate_without_responses_is_asked_by_a_translation(gateway, simulator):
    answer = post(gateway, {**ASK, "model": "mixed"})
    assert answer.headers["x-sluice-model"] == "box/" + MODEL and answer.json()["object"] == "response"
    assert simulator.only_request()["target"] == "/v1/chat/completions"
    plan = post(gateway, {**ASK, "model": "m2"}, {"x-sluice-explain": "only"}).json()
    assert [one["model"] for one in plan["candidates"]] == ["one/" + MODEL, "two/gpt-4o-mini"]


def test_check_says_which_apis_a_provider_has(stage):
    file = stage.directory / "sluice.yaml"
    file.write_text(json.dumps(responses_config("http://127.0.0.1:1")))
    said = stage.run("check", "-c", str(file))
    assert said.returncode == 0
    assert "It takes chat and responses requests." in said.stdout
    assert "It takes chat requests." in said.stdout
