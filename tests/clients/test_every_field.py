"""Every field that the makers' own clients know, to a provider of another family: said there, or named.

A field is lost when a request with it and one without it are the same to the provider, and the caller is not
told. What has the value that it has anyway may be left out.
"""

import json
import re

import pytest
from anthropic.types import message_create_params
from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params

from echo import echoing
from sdk_fields import OPAQUE, cases

HELLO = {"role": "user", "content": "hi"}
ANSWERS = {
    "chat": {
        "id": "c",
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}],
    },
    "responses": {"id": "r", "model": "m", "status": "completed", "output": []},
    "messages": {"id": "m", "model": "m", "content": [], "stop_reason": "end_turn"},
}
MODELS = {"chat": "gpt-5-mini", "responses": "gpt-5-mini", "messages": "claude-sonnet-5"}

# Said or not, it is so; which item or request it is, and how far it got, means nothing to a model.
ANYWAY = re.compile(
    r"""^model | ^stream=False | ^service_tier=auto | ^speed=standard | ^(text\.)?verbosity=medium
    | ^modalities\[\]=text | ^truncation=disabled | ^reasoning\.(context=auto|mode=standard)
    | ^include\[\]=reasoning\.encrypted_content | ^prompt_cache_options\.(mode=implicit|ttl=30m)
    | ^stream_options\.include_ | ^parallel_tool_calls=true | ^response_format<text>$ | \.format<text>$
    | \.display=summarized | \.detail=auto | <direct>$ | =direct$ | \.strict=true$
    | \.type=(text|custom|message)$ | content\[\]<(text|input_text)>$ | output\[\]<input_text>$
    | (\.|^)(enabled|is_error|strict|async|defer_loading|eager_input_streaming)=false$
    | (\.|^)(logprobs|store|background)=false$
    | input\[\]<\w+>\.(id|status(=\w+)?)$""",
    re.VERBOSE,
)
# Two of these are one to the other API: budgets of the same effort, what stands for an id in both places, and
# system and developer before the conversation.
ALIKE = ("thinking<enabled>.budget_tokens", "input[]<function_call_output>.call_id", "messages[]<system>")


@pytest.fixture(scope="module")
def asks(tmp_path_factory):
    """Asks in a dialect for a model of a provider of another: what the caller and the provider hear of it."""
    heard = {}
    unsayable = {"unsayable": "drop"}  # so that one refusal hides no other loss
    with echoing(tmp_path_factory.mktemp("echo"), MODELS, translation=unsayable) as echo:
        echo.answers = ANSWERS

        def ask(path, body, provider):
            text = json.dumps({**body, "model": provider})
            if (path, text) not in heard:
                answer = echo.ask(path, text.encode())
                heard[path, text] = (answer.status, echo.asked, answer.dropped, answer.body)
            return heard[path, text]

        yield ask


def sensible(value):
    """What no field is alone: a URL that is one, base64 that is some, one of what there has to be."""
    if isinstance(value, list):
        return [sensible(one) for one in value]
    if not isinstance(value, dict):
        return value
    value = {key: sensible(one) for key, one in value.items()}
    for key in ("url", "image_url"):
        if isinstance(value.get(key), str):
            value[key] = "https://a.example/" + value[key]
    if value.get("type") == "base64":
        value["data"] = "aGVsbG8=" if value["data"] == OPAQUE else "aGVsbG9v"
    if value.get("type") == "input_image" and not {"image_url", "file_id"} & set(value):
        value["image_url"] = "https://a.example/"
    holder = value if value.get("type") == "input_file" else value.get("file")
    if isinstance(holder, dict) and not {"file_data", "file_url", "file_id"} & set(holder):
        holder["file_data"] = "data:application/pdf;base64,aGVsbG8="
    if str(value.get("type")).endswith("_call_output"):
        value.setdefault("call_id", OPAQUE)
    if value.get("arguments") == OPAQUE:
        value["arguments"] = "{}"
    return value


