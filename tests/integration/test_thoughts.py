"""Conversations that move between providers: each gets back what it thought itself, and nobody another's."""

import json
import random

import pytest

import programs
from conftest import config_for

ROUTES = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
PROVIDERS = {
    "claude": ("claude-sonnet-5", {"dialect": "anthropic"}),
    "deepseek": ("deepseek-v4-pro", {"dialect": "deepseek", "endpoints": ["messages"]}),
    "deepseek-chat": ("deepseek-v4-pro", {"dialect": "deepseek", "endpoints": ["chat"]}),
    "openai": ("gpt-5-mini", {"dialect": "openai", "endpoints": ["responses"]}),
    "box": ("gpt-5-mini", {"dialect": "openai", "endpoints": ["responses"], "flavour": "compatible"}),
    "copy": ("claude-sonnet-5", {"dialect": "anthropic", "flavour": "compatible"}),
}


@pytest.fixture
def gateway(stage):
    """Each of them is a simulator of its own, which seals its thoughts in its own way and refuses others'."""
    providers, models, simulators = {}, {}, {}
    for seed, (name, (model, settings)) in enumerate(PROVIDERS.items()):
        simulators[name] = stage.simulator("--seed", str(100 + seed))
        base = simulators[name].url + ("/v1" if settings["dialect"] == "openai" else "")
        flavour = {"flavour": "openai"} if settings["dialect"] == "openai" else {}
        providers[name] = {**flavour, **settings, "base_url": base, "key": f"sk-{name}"}
        models[name] = {"ladder": [f"{name}/{model}"]}
    config = {**config_for(""), "providers": providers, "models": models}
    config["translation"] = {"unsayable": "drop"}
    gateway = stage.gateway(config)
    gateway.simulators = simulators
    return gateway


def asking(caller, streamed):
    if caller == "responses":
        thinking = {"reasoning": {"effort": "low", "summary": "auto"}, "store": False}
        return {"input": [], "stream": streamed, "include": ["reasoning.encrypted_content"], **thinking}
    if caller == "messages":
        thinking = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
        return {"messages": [], "stream": streamed, "max_tokens": 4000, **thinking}
    return {"messages": [], "stream": streamed, "reasoning_effort": "low"}


def payloads(body):
    lines = [line for line in body.decode().split("\n") if line.startswith("data: {")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def message_of(events):
    """What a client of Messages makes of a stream."""
    blocks = []
    for event in events:
        if event["type"] == "content_block_start":
            blocks.append(event["content_block"])
        elif event["type"] == "content_block_delta":
            delta = event["delta"]
            name = delta["type"].removesuffix("_delta")
            blocks[-1][name] = delta[name] if name == "signature" else blocks[-1][name] + delta[name]
    return {"role": "assistant", "content": blocks}


def chat_message_of(events):
    message = {"role": "assistant", "content": "", "reasoning_content": "", "thinking_blocks": []}
    for event in events:
        delta = event["choices"][0]["delta"] if event["choices"] else {}
        message["content"] += delta.get("content") or ""
        message["reasoning_content"] += delta.get("reasoning_content") or ""
        message["thinking_blocks"] += delta.get("thinking_blocks") or []
    return message


def turns_of(caller, answer, streamed):
    """What the caller gives back of an answer in its next request."""
    if caller == "messages":
        if streamed:
            return [message_of(payloads(answer.body))]
        return [{"role": "assistant", "content": answer.json()["content"]}]
    if caller == "responses":
        body = payloads(answer.body)[-1]["response"] if streamed else answer.json()
        return body["output"]
    return [chat_message_of(payloads(answer.body))] if streamed else [answer.json()["choices"][0]["message"]]


def seals_in(value):
    """All seals of thoughts in a body."""
    if isinstance(value, list):
        return [seal for one in value for seal in seals_in(one)]
    if not isinstance(value, dict):
        return []
    own = [value[name] for name in ("signature", "encrypted_content") if value.get(name)]
    return own + [seal for one in value.values() for seal in seals_in(one)]


def sent_to(gateway, name):
    simulator = gateway.simulators[name]
    return json.loads(simulator.body(simulator.requests()[-1]["number"]))


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("caller", ROUTES)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_conversation_that_moves_about_is_never_refused(gateway, caller, streamed, seed):
    dice = random.Random(seed)
    body = asking(caller, streamed)
    turns = body["input" if caller == "responses" else "messages"]
    names = list(PROVIDERS)
    version = {"anthropic-version": "2023-06-01"} if caller == "messages" else {}
    thought = {name: [] for name in names}  # the seals that each one has made, as the caller holds them
    for turn in range(14):
        name = names[turn] if turn < len(names) else dice.choice(names)
        turns.append({"role": "user", "content": f"What is {turn} and {dice.randrange(1000)}?"})
        answer = gateway.ask("POST", ROUTES[caller], {**body, "model": name}, version)
        assert answer.status == 200, (name, answer.body)
        sent = seals_in(sent_to(gateway, name))
        assert not [seal for seal in sent if seal.startswith("sluice.")], (name, sent)
        own = [seal for seal in sent if any(held.endswith(seal) for held in thought[name])]
        assert len(own) == len(thought[name]), (name, sent, thought[name])
        given = turns_of(caller, answer, streamed)
        thought[name] += [seal for seal in seals_in(given) if not seal.endswith(".")]
        turns += given
    assert thought["claude"] and thought["deepseek"] and thought["openai"]
    if caller == "responses":  # who is asked by a translation thinks in the open
        assert thought["box"]


def test_a_thought_of_deepseeks_copy_is_marked_and_its_other_bytes_are_its_own(gateway):
    body = {**asking("messages", False), "messages": [{"role": "user", "content": "Hello!"}]}
    version = {"anthropic-version": "2023-06-01"}
    ours = gateway.ask("POST", ROUTES["messages"], {**body, "model": "deepseek"}, version)
    there = gateway.simulators["deepseek"]
    asked = json.dumps({**body, "model": "deepseek-v4-pro"})
    theirs = programs.ask(
        there.address, "POST", "/anthropic/v1/messages", asked, {**version, "x-api-key": "sk-any"}
    )
    expected = theirs.json()["content"]
    expected[0]["signature"] = "sluice.of.deepseek.." + expected[0]["signature"]
    assert ours.json()["content"] == expected
    assert b"sluice.of.deepseek.." in ours.body
    assert len(ours.body) == len(theirs.body) + len("sluice.of.deepseek..")
