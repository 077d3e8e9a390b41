"""What the simulator charges: its bill against its usage numbers and the published prices, in decimals."""

import json
from decimal import Decimal

import pytest

from programs import Simulator, ask, eventually
from raw_http import Connection

PEAK = "2026-11-23T09:12:00+08:00"  # a Monday
OFF_PEAK = "2026-11-23T12:00:00+08:00"
FLASH = {"input": "0.15", "cached_input": "0.003", "output": "0.60"}  # USD for a million tokens, off-peak
LONG = "The tide comes in and the tide goes out, and the boats lie on the sand until it comes again. " * 90


@pytest.fixture
def day(stage):
    simulator = stage.simulator("--clock", OFF_PEAK, "--clock-speed", "0")
    assert isinstance(simulator, Simulator)
    return simulator


def post(simulator, path, body, key="sk-a", **headers):
    fields = {"authorization": f"Bearer {key}", "content-type": "application/json", **headers}
    return ask(simulator.address, "POST", path, json.dumps(body).encode(), fields)


def chat(simulator, key="sk-a", model="deepseek-flash", content="What is the tide?", fault=None, **fields):
    headers = {"x-sim-fault": fault} if fault else {}
    body = {"model": model, "messages": [{"role": "user", "content": content}], **fields}
    return post(simulator, "/v1/chat/completions", body, key, **headers)


def message(simulator, content, **fields):
    body = {"model": "claude-sonnet-5", "max_tokens": 200, "messages": [{"role": "user", "content": content}]}
    headers = {"x-api-key": "sk-a", "anthropic-version": "2026-10-21"}
    return post(simulator, "/v1/messages", body | fields, **headers)


def cost(rates, times=1, **counts):
    return sum(Decimal(rates[name]) * times * count for name, count in counts.items()) / 1_000_000


def counts_of(usage):
    """Of DeepSeek's usage."""
    return {
        "input": usage["prompt_cache_miss_tokens"],
        "cached_input": usage["prompt_cache_hit_tokens"],
        "output": usage["completion_tokens"],
    }


def total(section, currency="USD"):
    return sum(Decimal(one["cost"]) for one in section["total"] if one["currency"] == currency)


def test_the_hour_decides_and_the_bill_is_exact(day):
    owed = Decimal(0)
    weekend, holiday = "2026-11-28T10:00:00+08:00", "2026-10-01T10:00:00+08:00"
    for now, times in ((OFF_PEAK, 1), (PEAK, 2), (weekend, 1), (holiday, 1)):
        day.tell_clock(now)
        usage = chat(day, content=LONG).json()["usage"]
        owed += cost(FLASH, times, **counts_of(usage))
    bill = day.bill()
    assert total(bill["billed"]) == owed > 0
    phases = {line["phase"]: line["requests"] for line in bill["billed"]["lines"]}
    assert phases == {"peak": 1, "off-peak": 3}
    assert [line["cost"] for line in bill["billed"]["lines"]] == [
        format(Decimal(line["cost"]).normalize(), "f") for line in bill["billed"]["lines"]
    ]
    assert bill["unpriced"] == [] and bill["aborted"]["lines"] == []


def test_a_stream_costs_what_the_whole_answer_costs(day):
    chat(day)
    whole = total(day.bill()["billed"])
    day.reset()
    assert total(day.bill()["billed"]) == 0
    chat(day, stream=True, stream_options={"include_usage": True})
    assert total(day.bill()["billed"]) == whole > 0


def test_a_stream_that_was_not_to_tell_its_usage_is_owed_apart(day):
    chat(day, stream=True)
    bill = day.bill()
    assert total(bill["billed"]) == 0 and total(bill["untold"]) > 0


def test_each_key_has_its_lines_and_its_currency(stage):
    scenario = {"keys": [{"key": "sk-usd"}, {"key": "sk-cny", "currency": "CNY"}]}
    simulator = stage.simulator("--clock", PEAK, "--clock-speed", "0", scenario=scenario)
    usage = chat(simulator, "sk-usd").json()["usage"]
    simulator.reset()  # the cache, too
    chat(simulator, "sk-usd")
    chat(simulator, "sk-cny", user_id="other")
    lines = {line["key"]: line for line in simulator.bill()["billed"]["lines"]}
    assert lines["sk-usd"]["currency"] == "USD" and lines["sk-cny"]["currency"] == "CNY"
    counts = counts_of(usage)
    assert Decimal(lines["sk-usd"]["cost"]) == cost(FLASH, 2, **counts)
    in_cny = {"input": "2", "cached_input": "0.04", "output": "8"}
    assert Decimal(lines["sk-cny"]["cost"]) == cost(in_cny, **counts)


def test_a_failure_is_free_and_one_that_tells_its_usage_is_not(day):
    for fault in ("status=503", "empty", "error_in_200", "reset=head", "truncate=10", "error_event=2"):
        stream = {"stream": True, "stream_options": {"include_usage": True}} if "event" in fault else {}
        try:
            chat(day, fault=fault, **stream)
        except OSError:
            pass
        except Exception as error:  # http.client has its own ways to say that an answer was cut off
            assert type(error).__module__ == "http.client", error
    assert day.bill()["billed"]["lines"] == []
    usage = chat(day, fault="insufficient=3").json()["usage"]
    assert total(day.bill()["billed"]) == cost(FLASH, **counts_of(usage)) > 0