def chat_turns(turn):
    """A conversation in which the turn makes sense."""

    def calls(*ids):
        function = {"name": "f", "arguments": "{}"}
        return [{"id": one, "type": "function", "function": function} for one in ids]

    role = turn.get("role")
    if role == "tool":
        return [HELLO, {"role": "assistant", "tool_calls": calls(turn["tool_call_id"])}, turn]
    if role == "function":
        call = {"name": turn["name"], "arguments": "{}"}
        return [HELLO, {"role": "assistant", "content": None, "function_call": call}, turn]
    if role != "assistant":
        system = role in ("system", "developer")
        return [turn, HELLO] if system else [turn, HELLO | {"role": "assistant"}, HELLO]
    if turn.get("tool_calls"):
        results = [{"role": "tool", "tool_call_id": one["id"], "content": "r"} for one in turn["tool_calls"]]
        return [HELLO, turn, *results]
    if turn.get("function_call"):
        return [HELLO, turn, {"role": "function", "name": turn["function_call"]["name"], "content": "r"}]
    return [HELLO, {"content": "yes", **turn}, HELLO]


def messages_turns(turn):
    blocks = turn.get("content")
    block = blocks[0] if isinstance(blocks, list) and isinstance(blocks[0], dict) else {}
    kind = str(block.get("type"))
    if kind == "tool_result":
        use = {"type": "tool_use", "id": block["tool_use_id"], "name": "f", "input": {}}
        return [HELLO, {"role": "assistant", "content": [use]}, turn | {"role": "user"}]
    if kind == "tool_use":
        result = {"type": "tool_result", "tool_use_id": block["id"], "content": "r"}
        return [HELLO, turn | {"role": "assistant"}, {"role": "user", "content": [result]}]
    if "thinking" in kind or kind.startswith("server_") or kind.endswith("_tool_result"):
        return [HELLO, turn | {"role": "assistant"}, HELLO]
    if turn.get("role") != "user":
        return [HELLO, turn, HELLO]
    return [turn, HELLO | {"role": "assistant"}, HELLO]


def responses_items(item):
    kind, role = item.get("type"), item.get("role")
    call = {"call_id": item.get("call_id"), "name": "f"}
    if kind == "function_call_output":
        return [HELLO, {"type": "function_call", "arguments": "{}", **call}, item]
    if kind == "custom_tool_call_output":
        return [HELLO, {"type": "custom_tool_call", "input": "x", **call}, item]
    if kind in ("function_call", "custom_tool_call"):
        return [HELLO, item, {"type": kind + "_output", "call_id": item["call_id"], "output": "r"}]
    return [item, HELLO] if role in ("system", "developer") else [HELLO, item, HELLO]


class Dialect:
    def __init__(self, path, hint, turns, conversation, others, **always):
        self.path, self.hint, self.others, self.always = path, hint, others, always
        self._turns, self._conversation = turns, conversation

    def body(self, fields):
        body = {**self.always, **sensible(fields)}
        said = body.get(self._turns)
        if isinstance(said, list) and said and isinstance(said[0], dict) and said != [HELLO]:
            body[self._turns] = self._conversation(said[0])
        elif not isinstance(said, str):
            body[self._turns] = [HELLO]
        return body


DIALECTS = {
    "chat": Dialect(
        "/v1/chat/completions",
        completion_create_params.CompletionCreateParamsNonStreaming,
        "messages",
        chat_turns,
        ["responses", "messages"],
    ),
    "responses": Dialect(
        "/v1/responses",
        response_create_params.ResponseCreateParamsNonStreaming,
        "input",
        responses_items,
        ["chat", "messages"],
    ),
    "messages": Dialect(
        "/v1/messages",
        message_create_params.MessageCreateParamsNonStreaming,
        "messages",
        messages_turns,
        ["chat", "responses"],
        max_tokens=900,
    ),
}


def place(name):
    """A name without the numbers, kinds and values in it."""
    return re.sub(r"<[^>]*>|=.*|\[\d*\]", "", name)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_field_is_said_or_named(asks, dialect):
    speaks = DIALECTS[dialect]
    lost, seen = [], 0
    for name, value, plain in cases(speaks.hint):
        with_field, without_field = speaks.body(value), speaks.body(plain or {})
        if with_field == without_field or ANYWAY.search(name) or name in ALIKE:
            continue
        for provider in speaks.others:
            status, with_it, dropped, said = asks(speaks.path, with_field, provider)
            if status != 200:  # refused, by its name
                first = place(name).partition(".")[0]
                assert status == 400 and first.encode() in said, (name, provider, said)
                continue
            _, without, dropped_without, _ = asks(speaks.path, without_field, provider)
            named = any((place(name) + ".").startswith(place(one) + ".") for one in dropped)
            seen += 1
            if with_it == without and dropped == dropped_without and not named:
                lost.append(f"{name} to {provider}")
    assert not lost, "\n".join(lost)
    assert seen > 100
