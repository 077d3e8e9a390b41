"""One dialect asked, another one answering: whole, streamed, refused, broken, down to single bytes."""

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

import programs
from conftest import config_for
from scripted import DONE, event

ROUTES = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
PROVIDERS = {
    "chat": {"dialect": "openai", "endpoints": ["chat"]},
    "responses": {"dialect": "openai", "endpoints": ["responses"]},
    "messages": {"dialect": "anthropic"},
    "deepseek": {"dialect": "deepseek", "endpoints": ["chat"]},
    "deepseek-messages": {"dialect": "deepseek", "endpoints": ["messages"]},
}
MODELS = {
    "chat": "gpt-4o-mini",
    "responses": "gpt-5-mini",
    "messages": "claude-sonnet-5",
    "deepseek": "deepseek-flash",
    "deepseek-messages": "deepseek-flash",
}
PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
    "deepseek": "/chat/completions",
    "deepseek-messages": "/anthropic/v1/messages",
}
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ACROSS = [
    (caller, provider)
    for caller in ROUTES
    for provider in PROVIDERS
    if provider.removeprefix("deepseek-").replace("deepseek", "chat") != caller
]
across = pytest.mark.parametrize(("caller", "provider"), ACROSS)


def translating_config(url, **more):
    """The model `chat` is that of a provider that speaks chat only, and so on."""
    providers = {}
    for name, settings in PROVIDERS.items():
        base = url + "/v1" if settings["dialect"] == "openai" else url
        providers[name] = {**settings, "base_url": base, "key": f"sk-{name}", "simulated": True}
    models = {name: {"ladder": [f"{name}/{model}"]} for name, model in MODELS.items()}
    models["both"] = {"ladder": [f"chat/{MODELS['chat']}"], "fallback": [f"messages/{MODELS['messages']}"]}
    return {**config_for(url), "providers": providers, "models": models, **more}


@pytest.fixture
def gateway(stage, simulator):
    return stage.gateway(translating_config(simulator.url))


def asking(caller, model, text="Explain the tides", **more):
    """A request in the caller's words."""
    message = [{"role": "user", "content": text}]
    if caller == "responses":
        return {"model": model, "input": message, **more}
    if caller == "messages":
        return {"model": model, "max_tokens": 4000, "messages": message, **more}
    return {"model": model, "messages": message, **more}


def post(gateway, caller, body, headers=None):
    version = {"anthropic-version": "2023-06-01"} if caller == "messages" else {}
    return gateway.ask("POST", ROUTES[caller], body, {**version, **(headers or {})})


def text_of(caller, answer):
    if caller == "chat":
        return answer["choices"][0]["message"]["content"]
    blocks = answer["content"] if caller == "messages" else answer["output"]
    if caller == "messages":
        return "".join(block.get("text", "") for block in blocks)
    return "".join(part["text"] for item in blocks if item["type"] == "message" for part in item["content"])


def total_of(caller, usage):
    """Input and output tokens, whatever they are called."""
    if caller == "chat":
        return usage["prompt_tokens"], usage["completion_tokens"]
    cached = usage.get("cache_read_input_tokens", 0) + usage.get("cache_creation_input_tokens", 0)
    return usage["input_tokens"] + cached, usage["output_tokens"]


