"""langchain-openai."""

import asyncio

import openai
import pytest
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI

import asks
from asks import City, fault
from reach import CHAT, RESPONSES, busy

CELLS = [("chat", model) for model in CHAT] + [("responses", model) for model in RESPONSES]
pytestmark = pytest.mark.parametrize(("speaks", "model"), CELLS)

TOOLS = [{"title": name, "description": words, **asks.TOOL_SCHEMA} for name, words in asks.TOOLS.items()]


@pytest.fixture
def chat(gateway, speaks, model):
    """A model of LangChain's, by either API of OpenAI, changed as a test needs it."""

    def of(model=model, faulty=None, **more):
        base = {"base_url": gateway.url + "/v1", "api_key": "any", "max_retries": 0, "timeout": 20}
        base |= {
            "use_responses_api": speaks == "responses",
            "store": False if speaks == "responses" else None,
        }
        headers = fault(faulty) if faulty else {}
        return ChatOpenAI(**{**base, "model": model, "default_headers": headers, **more})

    return of


def test_an_answer(chat, simulator):
    answer = chat().invoke([SystemMessage(asks.SYSTEM), HumanMessage(asks.HELLO)])
    ended = {key: answer.response_metadata.get(key) for key in ("finish_reason", "status")}
    assert answer.text and ("stop" in ended.values() or "completed" in ended.values())
    assert answer.usage_metadata["output_tokens"] > 0
    assert asks.SYSTEM in asks.last_body(simulator)


def test_a_stream_says_the_same_as_the_whole_answer(chat):
    chunks = list(chat(stream_usage=True).stream(asks.HELLO))
    built = sum(chunks[1:], chunks[0])
    whole = chat().invoke(asks.HELLO)
    assert len(chunks) > 3 and built.text == whole.text
    assert built.usage_metadata["output_tokens"] > 0


def results_of(answer):
    """The assistant's turn as it came, and what its tools say."""
    assert all("Paris" in call["args"]["city"] for call in answer.tool_calls)
    calls = answer.tool_calls
    return [answer, *(ToolMessage(asks.RESULTS[call["name"]], tool_call_id=call["id"]) for call in calls)]


def test_a_tool_over_two_turns(chat):
    able = chat().bind_tools(TOOLS)
    turns = [HumanMessage(asks.WEATHER_QUESTION)]
    turns += results_of(able.invoke(turns))
    assert asks.RESULTS["get_weather"] in able.invoke(turns).text


def test_two_tools_at_once_streamed_over_two_turns(chat):
    able = chat().bind_tools(TOOLS)
    turns = [HumanMessage(asks.TWO_TOOLS_QUESTION)]
    chunks = list(able.stream(turns))
    first = sum(chunks[1:], chunks[0])
    assert [call["name"] for call in first.tool_calls] == list(asks.RESULTS)
    text = "".join(chunk.text for chunk in able.stream(turns + results_of(first)))
    assert all(result in text for result in asks.RESULTS.values())


def test_a_picture_reaches_the_provider(chat, simulator):
    picture = {"type": "image", "base64": asks.PIXEL, "mime_type": "image/png"}
    question = HumanMessage([{"type": "text", "text": asks.IMAGE_QUESTION}, picture])
    assert chat().invoke([question]).text
    assert asks.PIXEL in asks.last_body(simulator)


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output(chat, speaks, model, method):
    able = chat().with_structured_output(City, method=method)
    if (speaks, model, method) == ("responses", "deepseek", "json_schema"):  # it knows no schema
        with pytest.raises(openai.BadRequestError, match=r"text\.format"):
            able.invoke(asks.CITY_QUESTION)
        return
    city = able.invoke(asks.CITY_QUESTION)
    assert city.people > 0 and "Paris" in city.city


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
        (429, openai.RateLimitError),
    ],
)
def test_errors_are_the_clients_own(chat, model, status, error):
    with pytest.raises(error) as caught:
        chat(busy(model), faulty=f"status={status}").invoke(asks.HELLO)
    assert caught.value.status_code == status


def test_a_stream_that_breaks_raises(chat):
    with pytest.raises(openai.APIError):
        list(chat(faulty=asks.BROKEN_STREAM).stream(asks.HELLO))


@pytest.mark.parametrize(("status", "told", "expected"), [(503, "false", 1), (400, "true", 2)])
def test_it_tries_again_as_it_is_told(chat, simulator, status, told, expected):
    with pytest.raises(openai.APIStatusError):
        chat(faulty=f"status={status}; should_retry={told}", max_retries=1).invoke(asks.HELLO)
    assert asks.tries(simulator) == expected


def test_a_time_out_ends_the_call(chat, simulator):
    with pytest.raises(openai.APITimeoutError):
        chat(faulty=asks.SLOW_ANSWER, timeout=asks.BRIEF).invoke(asks.HELLO)
    asks.hung_up(simulator)


def test_a_cancelled_task_ends_the_call(chat, simulator):
    asyncio.run(asks.cancelled(chat(faulty=asks.SLOW_ANSWER).ainvoke(asks.HELLO), simulator))
    asks.hung_up(simulator)


def test_a_closed_stream_ends_the_call(chat, simulator):
    stream = chat(faulty=asks.SLOW_STREAM).stream(asks.HELLO)
    next(stream)
    stream.close()
    asks.hung_up(simulator)
