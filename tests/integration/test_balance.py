"""`sluice bill --check`: what the provider says is left, against what the ledger says was spent."""

import csv
import io
import json
import threading
from decimal import Decimal

import pytest

from conftest import config_for
from programs import ask


class Account:
    """A simulated DeepSeek account that is used without a gateway: the ledger knows nothing of it."""

    def __init__(self, stage, granted, topped_up):
        keys = [{"key": "sk-a", "granted": granted, "topped_up": topped_up, "currency": "USD"}]
        self._stage = stage
        self.simulator = stage.simulator(scenario={"keys": keys})
        self.config = stage.directory / "check.yaml"
        self.config.write_text(
            "providers:\n"
            f"  deepseek: {{ dialect: deepseek, base_url: '{self.simulator.url}', key: sk-a }}\n"
            "data: data\n"
        )

    def spend(self):
        body = {"model": "deepseek-flash", "messages": [{"role": "user", "content": "What is the tide?"}]}
        fields = {"authorization": "Bearer sk-a", "content-type": "application/json"}
        path = "/v1/chat/completions"
        assert ask(self.simulator.address, "POST", path, json.dumps(body).encode(), fields).status == 200

    def check(self, *arguments):
        done = self._stage.run("bill", "--check", "-c", str(self.config), *arguments)
        assert "sk-a" not in done.stdout + done.stderr
        return done


@pytest.fixture
def account(stage):
    return Account(stage, "1", "10")


def test_the_first_reading_is_kept_and_the_second_compared(account, stage):
    first = account.check("--timezone", "UTC")
    assert first.returncode == 0, first.stderr
    assert "deepseek has 11 USD left (1 granted, which is spent first, 10 topped up)" in first.stdout
    assert "this is the first reading" in first.stdout
    kept = stage.directory / "data" / "balances.txt"
    assert kept.stat().st_mode & 0o077 == 0
    second = account.check()
    assert second.returncode == 0, second.stderr
    assert "agrees: they agree" in second.stdout
    assert len(kept.read_text().splitlines()) == 3


def test_what_the_ledger_does_not_have_is_said_to_the_last_digit(account):
    assert account.check().returncode == 0
    account.spend()
    done = account.check("--format", "json")
    assert done.returncode == 1
    (period,) = json.loads(done.stdout)["periods"]
    assert period["verdict"] == "differs" and period["ledger"] == "0 USD"
    assert period["difference"] == period["balance"] != "0 USD"
    assert "more than the ledger has" in period["words"]
    later = account.check("--timezone", "UTC")
    assert later.returncode == 0
    assert f"difference {period['difference']}" in later.stdout and "agrees" in later.stdout


def test_as_csv_each_period_is_a_line(account):
    (first,) = csv.DictReader(io.StringIO(account.check("--format", "csv").stdout))
    assert first["verdict"] == "first" and first["total"] == "11" and first["from"] == ""
    account.spend()
    done = account.check("--format", "csv")
    assert done.returncode == 1
    (period,) = csv.DictReader(io.StringIO(done.stdout))
    assert period["verdict"] == "differs" and period["ledger"] == "0" and period["from"] == first["to"]
    assert Decimal(period["balance"]) == Decimal(period["difference"]) > 0
    assert Decimal(period["total"]) == 11 - Decimal(period["balance"])


def test_a_provider_that_cannot_be_asked_is_named(account):
    account.simulator.stop()
    done = account.check()
    assert done.returncode == 3 and "the balance of deepseek cannot be had" in done.stderr


def test_without_a_provider_that_tells_there_is_nothing_to_check(stage):
    done = stage.run("bill", "--check", "--data", "data")
    assert done.returncode == 3 and "no provider with a key tells its balance" in done.stderr


@pytest.fixture
def gateway(stage):
    """In front of a simulated DeepSeek account with money on it."""
    keys = [{"key": "sk-a", "granted": "0.0001", "topped_up": "10", "currency": "USD"}]
    simulator = stage.simulator(scenario={"keys": keys})
    provider = {"dialect": "deepseek", "base_url": simulator.url, "key": "sk-a"}
    return stage.gateway(
        config_for(
            simulator.url,
            providers={"deepseek": provider},
            models={"m": {"ladder": ["deepseek/deepseek-flash"]}},
            data=str(stage.directory / "data"),
        )
    )


def test_what_went_through_the_gateway_agrees_to_the_last_digit(gateway, stage):
    def run(*arguments, code=0):
        done = stage.run("bill", "-c", str(gateway.config_file), "--format", "json", *arguments)
        assert done.returncode == code, done.stderr + done.stdout
        return json.loads(done.stdout)

    assert run("--check")["periods"] == []
    asked = [{"role": "user", "content": "What is the tide? " * 40}]
    for stream in (False, True, False, True):
        assert gateway.chat(messages=asked, stream=stream).status == 200
    (total,) = run()["total"]
    assert total["requests"] == 4
    (period,) = run("--check")["periods"]
    assert period["verdict"] == "agrees" and period["difference"] == "0 USD"
    assert period["ledger"] == total["cost"] and Decimal(total["cost"].split(" ")[0]) > Decimal("0.0001")
    for row in run("--by", "request")["rows"]:
        assert run("--row", row["request_id"])["confirmed"] is True


def test_two_keys_of_one_account_in_use_are_not_added_up(stage):
    scripted = stage.scripted()
    config = stage.directory / "keys.yaml"
    config.write_text(
        "providers:\n"
        f"  deepseek: {{ dialect: deepseek, base_url: '{scripted.url}', keys: [sk-a, sk-b] }}\n"
        "data: data\n"
    )
    asked = []

    def answer():
        for left in ("10.00", "9.70", "9.50"):
            call = scripted.next_call()
            asked.append("sk-b" if "sk-b" in call.head else "sk-a")
            info = {"currency": "USD", "total_balance": left, "granted_balance": "0.00"}
            told = {"is_available": True, "balance_infos": [{**info, "topped_up_balance": left}]}
            body = json.dumps(told)
            fields = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
            call.send(f"HTTP/1.1 200 OK\r\n{fields}\r\n{body}")

    provider = threading.Thread(target=answer)
    provider.start()
    done = stage.run("bill", "--check", "-c", str(config), "--timezone", "UTC")
    provider.join()
    assert done.returncode == 0, done.stderr
    assert "deepseek has 9.5 USD left" in done.stdout and "accounts" not in done.stderr
    assert asked == ["sk-a", "sk-b", "sk-a"]
