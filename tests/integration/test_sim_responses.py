"""The official OpenAI client, unmodified, speaking Responses to the simulator itself."""

import json

import openai
import pytest
from pydantic import BaseModel

from programs import ask
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


@pytest.fixture
def client(simulator):
    with client_of(simulator) as one:
        yield one


def post(simulator, body, fault=None, path="/v1/responses"):
    headers = {"authorization": "Bearer any", **({"x-sim-fault": fault} if fault else {})}
    return ask(simulator.address, "POST", path, json.dumps(body).encode(), headers)


# --- answers ------------------------------------------------------------------------------------------------


def test_a_response_is_answered(client):
    answer = create(client)
    assert answer.id.startswith("resp_") and answer.object == "response" and answer.status == "completed"
    assert [item.type for item in answer.output] == ["message"] and answer.output_text
    assert answer.output[0].id.startswith("msg_")
    assert answer.error is None and answer.incomplete_details is None
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    assert answer.model == MODEL and answer._request_id.startswith("req_")


def test_the_same_request_has_the_same_answer(client):
    assert timeless(create(client)) == timeless(create(client))


def test_what_was_asked_is_repeated(client):
    more = {"metadata": {"a": "b"}, "instructions": "Be brief", "store": False, "user": "u"}
    answer = create(client, temperature=0.5, **more)
    assert (answer.temperature, answer.metadata, answer.instructions) == (0.5, {"a": "b"}, "Be brief")
    assert (answer.top_p, answer.tools, answer.tool_choice) == (1.0, [], "auto")
    assert (answer.text.format.type, answer.truncation) == ("text", "disabled")
    assert (answer.user, answer.service_tier, answer.store) == ("u", "default", False)


def test_a_stream_says_the_same_as_the_whole_answer(client):
    whole = create(client, TIDES)
    with stream_of(client) as events:
        kinds = [event.type for event in events]
        streamed = events.get_final_response()
    assert streamed.output_text == whole.output_text and streamed.usage == whole.usage
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


def test_events_are_numbered_from_nought(simulator):
    body = post(simulator, {"model": MODEL, "input": TIDES, "stream": True}).body
    numbers = [event["sequence_number"] for event in events_of(body)]
    assert numbers == list(range(len(numbers)))
    assert b"[DONE]" not in body


def test_tools_over_several_turns(client):
    for kept in (True, False):
        first = create(client, QUESTION, tools=[WEATHER], store=kept)
        call = call_of(first)
        assert json.loads(call.arguments) == {"city": "Paris"} and call.id.startswith("fc_")
        if kept:
            turns = {"input": [output_of(call, "17 degrees")], "previous_response_id": first.id}
        else:
            turns = {"input": [user(QUESTION), *given_back(first), output_of(call, "17 degrees")]}
        second = create(client, tools=[WEATHER], **turns)
        assert "17 degrees" in second.output_text and second.usage.input_tokens > first.usage.input_tokens
    with stream_of(client, QUESTION, tools=[WEATHER]) as events:
        parts = [event.delta for event in events if event.type == "response.function_call_arguments.delta"]
    assert json.loads("".join(parts)) == {"city": "Paris"}


def test_a_conversation_costs_the_same_whether_it_is_kept_or_sent_again(client):
    first = create(client, TIDES)
    kept = create(client, "And the moon?", previous_response_id=first.id)
    turns = [user(TIDES), *given_back(first), user("And the moon?")]
    sent = create(client, turns)
    assert kept.usage.input_tokens == sent.usage.input_tokens
    assert kept.output_text == sent.output_text and kept.previous_response_id == first.id


def test_an_item_may_be_given_by_its_id(client):
    first = create(client, TIDES)
    turns = [{"type": "item_reference", "id": first.output[0].id}, user("And the moon?")]
    assert create(client, turns).output_text
    unknown = [{"type": "item_reference", "id": "msg_unknown"}]
    with pytest.raises(openai.NotFoundError, match="msg_unknown"):
        create(client, unknown)


def test_thoughts_come_back_sealed_or_by_their_id(client):
    more = {"model": THINKER, "tools": [WEATHER]}
    first = create(client, QUESTION, reasoning={"summary": "auto"}, **more, **SEALED)
    assert [item.type for item in first.output] == ["reasoning", "function_call"]
    thought = first.output[0]
    assert thought.encrypted_content and thought.summary[0].text
    assert first.usage.output_tokens_details.reasoning_tokens > 0
    turns = [user(QUESTION), *given_back(first), output_of(call_of(first), "17 degrees")]
    assert create(client, turns, **more, **SEALED).output_text
    turns[1]["encrypted_content"] = "gAAAAABforeign"
    with pytest.raises(openai.BadRequestError) as raised:
        create(client, turns, **more, **SEALED)
    assert raised.value.code == "invalid_encrypted_content"
    del turns[1]["encrypted_content"]
    with pytest.raises(openai.NotFoundError, match="rs_"):
        create(client, turns, **more)
    kept = create(client, "Another: " + QUESTION, **more)
    assert kept.output[0].encrypted_content is None and kept.output[0].summary == []
    turns = [user(QUESTION), *given_back(kept), output_of(call_of(kept), "17 degrees")]
    assert create(client, turns, **more).output_text


def test_a_streamed_thought_tells_its_summary(client):
    with stream_of(client, model=THINKER, reasoning={"summary": "detailed"}) as events:
        parts = [event.delta for event in events if event.type == "response.reasoning_summary_text.delta"]
        final = events.get_final_response()
    assert "".join(parts) == final.output[0].summary[0].text