def events_of(body):
    """The payloads of a stream, each with the name of its event."""
    events = []
    for frame in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in frame.split("\n") if line and not line.startswith(":"))
        if "data" in fields:
            data = fields["data"]
            events.append((fields.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return events


def streamed_text(caller, events):
    if caller == "chat":
        chunks = [data for _, data in events if data != "[DONE]" and data["choices"]]
        return "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    if caller == "messages":
        deltas = [data["delta"] for name, data in events if name == "content_block_delta"]
        return "".join(delta.get("text", "") for delta in deltas)
    return "".join(data["delta"] for name, data in events if name == "response.output_text.delta")


def sent_last(simulator):
    """What the provider was asked last."""
    return json.loads(simulator.body(simulator.requests()[-1]["number"]))


def error_of(caller, answer):
    error = answer.json()["error"]
    if caller == "messages":
        assert answer.json()["type"] == "error" and answer.json()["request_id"]
    return error


# --- answers ------------------------------------------------------------------------------------------------


@across
def test_an_answer_comes_in_the_callers_words(gateway, simulator, caller, provider):
    answer = post(gateway, caller, asking(caller, provider))
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-sluice-model"] == f"{provider}/{MODELS[provider]}"
    body = answer.json()
    assert "tide" in text_of(caller, body).lower()
    request = simulator.only_request()
    assert request["target"] == PATHS[provider]
    assert request["headers"].get("x-api-key" if "messages" in provider else "authorization")
    record = gateway.record_of(answer)
    used = record["usage"]
    assert total_of(caller, body["usage"]) == (
        used["input"] + used.get("cached_input", 0),
        used["output"] + used.get("reasoning", 0),
    )
    assert record["finish_reason"] == "stop"


@across
def test_a_stream_says_the_same_as_the_whole_answer(gateway, caller, provider):
    whole = post(gateway, caller, asking(caller, provider))
    more = {"stream_options": {"include_usage": True}} if caller == "chat" else {}
    answer = post(gateway, caller, asking(caller, provider, stream=True, **more))
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer.body)
    assert streamed_text(caller, events) == text_of(caller, whole.json())
    if caller == "chat":
        assert events[-1][1] == "[DONE]" and total_of(caller, events[-2][1]["usage"])[1] > 0
        assert events[-2][1]["choices"] == []
    elif caller == "messages":
        assert [name for name, _ in events[-2:]] == ["message_delta", "message_stop"]
        assert events[0][0] == "message_start"
    else:
        assert events[0][0] == "response.created" and events[-1][0] == "response.completed"
        numbers = [data["sequence_number"] for _, data in events]
        assert numbers == list(range(len(numbers)))
        assert text_of(caller, events[-1][1]["response"]) == text_of(caller, whole.json())


def test_a_chat_caller_who_did_not_ask_for_usage_gets_no_chunk_of_it(gateway):
    answer = post(gateway, "chat", asking("chat", "messages", stream=True))
    events = events_of(answer.body)
    assert all(data == "[DONE]" or data["choices"] for _, data in events)
    assert gateway.record_of(answer)["usage"]["output"] > 0


def tools_of(caller):
    said = {"name": "get_weather", "description": "The weather in a city"}
    if caller == "chat":
        return [{"type": "function", "function": {**said, "parameters": WEATHER}}]
    if caller == "responses":
        return [{"type": "function", **said, "parameters": WEATHER, "strict": False}]
    return [{**said, "input_schema": WEATHER}]


def call_of(caller, answer):
    """The turns to add and the call's arguments."""
    if caller == "chat":
        message = answer["choices"][0]["message"]
        (call,) = message["tool_calls"]
        result = {"role": "tool", "tool_call_id": call["id"], "content": "17 degrees"}
        return [message, result], json.loads(call["function"]["arguments"])
    if caller == "messages":
        (call,) = [block for block in answer["content"] if block["type"] == "tool_use"]
        result = {"type": "tool_result", "tool_use_id": call["id"], "content": "17 degrees"}
        turns = [{"role": "assistant", "content": answer["content"]}, {"role": "user", "content": [result]}]
        return turns, call["input"]
    (call,) = [item for item in answer["output"] if item["type"] == "function_call"]
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "17 degrees"}
    return [*answer["output"], result], json.loads(call["arguments"])


@across
def test_tools_over_two_turns(gateway, caller, provider):
    body = asking(caller, provider, "What is the weather in Paris?", tools=tools_of(caller))
    first = post(gateway, caller, body)
    assert first.status == 200, first.body
    turns, arguments = call_of(caller, first.json())
    assert arguments == {"city": "Paris"}
    assert gateway.record_of(first)["finish_reason"] == "tool_calls"
    body["input" if caller == "responses" else "messages"] += turns
    second = post(gateway, caller, body)
    assert second.status == 200, second.body
    assert "17 degrees" in text_of(caller, second.json())


def test_thoughts_go_back_to_their_own_provider_sealed_as_they_were(gateway, simulator):
    body = asking("messages", "responses", "What is the weather in Paris?", tools=tools_of("messages"))
    body["thinking"] = {"type": "enabled", "budget_tokens": 2000}
    first = post(gateway, "messages", body)
    assert first.status == 200, first.body
    (thought,) = [block for block in first.json()["content"] if block["type"] == "thinking"]
    assert thought["signature"].startswith("sluice.openai.")
    turns, _ = call_of("messages", first.json())
    body["messages"] += turns
    assert post(gateway, "messages", body).status == 200
    sent = sent_last(simulator)
    (item,) = [item for item in sent["input"] if item.get("type") == "reasoning"]
    assert thought["signature"].endswith(item["encrypted_content"]) and item["id"] in thought["signature"]


