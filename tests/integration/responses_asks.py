"""What tests ask by Responses with the official OpenAI client, of the simulator and through the gateway."""

import json
import re

from openai import OpenAI

from programs import fault_of

MODEL = "gpt-4o"
THINKER = "gpt-5"
TIDES = "Explain the tides"
QUESTION = "What is the weather in Paris?"
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SEALED = {"include": ["reasoning.encrypted_content"], "store": False}


def client_of(program, **more):
    more = {"api_key": "any", "max_retries": 0, "timeout": 20, **more}
    return OpenAI(base_url=program.url + "/v1", **more)


def create(client, input="Hello!", fault=None, **more):
    more = {"model": MODEL, "extra_headers": fault_of(fault), **more}
    return client.responses.create(input=input, **more)


def stream_of(client, input=TIDES, fault=None, **more):
    more = {"model": MODEL, "extra_headers": fault_of(fault), **more}
    return client.responses.stream(input=input, **more)


def call_of(response):
    (call,) = [item for item in response.output if item.type == "function_call"]
    return call


def output_of(call, output):
    return {"type": "function_call_output", "call_id": call.call_id, "output": output}


def user(text):
    return {"role": "user", "content": text}


def given_back(response):
    """Its items as input of the next turn."""
    return [item.to_dict() for item in response.output]


def timeless(said):
    """Bytes or an answer without the times in it: the second may have changed between two askings."""
    text = said if isinstance(said, bytes) else json.dumps(said.to_dict()).encode()
    return re.sub(rb'("(?:created|completed)_at": ?)[0-9.]+', rb"\1", text)


def events_of(body):
    """The events of a stream as they came, each with the name that stands before it."""
    events = []
    for frame in body.decode().split("\n\n"):
        if not frame.startswith("event: "):
            continue
        name, data = frame.removeprefix("event: ").split("\ndata: ", 1)
        event = json.loads(data)
        assert event["type"] == name
        events.append(event)
    return events