def test_who_hangs_up_owes_what_was_generated(stage):
    options = ("--ttft", "10ms", "--rate", "100/s", "--clock", OFF_PEAK, "--clock-speed", "0")
    simulator = stage.simulator(*options, fast=False)
    body = json.dumps(
        {
            "model": "deepseek-flash",
            "messages": [{"role": "user", "content": "A long story, please."}],
            "stream": True,
        }
    ).encode()
    connection = Connection(simulator.address)
    connection.send(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: sim\r\nauthorization: Bearer sk-a\r\n"
        b"x-sim-fault: tokens=900\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    )
    connection.read_until(b'"content":')
    connection.close()
    eventually(lambda: simulator.state()["in_flight"] == 0, what="the end of the answer")
    bill = simulator.bill()
    (line,) = bill["aborted"]["lines"]
    assert 0 < line["usage"]["output"] < 900 and line["usage"]["input"] > 0
    assert Decimal(line["cost"]) > 0 and bill["billed"]["lines"] == []
    request = simulator.only_request()
    assert (request["charged"], request["charged_as"]) == (line["cost"] + " USD", "aborted")


def test_the_balance_falls_and_is_granted_first(stage):
    scenario = {"keys": [{"key": "sk-a", "currency": "CNY", "granted": "0.0001", "topped_up": "0.002"}]}
    simulator = stage.simulator("--clock", PEAK, "--clock-speed", "0", scenario=scenario)

    def balance():
        answer = ask(simulator.address, "GET", "/user/balance", None, {"authorization": "Bearer sk-a"}).json()
        (info,) = answer["balance_infos"]
        assert info["currency"] == "CNY"
        return answer["is_available"], *(
            Decimal(info[name + "_balance"]) for name in ("total", "granted", "topped_up")
        )

    assert balance() == (True, Decimal("0.0021"), Decimal("0.0001"), Decimal("0.002"))
    spent = Decimal(0)
    while spent < Decimal("0.0021"):
        assert chat(simulator).status == 200
        spent = total(simulator.bill()["billed"], "CNY")
        available, whole, granted, topped_up = balance()
        assert whole == Decimal("0.0021") - spent == granted + topped_up
        assert granted == max(Decimal(0), Decimal("0.0001") - spent)
        assert available == (spent < Decimal("0.0021"))
    refused = chat(simulator)
    assert refused.status == 402 and "balance" in refused.json()["error"]["message"].lower()
    assert total(simulator.bill()["billed"], "CNY") == spent


def test_messages_pay_for_what_they_write_to_the_cache(day):
    marked = [
        {"type": "text", "text": LONG, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "text", "text": LONG[::-1], "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "And now?"},
    ]
    owed = Decimal(0)
    for _ in range(2):
        usage = message(day, marked).json()["usage"]
        owed += cost(
            {"input": "2", "cached_input": "0.20", "write": "2.50", "write_1h": "4", "output": "10"},
            input=usage["input_tokens"],
            cached_input=usage["cache_read_input_tokens"],
            write=usage["cache_creation"]["ephemeral_5m_input_tokens"],
            write_1h=usage["cache_creation"]["ephemeral_1h_input_tokens"],
            output=usage["output_tokens"],
        )
    (line,) = day.bill()["billed"]["lines"]
    assert line["usage"]["cache_write_1h"] > 0 and line["usage"]["cached_input"] > 0
    assert Decimal(line["cost"]) == owed and line["phase"] == ""


def test_newer_models_of_openai_charge_for_cache_writes_and_flex_is_half(day):
    first = chat(day, model="gpt-5.6-luna", content=LONG).json()["usage"]["prompt_tokens_details"]
    assert first["cached_tokens"] == 0 and first["cache_write_tokens"] >= 1024
    again = chat(day, model="gpt-5.6-luna", content=LONG).json()["usage"]["prompt_tokens_details"]
    assert again["cached_tokens"] >= 1024 and "cache_write_tokens" not in again
    day.reset()
    usage = chat(day, model="gpt-5-mini", service_tier="flex").json()["usage"]
    (line,) = day.bill()["billed"]["lines"]
    rates = {"input": "0.125", "output": "1"}
    assert line["tier"] == "flex"
    counts = {"input": usage["prompt_tokens"], "output": usage["completion_tokens"]}
    assert Decimal(line["cost"]) == cost(rates, **counts)


def test_embeddings_cost_their_input(day):
    body = {"model": "text-embedding-3-small", "input": ["one tide", "two tides"]}
    usage = post(day, "/v1/embeddings", body).json()["usage"]
    assert total(day.bill()["billed"]) == cost({"input": "0.02"}, input=usage["prompt_tokens"])


def test_what_nobody_has_a_price_for_is_counted_apart(day):
    chat(day, model="my-own-model")
    (line,) = day.bill()["unpriced"]
    assert line["model"] == "my-own-model" and line["requests"] == 1 and "cost" not in line


def test_the_clock_runs_as_it_is_told(day):
    assert day.tell_clock("2027-01-01T00:00:00Z") == {"now": "2027-01-01T00:00:00Z", "speed": 0}
    day.tell_clock(speed=100_000)
    eventually(lambda: day.bill()["now"] > "2027-01-02", what="another day")
    for wrong in (b"[]", b'{"now":"noon"}', b'{"speed":-1}', b'{"time":1}', b""):
        assert ask(day.address, "POST", "/sim/clock", wrong).status == 400