def test_a_conversation_that_changes_its_family_loses_only_the_others_thoughts(gateway, simulator):
    body = asking("messages", "responses", "What is the weather in Paris?", tools=tools_of("messages"))
    body["thinking"] = {"type": "enabled", "budget_tokens": 2000}
    first = post(gateway, "messages", body)
    turns, _ = call_of("messages", first.json())
    there = {**body, "model": "messages", "messages": body["messages"] + turns}
    there["thinking"] = {"type": "disabled"}
    answer = post(gateway, "messages", there)
    assert answer.status == 200, answer.body
    assert answer.headers["x-sluice-dropped"] == "messages[1].content[0]"
    assert "sluice.openai" not in json.dumps(sent_last(simulator))


def test_a_chat_caller_sees_claudes_thoughts_and_gives_them_back(gateway, simulator):
    body = asking("chat", "messages", "What is the weather in Paris?", tools=tools_of("chat"))
    body["reasoning_effort"] = "low"
    first = post(gateway, "chat", body)
    assert first.status == 200, first.body
    message = first.json()["choices"][0]["message"]
    assert message["reasoning_content"] == message["thinking_blocks"][0]["thinking"]
    body["messages"] += call_of("chat", first.json())[0]
    assert post(gateway, "chat", body).status == 200
    sent = sent_last(simulator)
    thought = sent["messages"][1]["content"][0]
    assert thought["type"] == "thinking"
    assert thought["signature"] == message["thinking_blocks"][0]["signature"]


# --- what cannot be said ------------------------------------------------------------------------------------


def test_a_field_without_a_word_there_is_refused_by_its_name(gateway, simulator):
    answer = post(gateway, "chat", asking("chat", "messages", logit_bias={"50256": -100}))
    assert answer.status == 400
    error = error_of("chat", answer)
    assert error["code"] == "invalid_request" and error["param"] == "logit_bias"
    assert "'logit_bias' cannot be said to Anthropic Messages" in error["message"]
    assert answer.headers["x-should-retry"] == "false"
    assert simulator.requests() == []


def test_it_is_dropped_and_named_where_the_config_says_so(stage, simulator):
    config = translating_config(simulator.url, translation={"unsayable": "drop"})
    gateway = stage.gateway(config)
    answer = post(gateway, "chat", asking("chat", "messages", logit_bias={"50256": -100}, seed=1))
    assert answer.status == 200, answer.body
    assert set(answer.headers["x-sluice-dropped"].split(", ")) == {"logit_bias", "seed"}
    sent = sent_last(simulator)
    assert "logit_bias" not in sent and "seed" not in sent


@pytest.mark.parametrize("body", ["<html>no</html>", "{}", '{"detail":[{"msg":"field required"}]}'])
def test_a_refusal_in_words_that_nobody_knows_still_says_something(stage, simulator, body):
    provider = stage.scripted()
    config = translating_config(simulator.url)
    config["providers"]["chat"]["base_url"] = provider.url + "/v1"
    gateway = stage.gateway(config)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(post, gateway, "messages", asking("messages", "chat"))
        call = provider.next_call()
        call.send_head("text/html", "400 Bad Request")
        call.send_chunk(body)
        call.finish()
        answer = asked.result(timeout=20)
    assert answer.status == 400 and answer.headers["content-type"] == "application/json"
    assert "status 400" in error_of("messages", answer)["message"]


def test_what_one_candidate_cannot_be_told_another_one_can(stage, simulator):
    config = translating_config(simulator.url)
    config["models"]["either"] = {
        "ladder": [f"messages/{MODELS['messages']}"],
        "fallback": [f"chat/{MODELS['chat']}"],
    }
    gateway = stage.gateway(config)
    answer = post(gateway, "chat", asking("chat", "either", logit_bias={"50256": -100}))
    assert answer.status == 200 and answer.headers["x-sluice-model"] == f"chat/{MODELS['chat']}"
    assert answer.headers["x-sluice-reason"] == "those before it have no word for logit_bias"
    record = gateway.record_of(answer)
    assert [attempt.get("error") for attempt in record["attempts"]] == ["unsayable", None]
    assert "no word" in record["reason"]


