"""The official OpenAI client, unmodified, through the gateway."""

import asyncio
import json

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from conftest import config_for
from programs import eventually

HELLO = [{"role": "user", "content": "Hello!"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def client(gateway):
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0, timeout=20) as one:
        yield one


def fault(what):
    return {"x-sim-fault": what}


def test_a_chat_is_answered(client):
    answer = client.chat.completions.create(model="m", messages=HELLO)
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == "gpt-4o-mini"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_says_the_same_as_the_whole_answer(client):
    whole = client.chat.completions.create(model="m", messages=HELLO)
    chunks = list(client.chat.completions.create(model="m", messages=HELLO, stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_the_usage_chunk_is_hidden_from_a_client_that_did_not_ask(client, simulator):
    chunks = list(client.chat.completions.create(model="m", messages=HELLO, stream=True))
    assert all(chunk.choices for chunk in chunks)
    assert all(chunk.usage is None for chunk in chunks)
    sent = json.loads(simulator.body(simulator.only_request()["number"]))
    assert sent["stream_options"] == {"include_usage": True}


def test_the_usage_chunk_arrives_when_asked_for(client):
    options = {"include_usage": True}
    chunks = list(
        client.chat.completions.create(model="m", messages=HELLO, stream=True, stream_options=options)
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens > 0


def test_usage_is_logged_whether_or_not_it_was_asked_for(client, gateway):
    raw = client.chat.completions.with_raw_response.create(model="m", messages=HELLO, stream=True)
    list(raw.parse())
    usage = gateway.record_of(raw)["usage"]
    assert usage["input"] > 0 and usage["output"] > 0


def test_tools_are_called_over_several_turns(client):
    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    first = client.chat.completions.create(model="m", messages=question, tools=[WEATHER])
    assert first.choices[0].finish_reason == "tool_calls"
    call = first.choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather"
    json.loads(call.function.arguments)
    turns = [
        *question,
        first.choices[0].message,
        {"role": "tool", "tool_call_id": call.id, "content": '{"celsius": 21}'},
    ]
    second = client.chat.completions.create(model="m", messages=turns, tools=[WEATHER])
    assert second.choices[0].finish_reason == "stop"
    assert second.choices[0].message.content


def test_a_streamed_tool_call_can_be_put_together(client):
    stream = client.chat.completions.create(
        model="m",
        messages=[{"role": "user", "content": "What is the weather in Paris?"}],
        tools=[WEATHER],
        stream=True,
    )
    arguments = ""
    for chunk in stream:
        for call in chunk.choices[0].delta.tool_calls or []:
            arguments += call.function.arguments or ""
    assert "city" in json.loads(arguments)


def test_json_mode_gives_json(client):
    answer = client.chat.completions.create(
        model="m",
        messages=[{"role": "user", "content": "Name a colour as JSON."}],
        response_format={"type": "json_object"},
    )
    assert isinstance(json.loads(answer.choices[0].message.content), dict)


def test_a_json_schema_is_obeyed(client):
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "people": {"type": "integer"}},
        "required": ["city", "people"],
        "additionalProperties": False,
    }
    answer = client.chat.completions.create(
        model="m",
        messages=[{"role": "user", "content": "A city, please."}],
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "city", "strict": True, "schema": schema},
        },
    )
    city = json.loads(answer.choices[0].message.content)
    assert isinstance(city["city"], str) and isinstance(city["people"], int)


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_embeddings_are_answered(client, encoding):
    answer = client.embeddings.create(
        model="m", input=["one text", "another text"], encoding_format=encoding, dimensions=64
    )
    assert [one.index for one in answer.data] == [0, 1]
    assert answer.usage.prompt_tokens > 0


def test_models_are_listed_and_retrieved(client):
    assert sorted(model.id for model in client.models.list()) == ["d", "m"]
    assert client.models.retrieve("m").id == "m"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nothing")


def test_without_aliases_the_providers_own_models_are_listed(stage):
    scenario = {"models": [{"name": "gpt-4o-mini"}, {"name": "gpt-4o"}]}
    simulator = stage.simulator(scenario=scenario)
    provider = {"dialect": "openai", "base_url": simulator.url + "/v1", "key": "sk-x"}
    gateway = stage.gateway(config_for(simulator.url, models={}, providers={"one": provider}))
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0) as client:
        assert sorted(model.id for model in client.models.list()) == ["gpt-4o", "gpt-4o-mini"]
        assert client.chat.completions.create(model="gpt-4o", messages=HELLO).model == "gpt-4o"


