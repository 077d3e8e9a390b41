"""`sluice budgets` against a gateway that runs: what it lists, raises, settles, and says where it cannot."""

import csv
import io
import json
import os
import pwd
from decimal import Decimal

import pytest

from conftest import config_for
from programs import ask, eventually

TOKEN = "an-operators-token"
WHO = f"api:127.0.0.1 (cli:{pwd.getpwuid(os.geteuid()).pw_name})"
SOON = "2199-01-01T00:00:00Z"
TOKENS = {"x-sim-fault": "tokens=100"}


def governed(stage, simulator, **more):
    config = config_for(
        simulator.url,
        data=str(stage.directory / "data"),
        models={"m": {"ladder": ["one/gpt-4o-mini", "one/gpt-4o"], "default": "one/gpt-4o-mini"}},
        budgets=[
            {
                **{"scope": "org", "limit": "0.01 USD", "window": "month", "timezone": "Asia/Shanghai"},
                "steps": [{"at": "0.1%", "ladder_max": "one/gpt-4o-mini"}, {"at": "99%", "block": True}],
            },
            {"scope": "user/*", "limit": "2 USD", "rolling": "1h"},
        ],
    )
    config["providers"]["one"] |= {"prices": "openai", "flavour": "openai"}
    return config | more


class Operator:
    """Who gives commands to one gateway."""

    def __init__(self, stage, gateway, where=None):
        self.stage = stage
        self.where = where or ("-c", str(gateway.config_file))
        self.gateway = gateway

    def run(self, *words, environment=None):
        return self.stage.run("budgets", *words, *self.where, environment=environment)

    def rows(self, *words):
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def trail(self):
        token = self.gateway.config["admin"].get("token")
        fields = {"authorization": "Bearer " + token} if token else {}
        return ask(self.gateway.admin, "GET", "/admin/v1/audit", None, fields).json()["entries"]


@pytest.fixture
def operator(stage, simulator):
    return Operator(stage, stage.gateway(governed(stage, simulator)))


def usd(text):
    value, currency = text.split()
    assert currency == "USD"
    return Decimal(value)


def chat(gateway, **fields):
    return gateway.chat(TOKENS | {"x-sluice-user": "ann"}, max_tokens=100, **fields)


def test_the_list_shows_how_each_account_stands(operator):
    assert chat(operator.gateway).status == 200
    org, user = operator.rows("list")
    assert (org["scope"], org["value"], org["window"]) == ("org", None, "month Asia/Shanghai")
    assert (user["scope"], user["value"], user["window"]) == ("user/*", "ann", "rolling 1h")
    assert (org["limit"], org["reserved"], org["raise"]) == ("0.01 USD", "0 USD", "0 USD")
    assert 0 < usd(org["used"]) == usd(org["limit"]) - usd(org["left"])
    assert org["used"] == user["used"]
    assert org["window_end"].endswith("T16:00:00.000000Z") and user["window_end"] is None
    assert org["steps"] == [{"at": "0.1%", "forecast": False, "does": "ladder_max one/gpt-4o-mini"}]
    assert operator.rows("list", "user/ann") == [user]
    assert operator.rows("list", "user/*") == [user]
    assert operator.rows("list", "user/bob")[0]["used"] == "0 USD"


def test_the_list_is_a_table_and_csv_too(operator):
    chat(operator.gateway)
    table = operator.run("list").stdout.splitlines()
    assert table[0].split()[:4] == ["budget", "window", "limit", "raise"]
    assert table[1].startswith("org ") and "0.1%: ladder_max one/gpt-4o-mini" in table[1]
    rows = list(csv.DictReader(io.StringIO(operator.run("list", "--format", "csv").stdout)))
    assert [row["budget"] for row in rows] == ["org", "user/ann"]
    assert rows[0]["turns"].endswith("T16:00:00Z")


def test_a_raise_holds_for_the_next_request_and_over_a_restart(operator):
    big = {"max_tokens": 40_000}  # 0.024 USD at most
    assert operator.gateway.chat(TOKENS, **big).headers["x-sluice-max-tokens"]
    (row,) = operator.rows("raise", "org", "--by", "0.05 USD", "--until", SOON)
    assert (row["limit"], row["raise"]) == ("0.06 USD", "0.05 USD")
    assert row["raise_until"] == SOON[:-1] + ".000000Z"
    assert "x-sluice-max-tokens" not in operator.gateway.chat(TOKENS, **big).headers
    (entry,) = operator.trail()
    assert (entry["who"], entry["action"], entry["target"]) == (WHO, "budget.raise", "org")
    assert entry["before"]["budgets"][0]["limit"] == "0.01 USD"
    assert entry["after"]["budgets"][0]["limit"] == "0.06 USD"
    operator.gateway.stop()
    operator.gateway = operator.stage.gateway(operator.gateway.config)
    assert operator.rows("list", "org")[0]["limit"] == "0.06 USD"
    assert operator.rows("raise", "org", "--to", "0.02 USD", "--until", "2h")[0]["raise"] == "0.01 USD"
    assert operator.rows("raise", "org", "--by", "0 USD")[0]["limit"] == "0.01 USD"


