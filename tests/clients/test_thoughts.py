"""What a model thought goes back to it with what its tools say, by the official clients for Python."""

import pytest
from anthropic import Anthropic
from openai import OpenAI

import asks
from reach import THINKERS

WEATHER = {"name": "get_weather", "description": asks.TOOLS["get_weather"]}
CHAT_TOOL = {"type": "function", "function": {**WEATHER, "parameters": asks.TOOL_SCHEMA}}
RESPONSES_TOOL = {"type": "function", **WEATHER, "parameters": asks.TOOL_SCHEMA, "strict": False}
MESSAGES_TOOL = {**WEATHER, "input_schema": asks.TOOL_SCHEMA}
QUESTION = {"role": "user", "content": asks.WEATHER_QUESTION}
RESULT = asks.RESULTS["get_weather"]


@pytest.fixture
def openai(gateway):
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0, timeout=20) as one:
        yield one


@pytest.fixture
def anthropic(gateway):
    with Anthropic(base_url=gateway.url, api_key="any", max_retries=0, timeout=20) as one:
        yield one


@pytest.mark.parametrize("model", THINKERS["chat"])
@pytest.mark.parametrize("streamed", [False, True])
def test_in_chat_completions_thoughts_are_reasoning_content(openai, model, streamed):
    asked = {"model": model, "tools": [CHAT_TOOL], "reasoning_effort": "high"}

    def message_of(turns):
        if not streamed:
            return openai.chat.completions.create(**asked, messages=turns).choices[0].message
        with openai.chat.completions.stream(**asked, messages=turns) as events:
            return events.get_final_completion().choices[0].message

    first = message_of([QUESTION])
    assert first.reasoning_content
    (call,) = first.tool_calls
    turns = [QUESTION, first, {"role": "tool", "tool_call_id": call.id, "content": RESULT}]
    assert RESULT in message_of(turns).content


@pytest.mark.parametrize("model", THINKERS["messages"])
@pytest.mark.parametrize("streamed", [False, True])
def test_in_messages_thoughts_are_signed(anthropic, model, streamed):
    thinking = {"type": "enabled", "budget_tokens": 1024}
    asked = {"model": model, "max_tokens": 4000, "tools": [MESSAGES_TOOL], "thinking": thinking}

    def message_of(turns):
        if not streamed:
            return anthropic.messages.create(**asked, messages=turns)
        with anthropic.messages.stream(**asked, messages=turns) as events:
            return events.get_final_message()

    first = message_of([QUESTION])
    thought, use = (
        next(block for block in first.content if block.type == kind) for kind in ("thinking", "tool_use")
    )
    assert thought.thinking and thought.signature
    result = {"type": "tool_result", "tool_use_id": use.id, "content": RESULT}
    turns = [QUESTION, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    assert any(RESULT in block.text for block in message_of(turns).content if block.type == "text")


@pytest.mark.parametrize("model", THINKERS["responses"])
@pytest.mark.parametrize("streamed", [False, True])
def test_in_responses_thoughts_are_sealed(openai, model, streamed):
    asked = {"model": model, "tools": [RESPONSES_TOOL], "reasoning": {"effort": "high"}, "store": False}
    asked["include"] = ["reasoning.encrypted_content"]

    def response_to(turns):
        if not streamed:
            return openai.responses.create(**asked, input=turns)
        with openai.responses.stream(**asked, input=turns) as events:
            return events.get_final_response()

    first = response_to([QUESTION])
    thought, call = (
        next(item for item in first.output if item.type == kind) for kind in ("reasoning", "function_call")
    )
    assert thought.encrypted_content
    result = {"type": "function_call_output", "call_id": call.call_id, "output": RESULT}
    assert RESULT in response_to([QUESTION, *first.output, result]).output_text
