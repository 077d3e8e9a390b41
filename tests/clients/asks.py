"""What every client asks, and what the simulator must have seen of it."""

import asyncio
import json
from pathlib import Path

import pytest
from programs import eventually
from pydantic import BaseModel

# The same for the clients of all languages.
ALL = json.loads((Path(__file__).parent / "asks.json").read_text())

HELLO = ALL["hello"]
SYSTEM = ALL["system"]
WEATHER_QUESTION = ALL["weather"]
TWO_TOOLS_QUESTION = ALL["two_tools"]
CITY_QUESTION = ALL["city"]
IMAGE_QUESTION = ALL["image"]
TOOLS = ALL["tools"]
TOOL_SCHEMA = ALL["tool_schema"]
RESULTS = ALL["results"]
PIXEL = ALL["pixel"]  # a PNG
BRIEF = ALL["brief_ms"] / 1000  # seconds: a time-out; long enough for a request to reach the provider
SLOW_ANSWER = ALL["faults"]["slow_answer"]
SLOW_STREAM = ALL["faults"]["slow_stream"]
BROKEN_STREAM = ALL["faults"]["broken_stream"]


class City(BaseModel):
    city: str
    people: int


def fault(what):
    """The header by which one request asks the simulator to misbehave."""
    return {"x-sim-fault": what}


def tries(simulator):
    """How often the client tried: the gateway repeats nothing while an alias has one candidate."""
    return len(simulator.requests())


def hung_up(simulator):
    """Waits until the provider's call has ended, as it must when the client takes its answer no more."""
    eventually(lambda: any(one["hung_up"] for one in simulator.requests()), what="the end of the call")


async def cancelled(call, simulator):
    """Starts the call, and cancels it when the provider has it."""
    task = asyncio.create_task(call)
    await asyncio.to_thread(eventually, simulator.requests, what="a request")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def last_body(simulator):
    """What the provider was sent last."""
    return simulator.body(simulator.requests()[-1]["number"]).decode()