def test_a_lost_call_is_freed_or_charged_by_what_the_provider_says(operator):
    gateway = operator.gateway
    body = json.dumps({"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello!"}]})
    connections = []
    for _ in range(3):
        connections.append(raw := gateway.connect())
        raw.send(
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-sim-fault: delay=20s\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}"
        )
    eventually(lambda: gateway.metrics()["sluice_budget_leases"] == 3, what="three promised calls")
    gateway.kill()
    operator.gateway = gateway = operator.stage.gateway(gateway.config)
    assert gateway.metrics()["sluice_budget_leases"] == 3
    lost = operator.rows("settle")
    assert [one["model"] for one in lost] == ["one/gpt-4o-mini"] * 3
    worst = usd(lost[0]["worst"])
    assert usd(operator.rows("list", "org")[0]["used"]) == 3 * worst

    first, second, third = (one["request_id"] for one in lost)
    assert operator.rows("settle", first, "0")["cost"] == "0 USD"
    assert usd(operator.rows("list", "org")[0]["used"]) == 2 * worst
    assert "0.00001 USD" in operator.run("settle", second, "0.00001", "USD").stdout
    slip = operator.run("settle", third, "5 USD")
    assert slip.returncode != 0
    assert f"5 USD is more than the {lost[2]['worst']}" in slip.stderr
    assert usd(operator.rows("list", "org")[0]["used"]) == worst + usd("0.00001 USD")
    assert operator.rows("settle", third, "0.005 USD", "--above-worst-case")["cost"] == "0.005 USD"
    assert operator.rows("list", "org")[0]["used"] == "0.00501 USD"
    assert operator.run("settle").stdout == "no call is without an end\n"
    assert operator.run("settle", second, "0").returncode == 1
    assert gateway.metrics()["sluice_budget_leases"] == 0
    told = operator.stage.run("bill", "--row", second, "--data", gateway.config["data"])
    assert told.returncode == 0, told.stderr
    assert "cost 0.00001 USD\n" in told.stdout and "its cost was stated" in told.stdout
    above, charged, freed = operator.trail()
    assert (above["target"], above["after"]["cost"]) == (third, "0.005 USD")
    assert (charged["who"], charged["action"], charged["target"]) == (WHO, "lease.settle", second)
    assert (freed["target"], freed["after"]["cost"]) == (first, "0 USD")
    for raw in connections:
        raw.close()


def test_the_gateway_is_found_by_its_data_its_address_or_its_config(stage, simulator):
    gateway = stage.gateway(governed(stage, simulator, admin={"listen": "127.0.0.1:0", "token": TOKEN}))
    data = ("--data", gateway.config["data"])
    address = ("--admin", f"127.0.0.1:{gateway.admin}")
    known = {"SLUICE_ADMIN_TOKEN": TOKEN}
    for where in (data, address):
        assert Operator(stage, gateway, where).run("list", environment=known).returncode == 0
        refused = Operator(stage, gateway, where).run("list")
        assert refused.returncode == 3
        assert "SLUICE_ADMIN_TOKEN" in refused.stderr
    assert Operator(stage, gateway).run("list").returncode == 0


def test_where_no_gateway_can_be_asked_it_says_what_to_do(stage, simulator):
    nowhere = stage.run("budgets", "list", "--data", str(stage.directory / "none"))
    assert nowhere.returncode == 3
    assert "start sluice serve" in nowhere.stderr and "--admin HOST:PORT" in nowhere.stderr
    gateway = stage.gateway(governed(stage, simulator))
    operator = Operator(stage, gateway)
    gateway.kill()
    gone = operator.run("list")
    assert gone.returncode == 3
    assert "no gateway answers at 127.0.0.1:" in gone.stderr
    other = stage.run("budgets", "list", "--admin", f"127.0.0.1:{simulator.address}")
    assert other.returncode == 3
    assert "is no admin API" in other.stderr


def test_wrong_usage_is_told_before_or_by_the_gateway(operator):
    for words in (
        ("lst",),
        ("list", "a", "b"),
        ("list", "tema/x"),
        ("raise", "org"),
        ("raise", "user/*", "--by", "1 USD", "--until", "2h"),
        ("raise", "org", "--by", "1 USD"),
        ("raise", "org", "--by", "1 USD", "--to", "2 USD", "--until", "2h"),
        ("raise", "org", "--to", "0.001 USD", "--until", "2h"),
        ("raise", "org", "--by", "1 EUR", "--until", "2h"),
        ("settle", "req_1"),
        ("settle", "req_1", "much", "too", "much"),
    ):
        done = operator.run(*words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr.startswith("sluice: ") or done.stderr.startswith("usage"), done.stderr
    assert operator.run("raise", "team/x", "--by", "1 USD", "--until", "2h").returncode == 1
    assert operator.run("list", "team/x").returncode == 1
    assert operator.trail() == []
    helped = operator.stage.run("budgets", "--help")
    assert helped.returncode == 0 and "sluice budgets raise SCOPE" in helped.stdout
