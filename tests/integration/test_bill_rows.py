"""What a request cost: in its headers, and in its row of the ledger."""

import json

import pytest
from openai import OpenAI

from conftest import config_for
from programs import eventually
from scripted import event

HELLO = [{"role": "user", "content": "Hello!"}]
STREAM = json.dumps({"model": "m", "messages": HELLO, "stream": True}).encode()


def row_of(gateway, request_id):
    answer = gateway.ask("GET", f"/sluice/v1/requests/{request_id}")
    assert answer.status == 200, answer
    return answer.json()


@pytest.fixture
def priced(stage, simulator):
    """Two models with the operator's own prices, one above the other on a ladder; a third has none."""
    config = config_for(
        simulator.url,
        models={
            "m": {"ladder": ["one/gpt-4o-mini", "one/gpt-4o"], "default": "one/gpt-4o-mini"},
            "unpriced": {"ladder": ["one/of-nobody"]},
        },
        prices={
            "one/gpt-4o-mini": {"currency": "USD", "input": 0.15, "cached_input": 0.075, "output": 0.6},
            "one/gpt-4o": {"currency": "USD", "input": 2.5, "output": 10},
        },
    )
    return stage.gateway(config)


def plain(amount):
    """An amount in USD as pico-units."""
    number, currency = amount.split(" ")
    assert currency == "USD"
    whole, _, decimals = number.partition(".")
    return int(whole + decimals.ljust(12, "0"))


def costs(usage, fresh, cached, output):
    details = usage.prompt_tokens_details
    hits = details.cached_tokens if details and details.cached_tokens else 0
    return (usage.prompt_tokens - hits) * fresh + hits * cached + usage.completion_tokens * output


def ask(gateway, **more):
    with OpenAI(base_url=gateway.url + "/v1", api_key="any", max_retries=0, timeout=20) as client:
        return client.chat.completions.with_raw_response.create(**{"model": "m", "messages": HELLO, **more})


def test_an_answer_says_what_it_cost_and_what_was_saved(priced):
    raw = ask(priced)
    usage = raw.parse().usage
    cost = costs(usage, 150_000, 75_000, 600_000)
    strongest = costs(usage, 2_500_000, 2_500_000, 10_000_000)
    assert plain(raw.headers["x-sluice-cost"]) == cost
    assert plain(raw.headers["x-sluice-saved"]) == strongest - cost


def test_the_row_of_an_answer_can_be_read_at_once(priced):
    raw = ask(priced, user="u7", extra_headers={"x-sluice-tags": "app=shop", "x-sluice-session": "s1"})
    usage = raw.parse().usage
    row = row_of(priced, raw.headers["x-sluice-request-id"])
    assert row["cost"] == raw.headers["x-sluice-cost"]
    assert row["saved"] == raw.headers["x-sluice-saved"]
    assert (row["provider"], row["model"], row["asked_model"]) == ("one", "one/gpt-4o-mini", "m")
    assert (row["user"], row["session"], row["tags"]) == ("u7", "s1", {"app": "shop"})
    assert row["usage"]["output"] + row["usage"]["reasoning"] == usage.completion_tokens
    assert row["usage_source"] == "provider"
    assert row["provider_usage"]["prompt_tokens"] == usage.prompt_tokens
    (attempt,) = row["attempts"]
    assert (attempt["model"], attempt["status"], attempt["error"]) == ("one/gpt-4o-mini", 200, None)
    assert row["started"] <= row["completed"]


def test_a_stream_costs_what_the_whole_answer_costs(priced):
    whole = ask(priced)
    with OpenAI(base_url=priced.url + "/v1", api_key="any", max_retries=0, timeout=20) as client:
        with client.chat.completions.with_streaming_response.create(
            model="m", messages=HELLO, stream=True
        ) as answer:
            request_id = answer.headers["x-sluice-request-id"]
            text = answer.read().decode()
    assert text.rstrip().endswith("[DONE]")
    row = row_of(priced, request_id)
    assert row["stream"] is True
    assert row["first_token"] is not None
    assert plain(row["cost"]) + plain(row["saved"]) == plain(whole.headers["x-sluice-cost"]) + plain(
        whole.headers["x-sluice-saved"]
    )