def test_legacy_completions_are_answered_whole_and_streamed(client):
    whole = client.completions.create(model="m", prompt="Once upon a time", max_tokens=12)
    assert whole.choices[0].text
    stream = client.completions.create(model="m", prompt="Once upon a time", max_tokens=12, stream=True)
    chunks = list(stream)
    assert "".join(chunk.choices[0].text for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "length"


def test_several_choices_come_back(client):
    answer = client.chat.completions.create(model="m", messages=HELLO, n=2)
    assert [choice.index for choice in answer.choices] == [0, 1]
    stream = client.chat.completions.create(model="m", messages=HELLO, n=2, stream=True)
    assert {chunk.choices[0].index for chunk in stream} == {0, 1}


def test_logprobs_come_back(client):
    answer = client.chat.completions.create(model="m", messages=HELLO, logprobs=True, top_logprobs=2)
    assert len(answer.choices[0].logprobs.content[0].top_logprobs) == 2


def test_an_image_part_is_passed_on(client):
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    answer = client.chat.completions.create(model="m", messages=[{"role": "user", "content": parts}])
    assert answer.usage.prompt_tokens > 85


@pytest.mark.parametrize(
    "status, error",
    [
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
def test_a_providers_error_is_the_clients_exception(client, status, error):
    with pytest.raises(error) as caught:
        client.chat.completions.create(model="m", messages=HELLO, extra_headers=fault(f"status={status}"))
    assert caught.value.status_code == status


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_providers_no_to_our_key_is_not_the_callers_fault(client, status):
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="m", messages=HELLO, extra_headers=fault(f"status={status}"))
    assert caught.value.status_code == 502
    assert caught.value.code == "upstream_error"


def test_an_unknown_model_is_not_found(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="nothing", messages=HELLO)
    assert caught.value.code == "model_not_found"
    assert caught.value.param == "model"


@pytest.mark.parametrize("status, calls", [(503, 3), (400, 1), (404, 1)])
def test_the_client_retries_what_it_is_told_to_retry(gateway, simulator, status, calls):
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=2) as client:
        with pytest.raises(openai.APIStatusError):
            client.chat.completions.create(model="m", messages=HELLO, extra_headers=fault(f"status={status}"))
    assert len(simulator.requests()) == calls


def test_the_client_does_not_repeat_what_the_gateway_refused(gateway):
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=2) as client:
        with pytest.raises(openai.NotFoundError) as caught:
            client.chat.completions.create(model="nothing", messages=HELLO)
    gateway.record_of(caught.value.response)
    assert len(gateway.events("request")) == 1


def test_a_deadline_is_not_repeated_by_the_client(gateway, simulator):
    headers = {**fault("delay=20s"), "x-sluice-deadline": "200ms"}
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=2) as client:
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(model="m", messages=HELLO, extra_headers=headers)
    assert caught.value.status_code == 504
    assert len(simulator.requests()) == 1


def test_a_client_that_gives_up_ends_its_call(client, simulator):
    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(
            model="m", messages=HELLO, timeout=0.3, extra_headers=fault("delay=20s")
        )
    eventually(lambda: simulator.requests()[0]["hung_up"], what="the end of the provider's call")


def test_a_stream_that_is_closed_early_ends_its_call(client, simulator):
    stream = client.chat.completions.create(
        model="m", messages=HELLO, stream=True, extra_headers=fault("tokens=2000; stall=2000")
    )
    next(iter(stream))
    stream.close()
    eventually(lambda: simulator.requests()[0]["hung_up"], what="the end of the provider's call")


def test_two_hundred_parallel_calls_are_all_answered(gateway):
    async def one(client, number):
        question = [{"role": "user", "content": f"What is {number}*2?"}]
        if number % 2:
            answer = await client.chat.completions.create(model="m", messages=question)
            return answer.choices[0].message.content
        stream = await client.chat.completions.create(model="d", messages=question, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def all_of_them():
        async with AsyncOpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0) as client:
            return await asyncio.gather(*(one(client, number) for number in range(200)))

    answers = asyncio.run(all_of_them())
    for number, text in enumerate(answers):
        assert str(number * 2) in text


@pytest.fixture
def deepseek(gateway):
    with OpenAI(base_url=gateway.url, api_key="any", max_retries=0, timeout=20) as one:
        yield one


def test_deepseeks_base_url_without_v1_works(deepseek):
    answer = deepseek.chat.completions.create(model="d", messages=HELLO)
    assert answer.choices[0].message.content
    assert answer.usage.prompt_cache_miss_tokens > 0


def test_deepseeks_reasoning_passes_through(gateway, simulator):
    with OpenAI(base_url=gateway.url, api_key="any", max_retries=0) as client:
        stream = client.chat.completions.create(
            model="two/deepseek-reasoner",
            messages=[{"role": "user", "content": "What is 12*(3+4)?"}],
            stream=True,
        )
        deltas = [chunk.choices[0].delta for chunk in stream]
    reasoning = "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas)
    assert reasoning


def test_deepseek_fills_in_the_middle(gateway, simulator):
    with OpenAI(base_url=gateway.url + "/beta", api_key="any", max_retries=0) as client:
        answer = client.completions.create(
            model="d", prompt="def add(a, b):\n    ", suffix="\n    return total", max_tokens=64
        )
    assert answer.choices[0].text
    assert simulator.only_request()["target"] == "/beta/completions"


def test_deepseek_continues_a_prefix(gateway, simulator):
    turns = [
        {"role": "user", "content": "Write a quicksort in Python."},
        {"role": "assistant", "content": "```python\n", "prefix": True},
    ]
    with OpenAI(base_url=gateway.url + "/beta", api_key="any", max_retries=0) as client:
        answer = client.chat.completions.create(model="d", messages=turns, stop=["```"])
    assert answer.choices[0].message.content
    assert simulator.only_request()["target"] == "/beta/chat/completions"
