"""x-sluice-max-cost: a request that may cost so much and no more."""

import json
from decimal import Decimal

import pytest

from conftest import config_for

# Of gpt-4o-mini: 0.15 USD for a million tokens read, 0.60 for a million answered.
READ = Decimal("0.00000015")
SAID = Decimal("0.0000006")
MESSAGES = {"model": "three/claude-haiku-4-5", "messages": [{"role": "user", "content": "Hello!"}]}


@pytest.fixture
def priced(stage, simulator):
    """A gateway over the simulator, which bills and is priced as OpenAI and DeepSeek."""
    config = config_for(simulator.url)
    config["providers"]["one"] |= {
        "flavour": "openai",
        "prices": "openai",
        "endpoints": ["chat", "responses"],
    }
    config["providers"]["two"]["prices"] = "deepseek"
    return stage.gateway(config)


def limited(amount, **more):
    return {"x-sluice-max-cost": amount, **more}


def sent(simulator):
    (request,) = simulator.requests()
    return json.loads(simulator.body(request["number"]))


def cost_of(gateway, answer):
    row = gateway.ask("GET", "/sluice/v1/requests/" + answer.headers["x-sluice-request-id"]).json()
    amount, currency = row["cost"].split()
    assert currency == "USD"
    return Decimal(amount)


def test_without_it_not_a_byte_changes(priced, simulator):
    body = b'{ "messages":[{"role":"user","content":"Hello!"}], "model":"one/gpt-4o-mini" }'
    assert priced.ask("POST", "/v1/chat/completions", body).status == 200
    (request,) = simulator.requests()
    assert simulator.body(request["number"]) == body.replace(b"one/", b"")


def test_what_fits_is_asked_with_a_limit_that_makes_sure_of_it(priced, simulator):
    answer = priced.chat(limited("0.01 USD"))
    assert answer.status == 200
    assert "x-sluice-max-tokens" not in answer.headers
    assert sent(simulator)["max_completion_tokens"] == 16_384
    assert cost_of(priced, answer) <= Decimal("0.01")


def test_a_limit_that_costs_too_much_is_lowered_and_said(priced, simulator):
    answer = priced.chat(limited("0.001 USD"), max_tokens=16_000)
    assert answer.status == 200
    lowered = int(answer.headers["x-sluice-max-tokens"])
    assert sent(simulator)["max_tokens"] == lowered
    size = len(json.dumps(sent(simulator)))
    assert 1000 < lowered < 1667, "a token costs 0.0000006 USD"
    assert lowered * SAID + size * READ <= Decimal("0.001")
    assert cost_of(priced, answer) <= Decimal("0.001")


@pytest.mark.parametrize("stream", [False, True])
def test_what_does_not_fit_is_refused_and_nobody_is_asked(priced, simulator, stream):
    answer = priced.chat(limited("0.00001 USD"), stream=stream)
    assert answer.status == 429
    assert answer.headers["x-should-retry"] == "false"
    assert "retry-after" not in answer.headers
    assert answer.error["code"] == "budget_exceeded"
    assert "x-sluice-max-cost" in answer.error["message"]
    assert "one/gpt-4o-mini: it may cost " in answer.error["message"]
    assert simulator.requests() == []
    assert priced.record_of(answer)["error"] == "budget_exceeded"


def test_a_cheaper_candidate_answers_where_the_first_may_cost_too_much(stage, simulator):
    config = config_for(
        simulator.url, models={"m": {"ladder": ["one/gpt-4o-mini", "one/gpt-4o"], "default": "one/gpt-4o"}}
    )
    config["providers"]["one"]["prices"] = "openai"
    gateway = stage.gateway(config)
    answer = gateway.chat(limited("0.0008 USD"), max_tokens=1000)
    assert answer.status == 200
    assert answer.headers["x-sluice-model"] == "one/gpt-4o-mini"
    assert "may cost more" in answer.headers["x-sluice-reason"]
    first, second = gateway.record_of(answer)["attempts"]
    assert (first["error"], second.get("error")) == ("too_dear", None)


