"""A model that follows a script, in either dialect, whole or streamed: for coding agents."""

import json
import queue
import threading
from typing import NamedTuple

from scripted import DONE, ScriptedProvider

USAGE = {"input": 100, "output": 20}


class Step(NamedTuple):
    """One answer: a sentence, and the call of a tool unless it is the last."""

    text: str
    tool: str = ""
    arguments: dict = {}
    call_id: str = ""


def step_of(asked, steps):
    """The step that is due: as many were taken as results of tools are in the request. A request that could
    call no tool of the script, as an agent makes beside its work, gets none."""
    offered = {tool.get("name") or tool["function"]["name"] for tool in asked.get("tools") or []}
    if not offered & {step.tool for step in steps}:
        return None
    messages = json.dumps(asked["messages"])
    due = messages.count('"role": "tool"') + messages.count('"type": "tool_result"')
    return steps[due]._replace(call_id=f"call_{due}")


def chat_answer(asked, step):
    call = {"name": step.tool, "arguments": json.dumps(step.arguments)}
    calls = [{"id": step.call_id, "type": "function", "function": call}] if step.tool else None
    finish = "tool_calls" if step.tool else "stop"
    usage = {"prompt_tokens": USAGE["input"], "completion_tokens": USAGE["output"], "total_tokens": 120}
    head = {"id": "chatcmpl-1", "created": 1, "model": asked["model"]}
    said = {"role": "assistant", "content": step.text} | ({"tool_calls": calls} if calls else {})
    if not asked.get("stream"):
        choice = {"index": 0, "message": said, "finish_reason": finish}
        return json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
    if calls:
        calls[0]["index"] = 0
    head["object"] = "chat.completion.chunk"
    first = {**head, "choices": [{"index": 0, "delta": said, "finish_reason": None}]}
    last = {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    counted = {**head, "choices": [], "usage": usage}
    return "".join(f"data: {json.dumps(event)}\n\n" for event in (first, last, counted)) + DONE


def messages_answer(asked, step):
    blocks = [{"type": "text", "text": step.text}]
    if step.tool:
        blocks.append({"type": "tool_use", "id": step.call_id, "name": step.tool, "input": step.arguments})
    stop = {"stop_reason": "tool_use" if step.tool else "end_turn", "stop_sequence": None}
    usage = {"input_tokens": USAGE["input"], "output_tokens": USAGE["output"]}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"], "usage": usage}
    if not asked.get("stream"):
        return json.dumps({**head, "content": blocks, **stop})
    events = [{"type": "message_start", "message": {**head, "content": [], "stop_reason": None}}]
    for index, block in enumerate(blocks):
        events += block_events(index, block)
    events += [{"type": "message_delta", "delta": stop, "usage": usage}, {"type": "message_stop"}]
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)


def block_events(index, block):
    at = {"index": index}
    if block["type"] == "text":
        empty, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}
    else:
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        empty = {**block, "input": {}}
    return [
        {"type": "content_block_start", **at, "content_block": empty},
        {"type": "content_block_delta", **at, "delta": delta},
        {"type": "content_block_stop", **at},
    ]


ANSWERS = {"/chat/completions": chat_answer, "/v1/messages": messages_answer}


class ScriptedModel:
    """Answers every request of a provider until it is closed; `asked` are those that its steps answered."""

    def __init__(self, steps):
        self.steps = steps
        self.asked = []
        self._provider = ScriptedProvider()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def url(self):
        return self._provider.url

    def close(self):
        self._closed.set()
        self._thread.join()
        self._provider.close()

    def _run(self):
        while not self._closed.is_set():
            try:
                self._answer(self._provider.next_call(timeout=0.05))
            except queue.Empty:
                continue

    def _answer(self, call):
        target = call.head.split(" ")[1].partition("?")[0]
        answer = ANSWERS.get(target)
        if answer is None:  # such as count_tokens
            call.send_head("application/json", "404 Not Found")
            error = {"type": "not_found_error", "message": "not in the script"}
            call.send_chunk(json.dumps({"type": "error", "error": error}))
            return call.finish()
        asked = json.loads(call.body)
        step = step_of(asked, self.steps)
        if step:
            self.asked.append(asked)
        call.send_head("text/event-stream" if asked.get("stream") else "application/json")
        call.send_chunk(answer(asked, step or Step("Yes.")))
        return call.finish()
