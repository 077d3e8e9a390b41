"""The official OpenAI client for Python, Responses."""

import asyncio
import json

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

import asks
from asks import City, fault
from reach import RESPONSES, busy

pytestmark = pytest.mark.parametrize("model", RESPONSES)

TOOLS = [
    {"type": "function", "name": name, "description": words, "parameters": asks.TOOL_SCHEMA, "strict": False}
    for name, words in asks.TOOLS.items()
]


@pytest.fixture
def client(gateway):
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0, timeout=20) as one:
        yield one


def asked(model, content=asks.HELLO, **more):
    """Nothing is kept at the provider: thoughts come sealed, to be given back with what tools say."""
    stateless = {"store": False, "include": ["reasoning.encrypted_content"]}
    return {"model": model, "input": [{"role": "user", "content": content}], **stateless, **more}


def test_an_answer(client, model, simulator):
    answer = client.responses.create(**asked(model, instructions=asks.SYSTEM))
    assert answer.output_text and answer.status == "completed" and answer.object == "response"
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens > 0
    assert asks.SYSTEM in asks.last_body(simulator)


def test_a_text_alone_is_a_question(client, model):
    assert client.responses.create(model=model, input=asks.HELLO, store=False).output_text


def test_a_stream_says_the_same_as_the_whole_answer(client, model):
    whole = client.responses.create(**asked(model))
    events = list(client.responses.create(**asked(model, stream=True)))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert events[0].type == "response.created" and events[-1].type == "response.completed"
    assert text == whole.output_text == events[-1].response.output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[-1].response.usage.output_tokens == whole.usage.output_tokens


def calls_of(answer):
    return [item for item in answer.output if item.type == "function_call"]


def continued(question, answer):
    """The turns so far: the items of the answer as they came, and what its tools say."""
    assert all("Paris" in json.loads(call.arguments)["city"] for call in calls_of(answer))
    results = [
        {"type": "function_call_output", "call_id": call.call_id, "output": asks.RESULTS[call.name]}
        for call in calls_of(answer)
    ]
    return [{"role": "user", "content": question}, *answer.output, *results]


def test_a_tool_over_two_turns(client, model):
    first = client.responses.create(**asked(model, asks.WEATHER_QUESTION, tools=TOOLS))
    turns = continued(asks.WEATHER_QUESTION, first)
    second = client.responses.create(**asked(model, tools=TOOLS) | {"input": turns})
    assert asks.RESULTS["get_weather"] in second.output_text


def test_two_tools_at_once_streamed_over_two_turns(client, model):
    with client.responses.stream(**asked(model, asks.TWO_TOOLS_QUESTION, tools=TOOLS)) as events:
        kinds = {event.type for event in events}
        first = events.get_final_response()
    assert "response.function_call_arguments.delta" in kinds
    assert [call.name for call in calls_of(first)] == list(asks.RESULTS)
    turns = continued(asks.TWO_TOOLS_QUESTION, first)
    with client.responses.stream(**asked(model, tools=TOOLS) | {"input": turns}) as events:
        text = events.get_final_response().output_text
    assert all(result in text for result in asks.RESULTS.values())


def test_a_tool_that_must_be_called_is_called(client, model):
    for choice in ("required", {"type": "function", "name": "get_time"}):
        question = asked(model, asks.HELLO + " get_time", tools=TOOLS, tool_choice=choice)
        assert [call.name for call in calls_of(client.responses.create(**question))] == ["get_time"]


def test_a_picture_reaches_the_provider(client, model, simulator):
    url = "data:image/png;base64," + asks.PIXEL
    picture = {"type": "input_image", "image_url": url, "detail": "auto"}
    parts = [{"type": "input_text", "text": asks.IMAGE_QUESTION}, picture]
    assert client.responses.create(**asked(model, parts)).output_text
    assert asks.PIXEL in asks.last_body(simulator)


def test_structured_output(client, model):
    question = asked(model, asks.CITY_QUESTION, text_format=City)
    if model == "deepseek":  # knows no schema, and the field that asks for one is named
        with pytest.raises(openai.BadRequestError, match=r"text\.format"):
            client.responses.parse(**question)
        return
    whole = client.responses.parse(**question).output_parsed
    assert whole.people > 0 and "Paris" in whole.city
    with client.responses.stream(**question) as events:
        assert events.get_final_response().output_parsed == whole


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
        client.responses.create(**asked(busy(model), extra_headers=fault(f"status={status}")))
    assert caught.value.status_code == status
    assert caught.value.body["message"] and caught.value.body["type"]


def test_a_stream_that_breaks_raises(client, model):
    broken = asked(model, stream=True, extra_headers=fault(asks.BROKEN_STREAM))
    with pytest.raises(openai.APIError) as caught:
        list(client.responses.create(**broken))
    assert caught.value.code == "upstream_error"


@pytest.mark.parametrize(("status", "told", "expected"), [(503, "false", 1), (400, "true", 2)])
def test_it_tries_again_as_it_is_told(gateway, simulator, model, status, told, expected):
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=1) as client:
        with pytest.raises(openai.APIStatusError):
            more = {"extra_headers": fault(f"status={status}; should_retry={told}")}
            client.responses.create(**asked(model, **more))
    assert asks.tries(simulator) == expected


def test_a_time_out_ends_the_call(client, model, simulator):
    with pytest.raises(openai.APITimeoutError):
        client.responses.create(**asked(model, timeout=asks.BRIEF, extra_headers=fault(asks.SLOW_ANSWER)))
    asks.hung_up(simulator)


def test_a_cancelled_task_ends_the_call(gateway, model, simulator):
    async def cancel():
        async with AsyncOpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0) as client:
            question = asked(model, extra_headers=fault(asks.SLOW_ANSWER))
            await asks.cancelled(client.responses.create(**question), simulator)

    asyncio.run(cancel())
    asks.hung_up(simulator)


def test_a_closed_stream_ends_the_call(client, model, simulator):
    stream = client.responses.create(**asked(model, stream=True, extra_headers=fault(asks.SLOW_STREAM)))
    next(iter(stream))
    stream.close()
    asks.hung_up(simulator)
