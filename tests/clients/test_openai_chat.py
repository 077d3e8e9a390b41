"""The official OpenAI client for Python, chat completions."""

import asyncio
import json

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

import asks
from asks import City, fault
from reach import CHAT, busy

pytestmark = pytest.mark.parametrize("model", CHAT)

TOOLS = [
    {"type": "function", "function": {"name": name, "description": words, "parameters": asks.TOOL_SCHEMA}}
    for name, words in asks.TOOLS.items()
]


@pytest.fixture
def client(gateway):
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0, timeout=20) as one:
        yield one


def say(text):
    return [{"role": "user", "content": text}]


def hello(client, model, **more):
    return client.chat.completions.create(model=model, messages=say(asks.HELLO), **more)


def test_an_answer(client, model):
    answer = hello(client, model)
    (choice,) = answer.choices
    assert choice.message.content and choice.finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_a_stream_says_the_same_as_the_whole_answer(client, model):
    whole = hello(client, model)
    *chunks, last = hello(client, model, stream=True, stream_options={"include_usage": True})
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert len(chunks) > 2 and text == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert last.choices == [] and last.usage.completion_tokens == whole.usage.completion_tokens


def test_a_system_prompt_and_a_developers_message_reach_the_model(client, model, simulator):
    for role in ("system", "developer"):
        turns = [{"role": role, "content": asks.SYSTEM + role}, *say(asks.HELLO)]
        assert client.chat.completions.create(model=model, messages=turns).choices[0].message.content
        assert asks.SYSTEM + role in asks.last_body(simulator)


def test_a_tool_over_two_turns(client, model):
    turns = say(asks.WEATHER_QUESTION)
    first = client.chat.completions.create(model=model, messages=turns, tools=TOOLS)
    assert first.choices[0].finish_reason == "tool_calls"
    second = client.chat.completions.create(model=model, messages=turns + results_of(first), tools=TOOLS)
    assert second.choices[0].finish_reason == "stop"
    assert asks.RESULTS["get_weather"] in second.choices[0].message.content


def results_of(answer):
    """The assistant's turn as it came, and what its tools say."""
    message = answer.choices[0].message
    assert all("Paris" in json.loads(call.function.arguments)["city"] for call in message.tool_calls)
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": asks.RESULTS[call.function.name]}
        for call in message.tool_calls
    ]
    return [message, *results]


def test_two_tools_at_once_streamed_over_two_turns(client, model):
    turns = say(asks.TWO_TOOLS_QUESTION)
    with client.chat.completions.stream(model=model, messages=turns, tools=TOOLS) as events:
        kinds = {event.type for event in events}
        first = events.get_final_completion()
    assert "tool_calls.function.arguments.delta" in kinds
    assert [call.function.name for call in first.choices[0].message.tool_calls] == list(asks.RESULTS)
    turns += results_of(first)
    with client.chat.completions.stream(model=model, messages=turns, tools=TOOLS) as events:
        text = events.get_final_completion().choices[0].message.content
    assert all(result in text for result in asks.RESULTS.values())


def test_a_tool_that_must_be_called_is_called(client, model):
    named = {"type": "function", "function": {"name": "get_time"}}
    for choice in ("required", named):
        answer = client.chat.completions.create(
            model=model, messages=say(asks.HELLO + " get_time"), tools=TOOLS, tool_choice=choice
        )
        assert answer.choices[0].message.tool_calls[0].function.name == "get_time"


def test_a_picture_reaches_the_provider(client, model, simulator):
    url = {"url": "data:image/png;base64," + asks.PIXEL}
    parts = [{"type": "text", "text": asks.IMAGE_QUESTION}, {"type": "image_url", "image_url": url}]
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": parts}])
    assert answer.choices[0].message.content
    assert asks.PIXEL in asks.last_body(simulator)


def test_structured_output(client, model):
    asked = {"model": model, "messages": say(asks.CITY_QUESTION), "response_format": City}
    whole = client.chat.completions.parse(**asked).choices[0].message.parsed
    assert whole.people > 0 and "Paris" in whole.city
    with client.chat.completions.stream(**asked) as events:
        assert events.get_final_completion().choices[0].message.parsed == whole


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
        (422, openai.UnprocessableEntityError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
        (429, openai.RateLimitError),
    ],
)
def test_errors_are_the_clients_own(client, model, status, error):
    with pytest.raises(error) as caught:
        hello(client, busy(model), extra_headers=fault(f"status={status}"))
    assert caught.value.status_code == status
    assert caught.value.body["message"] and caught.value.body["type"]


def test_a_stream_that_breaks_raises(client, model):
    with pytest.raises(openai.APIError) as caught:
        list(hello(client, model, stream=True, extra_headers=fault(asks.BROKEN_STREAM)))
    assert caught.value.code == "upstream_error"


@pytest.mark.parametrize(("status", "told", "expected"), [(503, "false", 1), (400, "true", 2)])
def test_it_tries_again_as_it_is_told(gateway, simulator, model, status, told, expected):
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=1) as client:
        with pytest.raises(openai.APIStatusError):
            hello(client, model, extra_headers=fault(f"status={status}; should_retry={told}"))
    assert asks.tries(simulator) == expected


def test_a_time_out_ends_the_call(client, model, simulator):
    with pytest.raises(openai.APITimeoutError):
        hello(client, model, timeout=asks.BRIEF, extra_headers=fault(asks.SLOW_ANSWER))
    asks.hung_up(simulator)


def test_a_cancelled_task_ends_the_call(gateway, model, simulator):
    async def cancel():
        async with AsyncOpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0) as client:
            call = hello(client, model, extra_headers=fault(asks.SLOW_ANSWER))
            await asks.cancelled(call, simulator)

    asyncio.run(cancel())
    asks.hung_up(simulator)


def test_a_closed_stream_ends_the_call(client, model, simulator):
    stream = hello(client, model, stream=True, extra_headers=fault(asks.SLOW_STREAM))
    next(iter(stream))
    stream.close()
    asks.hung_up(simulator)