def test_an_unknown_price_is_unknown_and_not_zero(priced):
    raw = ask(priced, model="unpriced")
    assert "x-sluice-cost" not in raw.headers
    row = row_of(priced, raw.headers["x-sluice-request-id"])
    assert row["cost"] is None
    assert row["price_version"] == "unknown"


def test_a_killed_gateway_has_lost_no_row(stage, simulator, priced):
    told = [ask(priced).headers["x-sluice-request-id"] for _ in range(20)]
    priced.kill()
    again = stage.gateway(priced.config)
    for request_id in told:
        assert row_of(again, request_id)["request_id"] == request_id


def test_another_teams_row_is_not_shown(stage, simulator):
    data = str(stage.directory / "data")

    def key(team):
        made = stage.run("keys", "create", "--team", team, "--data", data, "--format", "json")
        return {"authorization": "Bearer " + json.loads(made.stdout)["secret"]}

    red, blue, also_red = key("red"), key("blue"), key("red")
    gateway = stage.gateway(config_for(simulator.url, auth="keys", data=data))
    answer = gateway.chat(headers=red)
    assert answer.status == 200
    path = "/sluice/v1/requests/" + answer.headers["x-sluice-request-id"]
    assert gateway.ask("GET", path, headers=also_red).json()["team"] == "red"
    assert gateway.ask("GET", path, headers=blue).status == 404
    assert gateway.ask("GET", path).status == 401


def test_a_row_that_is_not_there_is_not_found(priced):
    answer = priced.ask("GET", "/sluice/v1/requests/req_none")
    assert (answer.status, answer.json()["error"]["code"]) == (404, "not_found")
    assert priced.ask("POST", "/sluice/v1/requests/req_none", "{}").status == 405


def test_an_abandoned_stream_is_counted(priced, simulator):
    with priced.connect() as raw:
        raw.post(STREAM, headers="x-sim-fault: tokens=2000; stall=4000\r\n")
        head = raw.read_head()
        for _ in range(5):
            raw.read_until(b"\n\n")
    row = eventually(lambda: found(priced, head.get("x-sluice-request-id")), what="the row of the stream")
    assert row["aborted"] and row["usage_source"] in ("counted", "estimated")
    assert 0 < row["usage"]["output"] < 2000
    assert row["cost"] is not None


def test_a_long_answer_that_breaks_off_is_counted_off_the_loop_before_its_last_event_leaves(stage):
    provider = stage.scripted()
    gateway = stage.gateway(config_for(provider.url))
    words = "the tide turns and the boat comes in " * 100
    with gateway.connect() as raw:
        raw.post({"model": "m", "messages": [{"role": "user", "content": words * 30}], "stream": True})
        call = provider.next_call()
        call.send_head()
        for _ in range(40):
            call.send_chunk(event(words))
        head = raw.read_head()
        for _ in range(40):
            raw.read_until(b"\n\n")
        call.hang_up()
        raw.read_until(b'"error"')
        row = row_of(gateway, head.get("x-sluice-request-id"))  # the stream is not over yet
        assert (row["status"], row["error"]) == (200, "upstream_error")
        assert row["usage_source"] in ("counted", "estimated")
        for bucket, times in (("input", 30), ("output", 40)):
            assert 0.7 * 800 * times < row["usage"][bucket] < 1.3 * 800 * times
    asked = ("bill", "--by", "usage_source", "--format", "json", "--data", gateway.config["data"])
    bill = json.loads(stage.run(*asked).stdout)
    assert [(one["usage_source"], one["requests"]) for one in bill["rows"]] == [(row["usage_source"], 1)]
    assert json.loads(stage.run(*asked, "--where", "usage_source=provider").stdout)["rows"] == []


def test_a_provider_that_bills_to_the_end_is_heard_out(stage, simulator):
    config = config_for(simulator.url)
    config["providers"]["one"]["on_hang_up"] = "drain"
    gateway = stage.gateway(config)
    with gateway.connect() as raw:
        raw.post(STREAM, headers="x-sim-fault: tokens=100; stall=20000\r\n")
        head = raw.read_head()
        raw.read_until(b"data: ")
    row = eventually(lambda: found(gateway, head.get("x-sluice-request-id")), what="the row of the stream")
    assert row["aborted"] and row["usage_source"] == "drained"
    assert row["usage"]["output"] == 100


def found(gateway, request_id):
    answer = gateway.ask("GET", f"/sluice/v1/requests/{request_id}")
    return answer.json() if answer.status == 200 else None
