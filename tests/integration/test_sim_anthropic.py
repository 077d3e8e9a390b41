"""The official Anthropic client, unmodified, against the simulator itself."""

import asyncio
import json

import anthropic
import httpx2
import pytest
from anthropic import Anthropic, AsyncAnthropic

from anthropic_asks import (
    HELLO,
    LONG_TEXT,
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
from programs import ask

RAW = {"x-api-key": "any", "anthropic-version": "2023-06-01", "content-type": "application/json"}


@pytest.fixture
def client(simulator):
    with client_of(simulator) as one:
        yield one


@pytest.fixture
def deepseek(simulator):
    with client_of(simulator, "/anthropic") as one:
        yield one


def post(simulator, body, headers=RAW, path="/v1/messages"):
    return ask(simulator.address, "POST", path, json.dumps(body).encode(), headers)


# --- messages -----------------------------------------------------------------------------------------------


def test_a_message_is_answered(client):
    answer = create(client)
    assert answer.type == "message" and answer.role == "assistant" and answer.model == MODEL
    assert answer.id.startswith("msg_")
    assert [block.type for block in answer.content] == ["text"] and answer.content[0].text
    assert answer.stop_reason == "end_turn" and answer.stop_sequence is None
    assert answer.usage.service_tier == "standard" and answer.usage.output_tokens > 0
    assert answer._request_id.startswith("req_")


def test_the_same_request_has_the_same_answer(client):
    assert create(client, TIDES).to_dict() == create(client, TIDES).to_dict()


def test_a_stream_says_the_same_as_the_whole_answer(client):
    whole = create(client, TIDES)
    with stream_of(client) as stream:
        events = [event.type for event in stream]
        streamed = stream.get_final_message()
    assert streamed.content[0].text == whole.content[0].text
    assert streamed.stop_reason == whole.stop_reason
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert total_input(streamed.usage) == total_input(whole.usage)
    assert events[0] == "message_start" and events[-1] == "message_stop"


def test_the_bytes_of_a_stream_are_anthropics(simulator):
    body = {"model": MODEL, "max_tokens": 2, "stream": True, "messages": TIDES}
    answer = post(simulator, body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = answer.body.decode().split("\n\n")[:-1]
    pairs = [frame.split("\ndata: ") for frame in frames]
    names = [name.removeprefix("event: ") for name, _ in pairs]
    assert names == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    data = [json.loads(text) for _, text in pairs]
    assert [one["type"] for one in data] == names
    assert data[0]["message"]["usage"]["output_tokens"] == 1
    assert data[6]["delta"] == {"stop_reason": "max_tokens", "stop_sequence": None}
    assert data[6]["usage"]["output_tokens"] == 2


def test_stop_sequences_end_the_answer_and_are_named(client):
    whole = create(client, TIDES).content[0].text
    stop = whole[20:26]
    answer = create(client, TIDES, stop_sequences=["never there", stop])
    assert answer.stop_reason == "stop_sequence" and answer.stop_sequence == stop
    assert answer.content[0].text == whole[: whole.index(stop)]


def test_a_system_prompt_may_be_text_or_blocks(client):
    text = create(client, system="Be brief").usage.input_tokens
    blocks = create(client, system=[{"type": "text", "text": "Be brief"}]).usage.input_tokens
    assert text == blocks > create(client).usage.input_tokens


def test_a_structured_answer_fits_its_schema(client):
    schema = {"type": "object", "properties": {"height": {"type": "integer"}}, "required": ["height"]}
    answer = create(client, TIDES, output_config={"format": {"type": "json_schema", "schema": schema}})
    assert isinstance(json.loads(answer.content[0].text)["height"], int)


# --- tokens -------------------------------------------------------------------------------------------------


def test_counted_tokens_are_the_input_of_the_answer(client):
    png = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    image = {"type": "image", "source": png}
    pdf = {"type": "document", "source": {"type": "url", "url": "https://example.test/a.pdf"}}
    words = {"type": "text", "media_type": "text/plain", "data": "Some words"}
    texts = {"type": "document", "source": words}
    asked = [{"role": "user", "content": [image, pdf, texts, {"type": "text", "text": "What is this?"}]}]
    for messages, more in [(HELLO, {}), (asked, {}), (TIDES, {"tools": [WEATHER], "system": "Be brief"})]:
        counted = client.messages.count_tokens(model=MODEL, messages=messages, **more)
        assert counted.input_tokens == create(client, messages, **more).usage.input_tokens
    bare = [{"role": "user", "content": "What is this?"}]
    without = client.messages.count_tokens(model=MODEL, messages=bare)
    with_all = client.messages.count_tokens(model=MODEL, messages=asked)
    assert with_all.input_tokens == without.input_tokens + 1500 + 3000 + 2


def test_exactly_as_many_tokens_as_asked_for(client):
    assert create(client, fault="tokens=312").usage.output_tokens == 312


# --- tools --------------------------------------------------------------------------------------------------


def test_tools_are_called_and_their_results_used(client):
    question = {"role": "user", "content": "What is the weather in Paris?"}
    first = create(client, [question], tools=[WEATHER])
    use = use_of(first)
    assert first.stop_reason == "tool_use" and use.id.startswith("toolu_")
    assert use.name == "get_weather" and use.input == {"city": "Paris"}
    turns = [question, {"role": "assistant", "content": first.content}]
    good = create(client, [*turns, result_of(use, "17 degrees")], tools=[WEATHER])
    assert good.stop_reason == "end_turn" and "17 degrees" in good.content[0].text
    blocks = [{"type": "text", "text": "no such city"}]
    failed = create(client, [*turns, result_of(use, blocks, is_error=True)])
    assert "fail" in failed.content[0].text and "no such city" in failed.content[0].text


def test_a_streamed_tool_use_gives_its_input_bit_by_bit(client):
    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    with stream_of(client, question, tools=[WEATHER]) as stream:
        parts = [event.partial_json for event in stream if event.type == "input_json"]
        final = stream.get_final_message()
    assert json.loads("".join(parts)) == use_of(final).input == {"city": "Paris"}
    assert len(parts) > 2


def test_the_choice_of_tools_is_honoured(client):
    question = [{"role": "user", "content": "Use get_weather and get_time for Oslo"}]
    tools = [WEATHER, {**WEATHER, "name": "get_time"}]
    both = create(client, question, tools=tools, tool_choice={"type": "any"})
    assert [use.name for use in both.content] == ["get_weather", "get_time"]
    alone = {"type": "auto", "disable_parallel_tool_use": True}
    one = create(client, question, tools=tools, tool_choice=alone)
    assert len(one.content) == 1
    named = create(client, question, tools=tools, tool_choice={"type": "tool", "name": "get_time"})
    assert use_of(named).name == "get_time"
    none = create(client, question, tools=tools, tool_choice={"type": "none"})
    assert none.stop_reason == "end_turn"


def test_a_tool_use_without_its_result_is_refused(client):
    use = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}
    with pytest.raises(anthropic.BadRequestError, match="toolu_1"):
        create(client, [*HELLO, {"role": "assistant", "content": [use]}, {"role": "user", "content": "So?"}])


# --- thinking -----------------------------------------------------------------------------------------------


def test_thinking_comes_back_signed_and_is_taken_unchanged(client):
    question = {"role": "user", "content": "What is the weather in Paris?"}
    more = {"tools": [WEATHER], "thinking": THINKING}
    first = create(client, [question], **more)
    assert [block.type for block in first.content] == ["thinking", "tool_use"]
    assert 0 < first.usage.output_tokens_details.thinking_tokens < first.usage.output_tokens
    turns = [question, {"role": "assistant", "content": [block.to_dict() for block in first.content]}]
    turns.append(result_of(first.content[1], "17 degrees"))
    assert create(client, turns, **more).stop_reason == "end_turn"

    turns[1]["content"][0]["thinking"] += " Or not."
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature` in `thinking` block"):
        create(client, turns, **more)
    del turns[1]["content"][0]
    with pytest.raises(anthropic.BadRequestError, match="thinking"):
        create(client, turns, **more)


def test_streamed_thinking_is_the_same_with_the_same_signature(client):
    whole = create(client, TIDES, thinking=THINKING)
    with stream_of(client, thinking=THINKING) as stream:
        kinds = {event.type for event in stream}
        streamed = stream.get_final_message()
    assert {"thinking", "signature", "text"} <= kinds
    assert [block.to_dict() for block in streamed.content] == [block.to_dict() for block in whole.content]


@pytest.mark.parametrize(
    "more",
    [
        {"thinking": {"type": "enabled", "budget_tokens": 1023}},
        {"thinking": {"type": "enabled", "budget_tokens": 4000}},
        {"thinking": THINKING, "tools": [WEATHER], "tool_choice": {"type": "any"}},
    ],
)
def test_thinking_has_its_conditions(client, more):
    with pytest.raises(anthropic.BadRequestError):
        create(client, **more)


# --- cache --------------------------------------------------------------------------------------------------


def test_what_is_marked_is_written_then_read(client):
    plain = create(client, system=LONG_TEXT).usage
    assert plain.cache_creation_input_tokens == plain.cache_read_input_tokens == 0
    first = create(client, system=cached()).usage
    second = create(client, TIDES, system=cached()).usage
    assert first.cache_creation_input_tokens == first.cache_creation.ephemeral_5m_input_tokens > 1024
    assert first.cache_read_input_tokens == 0
    assert second.cache_read_input_tokens == first.cache_creation_input_tokens
    assert second.cache_creation_input_tokens == 0
    assert total_input(first) == plain.input_tokens


def test_an_hour_and_five_minutes_are_told_apart(client):
    question = [{"role": "user", "content": cached("What is in the book? " * 40)}]
    usage = create(client, question, system=cached(ttl="1h")).usage
    assert usage.cache_creation.ephemeral_1h_input_tokens > 1024
    assert usage.cache_creation.ephemeral_5m_input_tokens > 100
    wrong = [{"role": "user", "content": cached("What is in the book? " * 40, ttl="1h")}]
    with pytest.raises(anthropic.BadRequestError, match="1h"):
        create(client, wrong, system=cached())


def test_a_stream_tells_its_cache_at_the_start_and_at_the_end(client):
    create(client, system=cached())
    with stream_of(client, system=cached()) as stream:
        first = next(iter(stream))
        usage = stream.get_final_message().usage
    assert first.message.usage.cache_read_input_tokens == usage.cache_read_input_tokens > 1024


def test_short_prefixes_are_not_kept_and_five_marks_are_too_many(client):
    assert create(client, system=cached("Be brief")).usage.cache_creation_input_tokens == 0
    with pytest.raises(anthropic.BadRequestError, match="cache_control"):
        create(client, system=cached() * 5)


# --- errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "name"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (401, anthropic.AuthenticationError, "authentication_error"),
        (403, anthropic.PermissionDeniedError, "permission_error"),
        (404, anthropic.NotFoundError, "not_found_error"),
        (413, anthropic.APIStatusError, "request_too_large"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (529, anthropic.InternalServerError, "overloaded_error"),
    ],
)
def test_errors_have_the_clients_own_classes(client, status, kind, name):
    with pytest.raises(kind) as raised:
        create(client, fault=f"status={status}; retry_after=2")
    error = raised.value
    assert error.status_code == status
    assert error.body["type"] == "error" and error.body["error"]["type"] == name
    assert error.body["request_id"] == error.request_id == error.response.headers["request-id"]
    assert error.response.headers["retry-after"] == "2"


@pytest.mark.parametrize(("told", "requests"), [("false", 1), ("true", 3)])
def test_the_client_retries_as_it_is_told(simulator, told, requests):
    status = 529 if told == "false" else 400  # the opposite of what the client would do by itself
    with Anthropic(base_url=simulator.url, api_key="any", max_retries=2, timeout=20) as client:
        with pytest.raises(anthropic.APIStatusError):
            create(client, fault=f"status={status}; should_retry={told}; retry_after=0")
    assert len(simulator.requests()) == requests


def test_the_beta_client_is_served_too(client):
    answer = client.beta.messages.create(
        model=MODEL, max_tokens=400, messages=HELLO, betas=["context-management-2025-06-27"]
    )
    assert answer.content[0].text == create(client, max_tokens=400).content[0].text
    assert client.beta.messages.count_tokens(model=MODEL, messages=HELLO).input_tokens > 0


def test_a_body_may_be_large_but_not_too_large(simulator):
    body = {"model": MODEL, "max_tokens": 5, "messages": [{"role": "user", "content": "word " * 7_000_000}]}
    refused = post(simulator, body)
    assert (refused.status, refused.error["type"]) == (413, "request_too_large")


def test_keys_are_asked_for_and_checked(stage):
    simulator = stage.simulator("--keys", "sk-good")
    with client_of(simulator, key="sk-good") as good:
        assert create(good).content
    with client_of(simulator, key="sk-bad") as bad, pytest.raises(anthropic.AuthenticationError):
        create(bad)
    body = {"model": MODEL, "max_tokens": 5, "messages": HELLO}
    missing = post(simulator, body, {"anthropic-version": "2023-06-01"})
    assert (missing.status, missing.error["type"]) == (401, "authentication_error")
    bearer = {"anthropic-version": "2023-06-01", "authorization": "Bearer sk-good"}
    assert post(simulator, body, bearer).status == 200


def test_the_version_and_the_members_are_checked(simulator):
    body = {"model": MODEL, "max_tokens": 5, "messages": HELLO}
    assert post(simulator, body).status == 200
    for headers in ({"x-api-key": "any"}, {**RAW, "anthropic-version": "2020-01-01"}):
        refused = post(simulator, body, headers)
        assert refused.status == 400 and "anthropic-version" in refused.error["message"]
    for wrong, member in [
        ({**body, "max_tokens": None}, "max_tokens"),
        ({**body, "stream_options": {}}, "stream_options"),
        ({**body, "messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        ({**body, "messages": [{"role": "user", "content": [{"type": "x"}]}]}, "messages.0.content.0"),
    ]:
        refused = post(simulator, wrong)
        assert (refused.status, refused.error["type"]) == (400, "invalid_request_error")
        assert refused.error["message"].startswith(member)
    assert post(simulator, {**body, "model": "unknown-1"}).error["type"] == "not_found_error"
    assert post(simulator, body, path="/v1/nowhere").error["type"] == "not_found_error"


def test_each_version_has_its_own_rules(simulator, client):
    body = {"model": MODEL, "max_tokens": 5, "messages": HELLO, "temperature": 0.5}
    assert post(simulator, body).status == 200
    with pytest.raises(anthropic.BadRequestError, match="temperature: Extra inputs are not permitted"):
        create(client, extra_body={"temperature": 1.0})  # the client speaks the version of 2026
    create(client, extra_headers={"anthropic-version": "2023-06-01"}, extra_body={"temperature": 1.0})
    assert simulator.requests()[-1]["headers"]["authorization"] == "Bearer any"
    assert post(simulator, {**body, "thinking": THINKING, "max_tokens": 2000}).status == 400


def test_limits_are_told_and_kept(stage):
    scenario = {"keys": [{"key": "sk-one", "concurrency": 1}]}
    simulator = stage.simulator("--rate", "50/s", "--ttft", "50ms", scenario=scenario, fast=False)
    with client_of(simulator, key="sk-one") as client:
        with client.messages.stream(model=MODEL, max_tokens=4000, messages=TIDES) as running:
            next(iter(running))
            with pytest.raises(anthropic.RateLimitError) as raised:
                create(client)
        headers = raised.value.response.headers
        assert headers["retry-after"] == "1"
        assert headers["anthropic-ratelimit-requests-remaining"] == "0"
        assert headers["anthropic-ratelimit-requests-reset"].endswith("Z")


def test_a_scenario_decides_which_request_fails(stage):
    rules = [{"model": "claude-*", "path": "/v1/messages", "nth": 2, "fault": "status=529"}]
    with client_of(stage.simulator(scenario={"rules": rules})) as client:
        create(client)
        with pytest.raises(anthropic.InternalServerError):
            create(client)
        create(client)


# --- faults -------------------------------------------------------------------------------------------------


def test_an_error_inside_a_stream_is_an_event(client):
    stream = stream_of(client, fault="error_event=4")
    with pytest.raises(anthropic.APIStatusError) as raised, stream as events:
        list(events)
    assert raised.value.body["error"]["type"] == "overloaded_error"


@pytest.mark.parametrize("fault", ["insufficient=3", "error_event=0"])
def test_a_stream_may_break_off_with_an_error(client, fault):
    with pytest.raises(anthropic.APIStatusError), stream_of(client, fault=fault) as stream:
        stream.get_final_message()


@pytest.mark.parametrize("fault", ["truncate=40", "reset=head", "reset=before", "reset=40", "length=long"])
def test_a_connection_that_breaks_is_an_error_of_the_client(client, fault):
    with pytest.raises((anthropic.APIConnectionError, httpx2.TransportError)):
        create(client, TIDES, fault=fault)


def test_a_body_that_is_no_answer(simulator):
    body = {"model": MODEL, "max_tokens": 5, "messages": HELLO}
    for fault in ("garbage", "not_json", "empty"):
        answer = post(simulator, body, {**RAW, "x-sim-fault": fault})
        with pytest.raises(ValueError):
            assert answer.status == 200 and answer.json()
    inside = post(simulator, body, {**RAW, "x-sim-fault": "error_in_200"})
    assert inside.status == 200 and inside.error["type"] == "api_error"


def test_a_stream_without_usage_or_end(simulator):
    body = {"model": MODEL, "max_tokens": 5, "messages": HELLO, "stream": True}
    text = post(simulator, body, {**RAW, "x-sim-fault": "no_usage; no_done"}).body
    assert b"usage" not in text and b"message_stop" not in text and b"message_delta" in text


def test_signs_of_life_are_pings(simulator, client):
    body = {"model": MODEL, "max_tokens": 5, "messages": HELLO, "stream": True}
    text = post(simulator, body, {**RAW, "x-sim-fault": "keepalive=3"}).body
    assert text.startswith(b"event: ping\n") and text.count(b"event: ping\n") == 4
    with stream_of(client, fault="keepalive=3; stall=20000") as stream:
        assert stream.get_final_message().stop_reason == "end_turn"


# --- models, DeepSeek, many at once -------------------------------------------------------------------------


def test_models_are_listed_in_the_shape_of_who_asks(client, simulator):
    listed = client.models.list()
    assert MODEL in [model.id for model in listed]
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("unknown-1")
    openai = ask(simulator.address, "GET", "/v1/models").json()
    assert openai["object"] == "list" and MODEL not in json.dumps(openai)


def test_deepseek_answers_any_model_with_one_of_its_own(deepseek):
    assert create(deepseek, model="claude-opus-4-8").model == "deepseek-v4-pro"
    assert create(deepseek, model="whatever").model == "deepseek-v4-flash"
    answer = create(deepseek, model="deepseek-v4-pro")
    assert answer.model == "deepseek-v4-pro"
    assert [block.type for block in answer.content] == ["thinking", "text"]  # unless told not to
    quiet = create(deepseek, thinking={"type": "disabled"})
    assert [block.type for block in quiet.content] == ["text"]


def test_deepseek_takes_no_notice_of_budgets_marks_and_versions(deepseek, simulator):
    answer = create(deepseek, system=cached() * 5, thinking={"type": "enabled", "budget_tokens": 1})
    assert answer.usage.cache_creation_input_tokens == 0
    again = create(deepseek, system=cached() * 5, thinking={"type": "enabled", "budget_tokens": 1})
    assert again.usage.cache_read_input_tokens > 0  # its own cache, which is always on
    other = create(deepseek, system=cached() * 5, metadata={"user_id": "someone-else"})
    assert other.usage.cache_read_input_tokens == 0
    body = {"model": "m", "max_tokens": 5, "messages": HELLO, "top_k": 3, "container": "c", "mcp_servers": []}
    assert post(simulator, body, {"x-api-key": "any"}, "/anthropic/v1/messages").status == 200


def test_deepseeks_errors_have_anthropics_shape(deepseek):
    with pytest.raises(anthropic.APIStatusError) as raised:
        create(deepseek, fault="status=402")
    assert raised.value.body["error"]["message"] == "Insufficient Balance"


def test_one_providers_paths_only(stage):
    simulator = stage.simulator("--dialect", "anthropic")
    body = {"model": MODEL, "max_tokens": 5, "messages": HELLO}
    assert post(simulator, body).status == 200
    assert post(simulator, body, path="/v1/chat/completions").error["type"] == "not_found_error"
    assert post(simulator, body, path="/anthropic/v1/messages").status == 404
    assert post(stage.simulator("--dialect", "openai"), body).status == 404


def test_fifty_at_once(simulator):
    async def run():
        more = {"api_key": "any", "max_retries": 0, "timeout": 20}
        async with AsyncAnthropic(base_url=simulator.url, **more) as client:

            async def one(number):
                messages = [{"role": "user", "content": f"What is {number} * 3?"}]
                asked = {"model": MODEL, "max_tokens": 400, "messages": messages}
                if number % 2:
                    answer = await client.messages.create(**asked)
                else:
                    async with client.messages.stream(**asked) as stream:
                        answer = await stream.get_final_message()
                return answer.content[0].text

            return await asyncio.gather(*(one(number) for number in range(50)))

    texts = asyncio.run(run())
    assert all(str(number * 3) in text for number, text in enumerate(texts))
