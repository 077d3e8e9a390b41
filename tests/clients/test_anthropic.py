"""The official Anthropic client for Python."""

import asyncio

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

import asks
from asks import City, fault
from reach import MESSAGES, busy

pytestmark = pytest.mark.parametrize("model", MESSAGES)

TOOLS = [
    {"name": name, "description": words, "input_schema": asks.TOOL_SCHEMA}
    for name, words in asks.TOOLS.items()
]


@pytest.fixture
def client(gateway):
    with Anthropic(base_url=gateway.url, api_key="any", max_retries=0, timeout=20) as one:
        yield one


def say(content):
    return [{"role": "user", "content": content}]


def asked(model, content=asks.HELLO, **more):
    return {"model": model, "max_tokens": 4000, "messages": say(content), **more}


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def test_an_answer(client, model):
    answer = client.messages.create(**asked(model))
    assert text_of(answer) and answer.stop_reason == "end_turn" and answer.role == "assistant"
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0


def test_a_stream_says_the_same_as_the_whole_answer(client, model):
    whole = client.messages.create(**asked(model))
    with client.messages.stream(**asked(model)) as events:
        kinds = [event.type for event in events]
        streamed = events.get_final_message()
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop" and kinds.count("text") > 2
    assert text_of(streamed) == text_of(whole) and streamed.stop_reason == "end_turn"
    assert streamed.usage.output_tokens == whole.usage.output_tokens


def test_a_system_prompt_reaches_the_model(client, model, simulator):
    for system in (asks.SYSTEM, [{"type": "text", "text": asks.SYSTEM}]):
        assert text_of(client.messages.create(**asked(model, system=system)))
        assert asks.SYSTEM in asks.last_body(simulator)


def results_of(answer):
    """The assistant's turn as it came, and what its tools say."""
    uses = [block for block in answer.content if block.type == "tool_use"]
    assert all("Paris" in use.input["city"] for use in uses)
    results = [
        {"type": "tool_result", "tool_use_id": use.id, "content": asks.RESULTS[use.name]} for use in uses
    ]
    return [{"role": "assistant", "content": answer.content}, *say(results)]


def test_a_tool_over_two_turns(client, model):
    first = client.messages.create(**asked(model, asks.WEATHER_QUESTION, tools=TOOLS))
    assert first.stop_reason == "tool_use"
    turns = say(asks.WEATHER_QUESTION) + results_of(first)
    second = client.messages.create(**asked(model, tools=TOOLS) | {"messages": turns})
    assert second.stop_reason == "end_turn" and asks.RESULTS["get_weather"] in text_of(second)


def test_two_tools_at_once_streamed_over_two_turns(client, model):
    with client.messages.stream(**asked(model, asks.TWO_TOOLS_QUESTION, tools=TOOLS)) as events:
        parts = [event.partial_json for event in events if event.type == "input_json"]
        first = events.get_final_message()
    assert parts and [block.name for block in first.content if block.type == "tool_use"] == list(asks.RESULTS)
    turns = say(asks.TWO_TOOLS_QUESTION) + results_of(first)
    with client.messages.stream(**asked(model, tools=TOOLS) | {"messages": turns}) as events:
        text = text_of(events.get_final_message())
    assert all(result in text for result in asks.RESULTS.values())


def test_a_tool_that_failed_is_told_as_such(client, model):
    first = client.messages.create(**asked(model, asks.WEATHER_QUESTION, tools=TOOLS))
    turns = say(asks.WEATHER_QUESTION) + results_of(first)
    turns[-1]["content"][0] |= {"is_error": True, "content": "no such city"}
    second = client.messages.create(**asked(model, tools=TOOLS) | {"messages": turns})
    assert "no such city" in text_of(second)


@pytest.mark.parametrize("kind", ["any", "tool"])
def test_a_tool_that_must_be_called_is_called(client, model, kind):
    choice = {"type": "any"} if kind == "any" else {"type": "tool", "name": "get_time"}
    more = {"tools": TOOLS, "tool_choice": choice, "thinking": {"type": "disabled"}}
    answer = client.messages.create(**asked(model, asks.HELLO + " get_time", **more))
    assert [block.name for block in answer.content if block.type == "tool_use"] == ["get_time"]


def test_a_picture_reaches_the_provider(client, model, simulator):
    source = {"type": "base64", "media_type": "image/png", "data": asks.PIXEL}
    parts = [{"type": "text", "text": asks.IMAGE_QUESTION}, {"type": "image", "source": source}]
    assert text_of(client.messages.create(**asked(model, parts)))
    assert asks.PIXEL in asks.last_body(simulator)


def test_structured_output(client, model):
    if model == "deepseek":
        pytest.skip("DeepSeek's Anthropic endpoint takes no notice of output_config.format")
    question = asked(model, asks.CITY_QUESTION, output_format=City)
    whole = client.messages.parse(**question).parsed_output
    assert whole.people > 0 and "Paris" in whole.city
    with client.messages.stream(**question) as events:
        assert events.get_final_message().parsed_output == whole


def test_tokens_are_counted(client, model):
    assert client.messages.count_tokens(model=model, messages=say(asks.HELLO)).input_tokens > 0


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, anthropic.BadRequestError),
        (404, anthropic.NotFoundError),
        (413, anthropic.APIStatusError),
        (500, anthropic.InternalServerError),
        (529, anthropic.InternalServerError),
        (429, anthropic.RateLimitError),
    ],
)
def test_errors_are_the_clients_own(client, model, status, error):
    with pytest.raises(error) as caught:
        client.messages.create(**asked(busy(model), extra_headers=fault(f"status={status}")))
    assert caught.value.status_code == status
    assert caught.value.body["type"] == "error" and caught.value.body["error"]["message"]


def test_a_stream_that_breaks_raises(client, model):
    broken = fault(asks.BROKEN_STREAM)
    with pytest.raises(anthropic.APIStatusError) as caught:
        with client.messages.stream(**asked(model, extra_headers=broken)) as events:
            list(events)
    assert caught.value.body["error"]["code"] == "upstream_error"


@pytest.mark.parametrize(("status", "told", "expected"), [(529, "false", 1), (400, "true", 2)])
def test_it_tries_again_as_it_is_told(gateway, simulator, model, status, told, expected):
    with Anthropic(base_url=gateway.url, api_key="any", max_retries=1) as client:
        with pytest.raises(anthropic.APIStatusError):
            more = {"extra_headers": fault(f"status={status}; should_retry={told}")}
            client.messages.create(**asked(model, **more))
    assert asks.tries(simulator) == expected


def test_a_time_out_ends_the_call(client, model, simulator):
    with pytest.raises(anthropic.APITimeoutError):
        client.messages.create(**asked(model, timeout=asks.BRIEF, extra_headers=fault(asks.SLOW_ANSWER)))
    asks.hung_up(simulator)


def test_a_cancelled_task_ends_the_call(gateway, model, simulator):
    async def cancel():
        async with AsyncAnthropic(base_url=gateway.url, api_key="any", max_retries=0) as client:
            question = asked(model, extra_headers=fault(asks.SLOW_ANSWER))
            await asks.cancelled(client.messages.create(**question), simulator)

    asyncio.run(cancel())
    asks.hung_up(simulator)


def test_a_closed_stream_ends_the_call(client, model, simulator):
    with client.messages.stream(**asked(model, extra_headers=fault(asks.SLOW_STREAM))) as events:
        next(iter(events))
    asks.hung_up(simulator)