def test_explain_says_what_has_no_word(gateway, simulator):
    body = asking("chat", "messages", logit_bias={"50256": -100})
    plan = post(gateway, "chat", body, {"x-sluice-explain": "only"}).json()
    assert "'logit_bias'" in plan["candidates"][0]["rejected"]
    good = post(gateway, "chat", asking("chat", "messages"), {"x-sluice-explain": "only"}).json()
    assert "rejected" not in good["candidates"][0] and "Messages" in good["candidates"][0]["said_as"]
    assert "dropped" not in good["candidates"][0]
    hint = asking("chat", "messages", prompt_cache_key="k")
    hinted = post(gateway, "chat", hint, {"x-sluice-explain": "only"}).json()
    assert hinted["candidates"][0]["dropped"] == ["prompt_cache_key"]
    assert simulator.requests() == []


# --- failures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", ["messages", "responses"])
def test_a_whole_answer_to_who_asked_for_a_stream_becomes_one(stage, simulator, caller):
    provider = stage.scripted()
    config = translating_config(simulator.url)
    config["providers"]["chat"]["base_url"] = provider.url + "/v1"
    gateway = stage.gateway(config)
    message = {"role": "assistant", "content": "Hello there"}
    choice = {"index": 0, "message": message, "mood": "good", "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(post, gateway, caller, asking(caller, "chat", stream=True))
        call = provider.next_call()
        call.send_head("application/json")
        call.send_chunk(json.dumps({"id": "x", "model": "up", "choices": [choice], "usage": usage}))
        call.finish()
        answer = asked.result(timeout=20)
    assert answer.status == 200 and answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["x-sluice-dropped"] == "choices[0].mood"
    events = events_of(answer.body)
    assert streamed_text(caller, events) == "Hello there"
    assert events[-1][0] == ("message_stop" if caller == "messages" else "response.completed")
    assert gateway.record_of(answer)["usage"]["output"] == 2


@pytest.mark.parametrize("caller", ["chat", "responses"])
def test_a_call_without_arguments_is_an_empty_object_in_a_stream(gateway, caller):
    function = {"name": "now", "parameters": {"type": "object", "properties": {}}}
    tool = {"type": "function", **(function if caller == "responses" else {"function": function})}
    more = {"tools": [tool], "tool_choice": "required"}
    answer = post(gateway, caller, asking(caller, "messages", "What time is it?", stream=True, **more))
    assert answer.status == 200, answer.body
    events = [data for _, data in events_of(answer.body) if data != "[DONE]"]
    if caller == "chat":
        deltas = [choice["delta"] for data in events for choice in data["choices"]]
        calls = [call for delta in deltas for call in delta.get("tool_calls", [])]
        assert "".join(call["function"]["arguments"] for call in calls) == "{}"
    else:
        calls = [item for item in events[-1]["response"]["output"] if item["type"] == "function_call"]
        assert [call["arguments"] for call in calls] == ["{}"]


def test_tags_of_the_caller_are_no_reason_to_refuse(gateway, simulator):
    answer = post(gateway, "chat", asking("chat", "messages", metadata={"team": "support"}))
    assert answer.status == 200, answer.body
    assert answer.headers["x-sluice-dropped"] == "metadata"
    assert "metadata" not in sent_last(simulator)


def test_what_two_parts_of_the_gateway_leave_out_is_named_once(gateway):
    foreign = {"type": "redacted_thinking", "data": "sealed"}
    turns = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [{"type": "text", "text": "yes"}, foreign]},
        {"role": "user", "content": "go on"},
    ]
    answer = post(gateway, "messages", {"model": "deepseek-messages", "max_tokens": 50, "messages": turns})
    assert answer.status == 200, answer.body
    assert answer.headers["x-sluice-dropped"].split(", ").count("messages[1].content[1]") == 1


@across
def test_the_callers_own_mistake_comes_in_its_words(gateway, caller, provider):
    answer = post(gateway, caller, asking(caller, provider), {"x-sim-fault": "status=400"})
    assert answer.status == 400
    error = error_of(caller, answer)
    assert error["message"] and (caller != "messages" or error["type"] == "invalid_request_error")


@across
def test_an_overloaded_provider_is_told_with_its_status(gateway, caller, provider):
    answer = post(gateway, caller, asking(caller, provider), {"x-sim-fault": "status=503"})
    assert answer.status in (503, 529)
    assert error_of(caller, answer)["code"] == "upstream_error"


