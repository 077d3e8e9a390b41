"""What tests ask with the official Anthropic client, of the simulator and through the gateway."""

from anthropic import Anthropic

from programs import fault_of

MODEL = "claude-sonnet-5"
HELLO = [{"role": "user", "content": "Hello!"}]
TIDES = [{"role": "user", "content": "Explain the tides"}]
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
THINKING = {"type": "enabled", "budget_tokens": 1024}
LONG_TEXT = "The harbour keeps a careful book of every ship that comes and goes. " * 120


def client_of(program, path="", key="any"):
    return Anthropic(base_url=program.url + path, api_key=key, max_retries=0, timeout=20)


def create(client, messages=HELLO, fault=None, **more):
    more = {"model": MODEL, "max_tokens": 4000, "extra_headers": fault_of(fault), **more}
    return client.messages.create(messages=messages, **more)


def stream_of(client, messages=TIDES, fault=None, **more):
    more = {"model": MODEL, "max_tokens": 4000, "extra_headers": fault_of(fault), **more}
    return client.messages.stream(messages=messages, **more)


def total_input(usage):
    return usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens


def use_of(answer):
    (use,) = [block for block in answer.content if block.type == "tool_use"]
    return use


def result_of(use, content, **more):
    result = {"type": "tool_result", "tool_use_id": use.id, "content": content, **more}
    return {"role": "user", "content": [result]}


def cached(text=LONG_TEXT, **more):
    return [{"type": "text", "text": text, "cache_control": {"type": "ephemeral", **more}}]