def test_an_alias_says_which_currency_it_speaks_of(stage, simulator):
    config = config_for(simulator.url)
    config["providers"]["two"] |= {"prices": "deepseek", "currency": "CNY"}
    gateway = stage.gateway(config)
    answer = gateway.chat(limited("1 USD"), model="two/deepseek-flash")
    assert answer.status == 429
    assert "CNY" in answer.error["message"]
    assert gateway.chat(limited("1 CNY"), model="two/deepseek-flash").status == 200


def test_a_model_without_a_price_is_not_asked(priced):
    answer = priced.chat(limited("100 USD"), model="one/of-tomorrow")
    assert answer.status == 429
    assert "its price is not known" in answer.error["message"]


@pytest.mark.parametrize("amount", ["1", "USD 1", "0 USD", "-1 USD", "1e3 USD", "1 usd"])
def test_what_is_no_amount_is_refused(priced, simulator, amount):
    answer = priced.chat(limited(amount))
    assert answer.status == 400
    assert "x-sluice-max-cost" in answer.error["message"]
    assert simulator.requests() == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/chat/completions", {"max_completion_tokens": 90_000}, "max_completion_tokens"),
        ("/v1/chat/completions", {"max_tokens": None}, "max_completion_tokens"),
        ("/v1/responses", {"input": "Hello!", "max_output_tokens": 90_000}, "max_output_tokens"),
        ("/v1/responses", {"input": "Hello!"}, "max_output_tokens"),
        ("/v1/completions", {"prompt": "Hello!", "max_tokens": 9_000}, "max_tokens"),
    ],
)
def test_each_dialect_has_its_own_word_for_the_limit(priced, simulator, path, body, field):
    if path.endswith("chat/completions"):
        body = {"messages": [{"role": "user", "content": "Hello!"}], **body}
    answer = priced.ask("POST", path, {"model": "one/gpt-4o-mini", **body}, limited("0.001 USD"))
    assert answer.status == 200, answer.body
    assert sent(simulator)[field] == int(answer.headers["x-sluice-max-tokens"]) < 1667


def test_messages_and_translated_requests_are_limited_too(stage, simulator):
    config = config_for(simulator.url)
    config["providers"]["three"] = {
        "dialect": "anthropic",
        "base_url": simulator.url,
        "key": "k",
        "prices": "anthropic",
    }
    gateway = stage.gateway(config)
    own = gateway.ask("POST", "/v1/messages", MESSAGES | {"max_tokens": 60_000}, limited("0.02 USD"))
    assert own.status == 200, own.body
    assert sent(simulator)["max_tokens"] == int(own.headers["x-sluice-max-tokens"]) < 4000
    simulator.reset()
    translated = gateway.chat(limited("0.02 USD"), model="three/claude-haiku-4-5", max_tokens=60_000)
    assert translated.status == 200, translated.body
    assert sent(simulator)["max_tokens"] == int(translated.headers["x-sluice-max-tokens"]) < 4000


def test_explain_says_what_a_candidate_may_cost_and_whether_it_fits(priced, simulator):
    asked = limited("0.001 USD") | {"x-sluice-explain": "only"}
    (fits,) = priced.chat(asked, max_tokens=100).json()["candidates"]
    assert fits["price"].endswith(" USD")
    assert "rejected" not in fits
    (over,) = priced.chat(asked, max_tokens=100, model="two/deepseek-v4-pro", n=2000).json()["candidates"]
    assert "x-sluice-max-cost" in over["rejected"]
    assert simulator.requests() == []


def test_what_it_really_costs_is_never_more(priced, simulator):
    """Answers of all lengths, streamed and not, of prompts of all kinds."""
    texts = ["Hello!", "x" * 3000, "价格是多少？" * 100, '{"a":"\\u0416\\n"}' * 50, "🙂" * 200]
    for number, text in enumerate(texts * 4):
        most = Decimal("0.0004") + Decimal("0.0001") * (number % 7)
        answer = priced.chat(
            limited(f"{most} USD"),
            messages=[{"role": "user", "content": text}],
            stream=number % 2 == 1,
            seed=number,
            n=1 + number % 3,
        )
        if answer.status == 429:
            continue
        assert answer.status == 200, answer.body
        assert Decimal(0) < cost_of(priced, answer) <= most
    assert len(simulator.requests()) > 10