@across
def test_a_stream_that_breaks_ends_with_an_error_of_the_callers_dialect(gateway, caller, provider):
    headers = {"x-sim-fault": "truncate=4000; stall=8000"}
    answer = post(gateway, caller, asking(caller, provider, stream=True), headers)
    name, data = events_of(answer.body)[-1]
    assert answer.status == 200
    if caller == "messages":
        assert name == "error" and data["type"] == "error" and data["error"]["code"] == "upstream_error"
    elif caller == "responses":
        assert name in ("error", "response.failed")
    else:
        assert data["error"]["code"] == "upstream_error"
    assert b"[DONE]" not in answer.body and b"message_stop" not in answer.body
    assert gateway.record_of(answer)["error"] == "upstream_error"


@across
def test_an_error_event_of_the_provider_becomes_one_of_the_callers(gateway, caller, provider):
    headers = {"x-sim-fault": "error_event=10; stall=4000"}
    answer = post(gateway, caller, asking(caller, provider, stream=True), headers)
    name, data = events_of(answer.body)[-1]
    if caller == "messages":
        assert name == "error" and data["error"]["message"]
    elif caller == "responses":
        assert name in ("error", "response.failed")
    else:
        assert data["error"]["message"]
    assert gateway.record_of(answer)["error"] == "upstream_error"


def test_a_failure_in_the_callers_own_dialect_is_mended_by_another_dialect(stage):
    rules = [{"path": "/v1/chat/completions", "fault": "status=503"}]
    gateway = stage.gateway(translating_config(stage.simulator(scenario={"rules": rules}).url))
    answer = post(gateway, "chat", asking("chat", "both"))
    assert answer.status == 200, answer.body
    assert answer.headers["x-sluice-model"] == f"messages/{MODELS['messages']}"
    assert answer.json()["object"] == "chat.completion"


@pytest.mark.parametrize("provider", ["chat", "responses", "messages"])
@pytest.mark.parametrize("pace", ["", "; stall=4000"])
def test_a_stream_that_breaks_before_its_first_word_is_asked_for_elsewhere(stage, provider, pace):
    """Whether the bytes come at once or one after another; behind a word it ends with an error."""
    empty = {"chat": 1, "responses": 2, "messages": 2}[provider]
    other = "messages" if provider == "chat" else "chat"
    ladder, fallback = (f"{name}/{MODELS[name]}" for name in (provider, other))
    models = {"m": {"ladder": [ladder], "fallback": [fallback]}}
    for events, answers in ((empty, fallback), (empty + 6, ladder)):
        rules = [{"model": MODELS[provider], "fault": f"error_event={events}{pace}"}]
        url = stage.simulator(scenario={"rules": rules}).url
        gateway = stage.gateway(translating_config(url, models=models))
        for caller in ROUTES:
            answer = post(gateway, caller, asking(caller, "m", stream=True))
            assert answer.status == 200, answer.body
            assert answer.headers["x-sluice-model"] == answers
            assert ("error" in gateway.record_of(answer)) == (answers == ladder)


@pytest.mark.parametrize("caller", ["messages", "responses"])
def test_strict_tools_go_where_deepseek_is_strict(gateway, simulator, caller):
    strict = [{**tool, "strict": True} for tool in tools_of(caller)]
    body = asking(caller, "deepseek", "What is the weather in Paris?", tools=strict)
    for stream in (False, True):
        answer = post(gateway, caller, {**body, "stream": stream})
        assert answer.status == 200, answer.body
        request = simulator.requests()[-1]
        assert request["target"] == "/beta/chat/completions"
        assert sent_last(simulator)["tools"][0]["function"]["strict"] is True
    other = {**strict[0], "name": "other", "strict": False}
    refused = post(gateway, caller, {**body, "tools": [*strict, other]})
    assert refused.status == 400 and "tools[0].strict" in refused.error["message"]
    assert post(gateway, caller, {**body, "tools": tools_of(caller)}).status == 200
    assert simulator.requests()[-1]["target"] == "/chat/completions"


@contextlib.contextmanager
def translated_stream(stage, simulator):
    """A Messages client whose stream a chat provider plays that the test speaks for; its head has come."""
    provider = stage.scripted()
    config = translating_config(simulator.url)
    config["providers"]["chat"]["base_url"] = provider.url + "/v1"
    gateway = stage.gateway(config)
    with gateway.connect() as connection:
        body = json.dumps(asking("messages", "chat", stream=True)).encode()
        connection.post(body, "/v1/messages", "connection: close\r\n")
        call = provider.next_call()
        call.send_head()
        yield gateway, connection, call


