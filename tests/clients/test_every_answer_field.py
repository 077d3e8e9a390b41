"""Every field of an answer that the makers' own clients know, to a caller of another family: said or named.

A field is lost when the caller gets the same of an answer with it and of one without it, and is not told.
"""

import json
import re
import time

import pytest
from anthropic.types import Message
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from echo import PATHS, echoing
from sdk_fields import OPAQUE, cases

ASKED = {
    "chat": {"messages": [{"role": "user", "content": "hi"}]},
    "responses": {"input": "hi"},
    "messages": {"max_tokens": 900, "messages": [{"role": "user", "content": "hi"}]},
}
TYPES = {"chat": ChatCompletion, "responses": Response, "messages": Message}
ALWAYS = {
    "chat": {"id": "c", "object": "chat.completion", "created": 1, "model": "m"},
    "responses": {"id": "r", "object": "response", "created_at": 1, "model": "m", "status": "completed"},
    "messages": {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn"},
}

# What a response says again of its request, or its provider notes of itself.
SAID_AGAIN = """access_programs background completed_at conversation image instructions max_output_tokens
    max_tool_calls metadata parallel_tool_calls previous_response_id prompt prompt_cache_diagnostics
    prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier temperature text
    tool_choice tools top_logprobs top_p truncation user""".split()
# What is so whether it is said or not, what other members say, and what means nothing to other dialects:
# docs/translation.md has a word for each.
ANYWAY = re.compile(
    r"""^choices\[\]\.(index$|finish_reason=(tool_calls|function_call)$) | ^stop_reason=stop_sequence$
    | \.total_tokens$ | ^created(_at)?$ | ^service_tier=(auto|default)$ | \.speed=standard$
    | \.async=false$ | <direct>$ | (^|\.)(type|role|object|status)=\w+ | ^output\[\]<\w+>\.id$""",
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def hears(tmp_path_factory):
    """What a caller gets of an answer in another dialect: its status, the answer, names of what it lacks."""
    heard = {}
    with echoing(tmp_path_factory.mktemp("echo"), dict.fromkeys(ASKED, "m")) as echo:

        def hear(provider, answer, caller):
            key = (provider, json.dumps(answer), caller)
            if key not in heard:
                echo.answers = {provider: answer}
                got = echo.ask(PATHS[caller], json.dumps({**ASKED[caller], "model": provider}).encode())
                # Ids of ours are made of the request's, times of ours are now.
                said = got.body.decode().replace(got.request_id, "ours")
                said = re.sub(rf"\b{str(int(time.time()))[:6]}\d{{4}}\b", "now", said)
                heard[key] = (got.status, said, got.dropped)
            return heard[key]

        yield hear


def sensible(value):
    """What no field is alone: arguments that are an object's, the sums of what is summed up."""
    if isinstance(value, list):
        return [sensible(one) for one in value]
    if not isinstance(value, dict):
        return value
    value = {key: sensible(one) for key, one in value.items()}
    if value.get("arguments") == OPAQUE:
        value["arguments"] = "{}"
    if str(value.get("type")).endswith("_call_output"):
        value.setdefault("call_id", OPAQUE)
    if value.get("type") == "input_image" and not {"image_url", "file_id"} & set(value):
        value["image_url"] = "https://a.example/"
    if value.get("type") == "input_file" and not {"file_data", "file_url", "file_id"} & set(value):
        value["file_id"] = OPAQUE
    for count in {"input_tokens", "prompt_tokens"} & set(value):
        value[count] *= 100
    return value


def whole(provider, fields):
    """An answer with these fields, and with what it needs for them to make sense."""
    answer = {**ALWAYS[provider], **sensible(fields)}
    if provider == "responses":
        answer["created_at"] = {0.5: 5, 0.25: 6}.get(answer["created_at"], 1)  # in seconds, as it comes
        answer["status"] = "failed" if "error" in fields else "completed"
        if "incomplete_details" in fields:
            answer["status"] = "incomplete"
    return answer


def place(name):
    """A name without the numbers, kinds and values in it."""
    return re.sub(r"<[^>]*>|=.*|\[\d*\]", "", name)


@pytest.mark.parametrize("provider", TYPES)
def test_every_field_of_an_answer_is_said_or_named(hears, provider):
    lost, seen = [], 0
    for name, value, plain in cases(TYPES[provider]):
        with_field, without_field = whole(provider, value), whole(provider, plain or {})
        again = provider == "responses" and place(name).partition(".")[0] in SAID_AGAIN
        if again or with_field == without_field or ANYWAY.search(name):
            continue
        for caller in ASKED:
            if caller == provider:
                continue
            status, with_it, dropped = hears(provider, with_field, caller)
            _, without, dropped_without = hears(provider, without_field, caller)
            named = any((place(name) + ".").startswith(place(one) + ".") for one in dropped)
            seen += 1
            if status >= 429 and name.startswith("error."):
                continue  # a failure, and no answer: somebody else is asked
            if with_it == without and dropped == dropped_without and not named:
                lost.append(f"{name} to {caller}: {status}")
    assert not lost, "\n".join(lost)
    assert seen > 100