def test_a_custom_tool_is_given_a_text(client):
    tool = {"type": "custom", "name": "shell", "description": "Runs a command"}
    answer = create(client, "Use shell: ls", tools=[tool])
    (call,) = answer.output
    assert call.type == "custom_tool_call" and call.input == "Use shell: ls"
    turns = [user("Use shell: ls"), *given_back(answer)]
    turns.append({"type": "custom_tool_call_output", "call_id": call.call_id, "output": "a.txt"})
    assert "a.txt" in create(client, turns, tools=[tool]).output_text


class City(BaseModel):
    name: str
    people: int


def test_a_structure_is_parsed(client):
    answer = client.responses.parse(model=MODEL, input="Name a city", text_format=City)
    assert isinstance(answer.output_parsed, City)


def test_an_image_costs_its_tokens(client):
    def tokens(*parts):
        content = [{"type": "input_text", "text": "What is this?"}, *parts]
        return create(client, [user(content)]).usage.input_tokens

    assert tokens({"type": "input_image", "image_url": PIXEL, "detail": "auto"}) == tokens() + 85


def test_the_limit_makes_an_answer_incomplete(client):
    answer = create(client, TIDES, max_output_tokens=16)
    assert answer.status == "incomplete" and answer.incomplete_details.reason == "max_output_tokens"
    assert answer.usage.output_tokens == 16 and answer.output[0].status == "incomplete"
    with stream_of(client, max_output_tokens=16) as events:
        assert list(events)[-1].type == "response.incomplete"


def test_the_prompt_cache_works_as_for_chats(client):
    text = "The harbour keeps a careful book of every ship. " * 200
    first, second = (create(client, [user(text)]).usage for _ in range(2))
    assert first.input_tokens_details.cached_tokens == 0
    assert second.input_tokens_details.cached_tokens >= 1024


def test_logprobs_come_when_they_are_included(client):
    answer = create(client, include=["message.output_text.logprobs"], top_logprobs=2)
    assert len(answer.output[0].content[0].logprobs[0].top_logprobs) == 2


# --- refusals -----------------------------------------------------------------------------------------------


def test_what_is_refused_names_its_parameter(simulator):
    good = {"model": MODEL, "input": "x"}
    for more, param, code in [
        ({"messages": []}, "messages", "unsupported_parameter"),
        ({"stop": ["x"]}, "stop", "unknown_parameter"),
        ({"max_output_tokens": 1}, "max_output_tokens", "integer_below_min_value"),
        ({"previous_response_id": "resp_1"}, "previous_response_id", "previous_response_not_found"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].name", "missing_required_parameter"),
        ({"input": [user([{"type": "text"}])]}, "input[0].content[0].type", "invalid_value"),
        ({"background": True}, "background", "unsupported_parameter"),
    ]:
        answer = post(simulator, {**good, **more})
        assert (answer.status, answer.error["param"], answer.error["code"]) == (400, param, code)
        assert answer.error["type"] == "invalid_request_error"


def test_a_call_and_its_output_belong_together(client):
    call = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}
    with pytest.raises(openai.BadRequestError, match="No tool output found for function call c1"):
        create(client, [call])
    with pytest.raises(openai.BadRequestError, match="No tool call found .* c2"):
        create(client, [{"type": "function_call_output", "call_id": "c2", "output": "x"}])


def test_an_unstored_response_cannot_be_continued(client):
    answer = create(client, store=False)
    with pytest.raises(openai.BadRequestError) as raised:
        create(client, previous_response_id=answer.id)
    assert raised.value.code == "previous_response_not_found"


def test_keys_models_and_paths(stage):
    simulator = stage.simulator("--keys", "sk-a", scenario={"models": [{"name": MODEL}]})
    with client_of(simulator, api_key="sk-a") as client:
        assert create(client).output_text
        with pytest.raises(openai.NotFoundError) as raised:
            create(client, model="gpt-7")
        assert raised.value.code == "model_not_found"
    with client_of(simulator, api_key="sk-b") as client, pytest.raises(openai.AuthenticationError):
        create(client)
    for path in ("/anthropic/responses", "/beta/responses", "/v1/responses/resp_1"):
        assert post(simulator, {}, path=path).status == 404


@pytest.mark.parametrize(("dialect", "status"), [("openai", 200), ("deepseek", 404), ("anthropic", 404)])
def test_only_openai_has_responses(stage, dialect, status):
    simulator = stage.simulator("--dialect", dialect)
    assert post(simulator, {"model": MODEL, "input": "x"}).status == status


# --- faults -------------------------------------------------------------------------------------------------


def test_an_error_event_has_the_next_number(simulator):
    body = {"model": MODEL, "input": TIDES, "stream": True}
    events = events_of(post(simulator, body, "error_event=5").body)
    assert events[-1]["type"] == "error" and events[-1]["code"] == "server_error"
    assert [event["sequence_number"] for event in events] == list(range(6))


def test_faults_of_the_end(simulator):
    body = {"model": MODEL, "input": TIDES}
    streamed = events_of(post(simulator, {**body, "stream": True}, "no_done").body)
    assert streamed[-1]["type"] == "response.output_item.done"
    failed = events_of(post(simulator, {**body, "stream": True}, "insufficient=3").body)[-1]
    assert failed["type"] == "response.failed" and failed["response"]["error"]["code"] == "server_error"
    assert post(simulator, body, "insufficient=3").json()["status"] == "failed"
    assert post(simulator, body, "no_usage").json()["usage"] is None
    assert post(simulator, body, "tokens=40").json()["usage"]["output_tokens"] == 40


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, openai.BadRequestError), (429, openai.RateLimitError), (503, openai.InternalServerError)],
)
def test_errors_have_the_clients_own_classes(client, status, kind):
    with pytest.raises(kind):
        create(client, fault=f"status={status}")