def test_a_chat_stream_without_a_reason_to_end_is_no_good_end(stage, simulator):
    with translated_stream(stage, simulator) as (_, connection, call):
        call.send_chunk(event("Hello"))
        connection.read_until(b'"text":"Hello"')
        call.send_chunk(DONE)
        call.finish()
        received = connection.read_to_end()
    assert b"event: error\n" in received and b"message_stop" not in received


def test_the_first_token_of_the_one_is_the_first_token_of_the_other(stage, simulator):
    with translated_stream(stage, simulator) as (_, connection, call):
        call.send_chunk(event("Hello"))
        connection.read_until(b'"text":"Hello"')  # while the provider is still silent
        call.send_chunk(event(" there"))
        connection.read_until(b'"text":" there"')
        call.send_chunk(event(finish="stop") + DONE)
        call.finish()
        connection.read_until(b"message_stop")


def test_what_a_stream_cannot_say_is_named_before_its_end_and_in_the_log(stage, simulator):
    with translated_stream(stage, simulator) as (gateway, connection, call):
        call.send_chunk(event("Hello").replace('"content"', '"mood": "good", "content"'))
        call.send_chunk(event(finish="stop") + DONE)
        call.finish()
        received = connection.read_until(b"message_stop")
        named = b": sluice dropped choices[0].message.mood\n\nevent: content_block_stop"
        assert named in received
        assert gateway.last_record()["dropped"] == ["choices[0].message.mood"]


def test_the_log_names_what_a_whole_answer_and_its_request_lost(stage, simulator):
    gateway = stage.gateway(translating_config(simulator.url, translation={"unsayable": "drop"}))
    answer = post(gateway, "chat", asking("chat", "messages", seed=5))
    assert answer.headers["x-sluice-dropped"] == "seed"
    assert gateway.record_of(answer)["dropped"] == ["seed"]


# --- headers ------------------------------------------------------------------------------------------------


def test_headers_of_one_api_do_not_reach_another(gateway, simulator):
    sent = {"openai-organization": "org-1", "openai-beta": "x", "x-stainless-lang": "python"}
    answer = post(gateway, "chat", asking("chat", "messages"), sent)
    assert answer.status == 200 and "x-request-id" in answer.headers
    headers = simulator.only_request()["headers"]
    assert headers["anthropic-version"] == "2023-06-01"
    assert not {"openai-organization", "openai-beta", "x-stainless-lang"} & set(headers)
    named = answer.headers["x-sluice-dropped"].split(", ")
    assert sorted(named) == ["openai-beta", "openai-organization"]


def test_a_messages_caller_finds_the_request_id_where_it_looks(gateway, simulator):
    sent = {"anthropic-beta": "x-2025-01-01"}
    answer = post(gateway, "messages", asking("messages", "chat"), sent)
    assert answer.status == 200 and "request-id" in answer.headers
    headers = simulator.only_request()["headers"]
    assert "anthropic-version" not in headers and "anthropic-beta" not in headers
    assert "anthropic-beta" in answer.headers["x-sluice-dropped"].split(", ")


def test_an_account_of_openai_is_named_to_either_of_its_apis(gateway, simulator):
    sent = {"openai-organization": "org-1", "openai-project": "proj_1"}
    answer = post(gateway, "chat", asking("chat", "responses"), sent)
    assert answer.status == 200 and "x-sluice-dropped" not in answer.headers
    headers = simulator.only_request()["headers"]
    assert {name: headers[name] for name in sent} == sent


def test_the_simulator_is_asked_as_its_official_client_would(gateway, simulator):
    """What is sent is accepted by a strict provider also when it is asked directly."""
    answer = post(gateway, "chat", asking("chat", "messages", stop=["END"], user="u-1"))
    assert answer.status == 200, answer.body
    sent = sent_last(simulator)
    assert sent["stop_sequences"] == ["END"] and sent["metadata"] == {"user_id": "u-1"}
    direct = programs.ask(
        simulator.address,
        "POST",
        "/v1/messages",
        json.dumps(sent).encode(),
        {"x-api-key": "any", "anthropic-version": "2023-06-01", "content-type": "application/json"},
    )
    assert direct.status == 200
