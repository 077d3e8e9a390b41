"""The two programs beside each other: what `sluice bill` says was spent is what sluice-sim says is owed."""

import json
import threading
from decimal import Decimal

import pytest

from conftest import config_for

LONG = "Paragraph {} of the handbook says how a boat is brought in before the tide turns. "
CALLERS = 4
ROUNDS = 12


@pytest.fixture
def simulator(stage):
    scenario = {
        "keys": [{"key": "sk-usd"}, {"key": "sk-cny", "currency": "CNY"}],
        "rules": [
            {"model": "gpt-5-mini", "every": 7, "fault": "status=503"},
            {"model": "deepseek-flash", "path": "/chat/completions", "every": 11, "fault": "insufficient=2"},
            {"model": "claude-haiku-4-5", "every": 9, "fault": "status=529"},
        ],
    }
    return stage.simulator(scenario=scenario)


@pytest.fixture
def gateway(stage, simulator):
    def provider(dialect, key="sk-usd", path="", **more):
        return {"dialect": dialect, "base_url": simulator.url + path, "key": key, "prices": dialect, **more}

    config = config_for(
        simulator.url,
        providers={
            "openai": provider("openai", path="/v1", endpoints=["chat"]),
            "anthropic": provider("anthropic"),
            "deepseek": provider("deepseek", endpoints=["chat", "messages"]),
            "zhongguo": provider("deepseek", "sk-cny", currency="CNY", endpoints=["chat", "messages"]),
        },
        models={
            "small": beginning_with("openai/gpt-5-mini", "openai/gpt-4o"),
            "flash": beginning_with("deepseek/deepseek-flash", "deepseek/deepseek-v4-pro"),
            "kuai": beginning_with("zhongguo/deepseek-flash", "zhongguo/deepseek-v4-pro"),
            "writer": beginning_with("anthropic/claude-haiku-4-5", "anthropic/claude-sonnet-5"),
            "nobodys": {"ladder": ["openai/nobody-knows"]},
        },
    )
    return stage.gateway(config)


def beginning_with(first, *others):
    """A ladder whose first rung is asked first, so that a failure of it moves on to the next."""
    return {"ladder": [first, *others], "default": first}


def ask_round(gateway, caller, number):
    text = LONG.format(number % 3) * (90 if number % 2 else 1) + f"And now, {caller}.{number}?"
    stream = number % 3 == 0
    for model in ("small", "flash", "kuai", "writer", "nobodys"):
        body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}
        answer = gateway.ask("POST", "/v1/chat/completions", json.dumps(body).encode())
        assert answer.status == 200, (model, answer)
    body = {
        "model": "writer" if number % 2 else "flash",
        "max_tokens": 200,
        "stream": stream,
        "system": [{"type": "text", "text": LONG.format(7) * 90, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": text}],
    }
    answer = gateway.ask("POST", "/v1/messages", json.dumps(body).encode())
    assert answer.status == 200, answer


def test_both_say_the_same_to_the_last_digit(stage, simulator, gateway):
    failures = []

    def call(caller):
        try:
            for number in range(ROUNDS):
                ask_round(gateway, caller, number)
        except AssertionError as error:
            failures.append(error)

    callers = [threading.Thread(target=call, args=(caller,)) for caller in range(CALLERS)]
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join()
    assert not failures

    done = stage.run("bill", "--format", "json", "--data", gateway.config["data"])
    assert done.returncode == 0, done.stderr
    bill = json.loads(done.stdout)
    spent = {}
    for total in bill["total"]:
        if total["cost"] is not None:
            figure, currency = total["cost"].split(" ")
            spent[currency] = Decimal(figure)
    owed = simulator.bill()
    assert spent == {one["currency"]: Decimal(one["cost"]) for one in owed["billed"]["total"]}
    assert set(spent) == {"USD", "CNY"} and all(cost > 0 for cost in spent.values())
    assert owed["untold"]["lines"] == [] and owed["aborted"]["lines"] == []
    assert bill["unknown_price_requests"] == sum(line["requests"] for line in owed["unpriced"])
    assert sum(total["requests"] for total in bill["total"]) == CALLERS * ROUNDS * 6
