"""litellm as a client: by its OpenAI and by its Anthropic provider, chat completions either way."""

import asyncio
import json
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it would fetch its prices when it is imported

import litellm  # noqa: E402
import pytest  # noqa: E402

import asks  # noqa: E402
from asks import City, fault  # noqa: E402
from reach import CHAT, MESSAGES, busy  # noqa: E402

CELLS = [("openai", model) for model in CHAT] + [("anthropic", model) for model in MESSAGES]
pytestmark = pytest.mark.parametrize(("speaks", "model"), CELLS)

TOOLS = [
    {"type": "function", "function": {"name": name, "description": words, "parameters": asks.TOOL_SCHEMA}}
    for name, words in asks.TOOLS.items()
]


@pytest.fixture
def asked(gateway, speaks, model):
    """What a call says: of that model if no other, of the usual question if no other."""

    def of(content=asks.HELLO, model=model, **more):
        base = gateway.url + ("/v1" if speaks == "openai" else "")
        target = {"model": f"{speaks}/{model}", "api_base": base, "api_key": "any", "max_tokens": 4000}
        return {**target, "messages": say(content), "max_retries": 0, "timeout": 20, **more}

    return of


def say(content):
    return [{"role": "user", "content": content}]


def message_of(answer):
    return answer.choices[0].message


def test_an_answer(asked):
    answer = litellm.completion(**asked())
    assert message_of(answer).content and answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_a_stream_says_the_same_as_the_whole_answer(asked):
    whole = litellm.completion(**asked())
    chunks = list(litellm.completion(**asked(stream=True, stream_options={"include_usage": True})))
    built = litellm.stream_chunk_builder(chunks)
    assert len(chunks) > 3 and message_of(built).content == message_of(whole).content
    assert built.usage.completion_tokens == whole.usage.completion_tokens


def results_of(answer):
    """The assistant's turn as it came, and what its tools say."""
    message = message_of(answer)
    assert all("Paris" in json.loads(call.function.arguments)["city"] for call in message.tool_calls)
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": asks.RESULTS[call.function.name]}
        for call in message.tool_calls
    ]
    return [message.model_dump(), *results]


def test_a_tool_over_two_turns(asked):
    first = litellm.completion(**asked(asks.WEATHER_QUESTION, tools=TOOLS))
    assert first.choices[0].finish_reason == "tool_calls"
    turns = say(asks.WEATHER_QUESTION) + results_of(first)
    second = litellm.completion(**asked(messages=turns, tools=TOOLS))
    assert asks.RESULTS["get_weather"] in message_of(second).content


def test_two_tools_at_once_streamed_over_two_turns(asked):
    chunks = list(litellm.completion(**asked(asks.TWO_TOOLS_QUESTION, tools=TOOLS, stream=True)))
    first = litellm.stream_chunk_builder(chunks)
    assert [call.function.name for call in message_of(first).tool_calls] == list(asks.RESULTS)
    turns = say(asks.TWO_TOOLS_QUESTION) + results_of(first)
    chunks = list(litellm.completion(**asked(messages=turns, tools=TOOLS, stream=True)))
    text = message_of(litellm.stream_chunk_builder(chunks)).content
    assert all(result in text for result in asks.RESULTS.values())


def test_a_picture_reaches_the_provider(asked, simulator):
    url = {"url": "data:image/png;base64," + asks.PIXEL}
    parts = [{"type": "text", "text": asks.IMAGE_QUESTION}, {"type": "image_url", "image_url": url}]
    assert message_of(litellm.completion(**asked(parts))).content
    assert asks.PIXEL in asks.last_body(simulator)


def test_structured_output(asked):
    answer = litellm.completion(**asked(asks.CITY_QUESTION, response_format=City))
    city = City.model_validate_json(message_of(answer).content)
    assert city.people > 0 and "Paris" in city.city


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, litellm.BadRequestError),
        (404, litellm.NotFoundError),
        (500, litellm.InternalServerError),
        (429, litellm.RateLimitError),
    ],
)
def test_errors_are_the_clients_own(asked, model, status, error):
    with pytest.raises(error) as caught:
        litellm.completion(**asked(model=busy(model), extra_headers=fault(f"status={status}")))
    assert caught.value.status_code == status


def test_a_stream_that_breaks_raises(asked):
    with pytest.raises(litellm.exceptions.MidStreamFallbackError):
        list(litellm.completion(**asked(stream=True, extra_headers=fault(asks.BROKEN_STREAM))))


@pytest.mark.parametrize(("status", "told", "expected"), [(503, "false", 1), (400, "true", 2)])
def test_it_tries_again_as_it_is_told(asked, speaks, simulator, status, told, expected):
    headers = fault(f"status={status}; should_retry={told}; retry_after=0")
    # Its provider for Anthropic never hears what it is told: it repeats whatever failed as often as it likes.
    again = {"max_retries": 1} if speaks == "openai" else {"num_retries": 1}
    overloaded = (litellm.ServiceUnavailableError, litellm.InternalServerError)
    with pytest.raises(overloaded if status == 503 else litellm.BadRequestError):
        litellm.completion(**asked(extra_headers=headers, **again))
    assert asks.tries(simulator) == (expected if speaks == "openai" else 2)


def test_a_time_out_ends_the_call(asked, simulator):
    with pytest.raises(litellm.Timeout):
        litellm.completion(**asked(timeout=asks.BRIEF, extra_headers=fault(asks.SLOW_ANSWER)))
    asks.hung_up(simulator)


def test_a_cancelled_task_ends_the_call(asked, simulator):
    call = litellm.acompletion(**asked(extra_headers=fault(asks.SLOW_ANSWER)))
    asyncio.run(asks.cancelled(call, simulator))
    asks.hung_up(simulator)
