"""What `sluice prices` and `sluice check` say of prices, asked of the real program."""

import csv
import datetime
import io
import json
import os
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import config_for
from programs import eventually

PEAK = "2026-11-30T02:00:00Z"
OFF_PEAK = "2026-11-30T12:00:00Z"

GENAI = [
    {
        "id": "elsewhere",
        "name": "Elsewhere",
        "api_pattern": r"https://api\.elsewhere\.example",
        "models": [
            {
                "id": "novel-1",
                "match": {"starts_with": "novel-1"},
                "prices": {
                    "input_mtok": 0.1,
                    "cache_read_mtok": 0.003625,
                    "output_mtok": 1.5,
                    "input_video_mtok": 2,
                },
            }
        ],
    },
    {
        "id": "deepseek",
        "name": "DeepSeek",
        "api_pattern": r"https://api\.deepseek\.com",
        "models": [
            {"id": "deepseek-flash", "match": {"equals": "deepseek-flash"}, "prices": {"input_mtok": 99}}
        ],
    },
]


class Prices:
    def __init__(self, stage):
        self.stage = stage
        self.data = stage.directory / "data"

    def run(self, *arguments):
        return self.stage.run("prices", *arguments, "--data", str(self.data))

    def show(self, *arguments):
        done = self.run("show", *arguments, "--format", "json")
        assert done.returncode == 0, done.stderr
        return {price["currency"]: price for price in json.loads(done.stdout)}

    def file(self, name, content):
        path = self.stage.directory / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)


@pytest.fixture
def prices(stage):
    return Prices(stage)


def test_a_price_is_shown_for_an_instant_in_each_currency(prices):
    peak = prices.show("deepseek/deepseek-flash", "--at", PEAK)
    assert set(peak) == {"USD", "CNY"}
    usd = peak["USD"]
    assert (usd["model"], usd["per"], usd["phase"]) == ("deepseek/deepseek-flash", 1000000, "peak")
    assert (usd["input"], usd["cached_input"], usd["output"]) == ("0.3", "0.006", "1.2")
    assert (usd["valid_from"], usd["valid_until"]) == ("2026-09-10T04:00:00Z", "2026-12-31T16:00:00Z")
    assert usd["cache_write_1h"] is None
    cny = prices.show("deepseek-flash", "--at", OFF_PEAK)["CNY"]  # only one provider has it
    assert (cny["phase"], cny["input"], cny["cached_input"], cny["output"]) == ("off-peak", "1", "0.02", "4")


def test_what_is_not_known_is_unknown_and_the_exit_code_says_so(prices):
    for model, at in (
        ("deepseek/deepseek-flash", "2027-01-04T02:00:00Z"),
        ("deepseek/deepseek-chat", "2026-11-30"),
        ("deepseek/nothing", PEAK),
        ("nobody/nothing", PEAK),
    ):
        for form in ("table", "json", "csv"):
            done = prices.run("show", model, "--at", at, "--format", form)
            assert done.returncode == 1, (model, form)
            assert "unknown" in done.stderr
            if form == "json":
                assert all(price["price_version"] == "unknown" for price in json.loads(done.stdout))
    assert "no calendar of 2027" in prices.run("show", "deepseek-flash", "--at", "2027-01-04T02:00Z").stderr


def test_tiers_batches_and_sizes_are_asked_for(prices):
    sol = "openai/gpt-5.6-sol"
    assert prices.show(sol)["USD"]["input"] == "4"
    assert prices.show(sol, "--input", "272001")["USD"]["input"] == "8"
    assert prices.show(sol, "--tier", "flex")["USD"]["input"] == "2"
    assert prices.show(sol, "--batch", "--input", "272001")["USD"]["output"] == "15"
    assert prices.show("anthropic/claude-opus-5-5", "--tier", "us")["USD"]["input"] == "4.4"
    assert prices.run("show", sol, "--tier", "scale").returncode == 1
    every = json.loads(prices.run("show", sol, "--all", "--format", "json").stdout)
    assert {price["service_tier"] for price in every} == {None, "flex", "priority"}


def test_what_a_large_import_leaves_out_is_summed_up_by_its_reasons(prices):
    models = [
        {"id": name, "match": {"equals": name}, "prices": {"input_mtok": 1, "input_video_mtok": 2}}
        for name in (f"seer-{i}" for i in range(21))
    ]
    path = prices.file("many.json", [{**GENAI[0], "id": "seers", "models": models}])
    told = prices.run("import", path).stderr.splitlines()
    assert told[0].endswith("(21):") and told[1].startswith("  seers/seer-0 and 20 others: ")
    assert len(told) == 3 and "--format json" in told[2]
    each = json.loads(prices.run("import", path, "--format", "json").stdout)["left_out"]
    assert len(each) == 21


def test_an_import_fills_in_and_an_override_wins(prices):
    path = prices.file("genai.json", GENAI)
    done = prices.run("import", path)
    assert done.returncode == 0, done.stderr
    assert "input_video_mtok" in done.stderr  # what cannot be said is listed
    novel = prices.show("elsewhere/novel-1-turbo", "--at", PEAK)["USD"]
    assert (novel["input"], novel["cached_input"], novel["output"]) == ("0.1", "0.003625", "1.5")
    assert novel["origin"] == "import genai.json"
    assert prices.show("deepseek/deepseek-flash", "--at", PEAK)["USD"]["input"] == "0.3"

    assert prices.run("import", path, "--override").returncode == 0
    flash = prices.show("deepseek/deepseek-flash", "--at", PEAK)
    assert flash["USD"]["input"] == "99"
    assert flash["CNY"]["input"] == "2"  # it says nothing of that currency
    (kept,) = [file for file in prices.data.rglob("*") if file.is_file()]
    assert kept == prices.data / "prices" / "override" / "genai.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_configs_own_price_wins_over_everything(prices):
    assert prices.run("import", prices.file("genai.json", GENAI), "--override").returncode == 0
    config = prices.file(
        "own.yaml",
        "providers: { deepseek: { dialect: deepseek, key: k } }\n"
        "prices: { deepseek/deepseek-flash: { currency: USD, input: 150, per: 1000000000 } }\n",
    )
    own = prices.show("deepseek/deepseek-flash", "--at", PEAK, "-c", config)["USD"]
    assert (own["input"], own["origin"]) == ("0.15", "config")


def test_an_own_price_that_would_never_count_is_told_with_its_cure(prices):
    text = (
        "providers: { xx: { dialect: openai, key: k, base_url: 'https://xx.example/v1'%s } }\n"
        "models: { small: { ladder: [xx/foo] } }\n"
        "prices: { xx/foo: { currency: CNY, input: 1, output: 2 } }\n"
    )
    config = prices.file("sluice.yaml", text % "")
    told = prices.stage.run("check", "-c", config)
    assert told.returncode == 1
    assert "write currency: CNY under providers.xx" in told.stderr
    assert prices.run("show", "xx/foo", "-c", config).returncode != 0  # not as if it were in force
    cured = prices.file("sluice.yaml", text % ", currency: CNY")
    good = prices.stage.run("check", "-c", cured)
    assert good.returncode == 0 and "Warning" not in good.stdout
    assert prices.show("xx/foo", "-c", cured)["CNY"]["origin"] == "config"


def test_a_file_that_is_no_catalogue_is_not_kept(prices):
    for content in ("hello", "{}", "providers: { p: { models: { m: { prices: [{ as: n }] } } } }"):
        assert prices.run("import", prices.file("bad.yaml", content)).returncode == 1
    assert prices.run("import", str(prices.stage.directory / "missing.json")).returncode == 3
    assert prices.run("import").returncode == 2
    assert not prices.data.exists()


def test_a_difference_is_told_by_the_exit_code(prices):
    done = prices.run("diff", prices.file("genai.json", GENAI), "--at", PEAK, "--format", "json")
    assert done.returncode == 1
    differs = {(one["model"], one["meter"]): (one["ours"], one["theirs"]) for one in json.loads(done.stdout)}
    assert differs[("deepseek/deepseek-flash", "input")] == ("0.3", "99")
    assert differs[("elsewhere/novel-1", "input")] == (None, "0.1")
    same = prices.file(
        "same.yaml",
        "providers: { deepseek: { models: { deepseek-flash: { prices: [{ USD: "
        "{ input: 0.15, cached_input: 0.003, output: 0.6, search: 0.75/1000, fetch: 0.75/1000 } }] } } } }",
    )
    assert prices.run("diff", same, "--at", OFF_PEAK).returncode == 0


def test_a_calendar_can_be_imported(prices):
    assert prices.run("show", "deepseek-flash", "--at", "2027-01-04T02:00Z").returncode == 1
    calendar = prices.file("cn-2027.yaml", "calendars: { cn: { years: { 2027: [01-01..01-03] } } }\n")
    assert prices.run("import", calendar).returncode == 0
    assert prices.show("deepseek-flash", "--at", "2027-01-04T02:00Z")["USD"]["phase"] == "peak"


def test_a_price_ends_where_its_holidays_are_no_longer_known(prices):
    last = prices.show("deepseek/deepseek-flash", "--at", "2026-12-31T15:59:59Z")["CNY"]
    assert last["valid_until"] == "2026-12-31T16:00:00Z"
    assert prices.run("show", "deepseek-flash", "--at", "2026-12-31T16:00:00Z").returncode == 1
    assert prices.show("openai/gpt-4o-mini", "--at", "2026-12-31T15:59:59Z")["USD"]["valid_until"] is None
    calendar = prices.file("cn-2027.yaml", "calendars: { cn: { years: { 2027: [01-01..01-03] } } }\n")
    done = prices.run("import", calendar)
    assert done.returncode == 0
    assert "the holidays of cn 2027" in done.stdout and "0 models" not in done.stdout
    again = prices.show("deepseek/deepseek-flash", "--at", "2026-12-31T16:00:00Z")["CNY"]
    assert again["valid_until"] == "2027-12-31T16:00:00Z"


def test_a_calendar_that_differs_is_a_difference(prices):
    calendar = prices.file(
        "cn.yaml", "calendars: { cn: { years: { 2027: [01-01..01-03, 05-01], 2028: [01-01] } } }\n"
    )
    done = prices.run("diff", calendar, "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == [
        {"calendar": "cn", "year": 2027, "ours": None, "theirs": "01-01..01-03 05-01"},
        {"calendar": "cn", "year": 2028, "ours": None, "theirs": "01-01"},
    ]
    assert "calendar cn" in prices.run("diff", calendar).stdout
    kept = json.loads(prices.run("import", calendar, "--format", "json").stdout)
    assert kept["calendar_years"] == ["cn 2027 2028"]
    assert prices.run("diff", calendar).returncode == 0


def test_only_what_the_file_names_can_differ(prices):
    def diff(rates):
        path = prices.file(
            "one.yaml",
            "providers: { deepseek: { models: { deepseek-flash: { prices: [{ USD: %s }] } } } }" % rates,
        )
        done = prices.run("diff", path, "--at", OFF_PEAK, "--format", "json")
        told = {one["meter"]: (one["ours"], one["theirs"]) for one in json.loads(done.stdout)}
        assert done.returncode == (1 if told else 0)
        return told

    assert diff("{ input: 0.15 }") == {}  # nothing of searches and fetches
    assert diff("{ input: 0.15, page: 0, request: 0 }") == {}  # nothing and 0 are the same
    assert diff("{ output: 0.6, reasoning: 0.6 }") == {}  # counted as output by ours
    assert diff("{ output: 0.6, reasoning: 0.7 }") == {"reasoning": ("0.6", "0.7")}
    assert diff("{ input: 0.15, page: 3 }") == {"page": (None, "3")}


def test_the_list_comes_in_three_forms(prices):
    rows = json.loads(prices.run("list", "deepseek", "--at", PEAK, "--format", "json").stdout)
    assert {row["model"].split("/")[0] for row in rows} == {"deepseek"}
    printed = prices.run("list", "deepseek", "--at", PEAK, "--format", "csv").stdout
    comma = list(csv.DictReader(io.StringIO(printed)))
    assert len(comma) == len(rows)
    (flash,) = [row for row in comma if (row["model"], row["currency"]) == ("deepseek/deepseek-flash", "USD")]
    assert (flash["input"], flash["output"]) == ("0.3", "1.2")
    assert "deepseek/deepseek-flash" in prices.run("list").stdout
    assert prices.run("list", "nobody").returncode == 1


def test_check_names_the_models_that_have_no_price(prices):
    config = prices.file(
        "sluice.yaml",
        "providers:\n"
        "  deepseek: { dialect: deepseek, key: k }\n"
        "  other: { dialect: openai, key: k, base_url: 'https://x.example/v1', prices: opnai }\n"
        "  box: { dialect: openai, base_url: 'http://127.0.0.1:8000/v1', local: true }\n"
        "models:\n"
        "  assistant:\n"
        "    ladder: [box/small, deepseek/deepseek-flash, other/strange, deepseek/deepseek-chat]\n",
    )
    done = prices.stage.run("check", "-c", config)
    assert done.returncode == 0
    told = [line for line in done.stdout.splitlines() if line.startswith("Warning: ")]
    warnings = [line for line in told if "holidays" not in line]  # they depend on the day of the test
    assert warnings[0].startswith("Warning: No catalogue has a provider opnai")
    assert [line.split()[2] for line in warnings[1:]] == ["deepseek/deepseek-chat", "other/strange"]


OF_ONE = "providers: { one: { models: { gpt-4o-mini: { prices: [{ USD: { input: %s, output: %s } }] } } } }\n"


def cost_of(answer):
    return answer.headers.get("x-sluice-cost")


def test_a_running_gateway_charges_by_an_import_within_five_seconds(stage, simulator, prices):
    gateway = stage.gateway(config_for(simulator.url, data=str(prices.data)))
    assert cost_of(gateway.chat()) is None  # nobody knows what this provider takes
    assert prices.run("import", prices.file("one.yaml", OF_ONE % (1, 2))).returncode == 0
    eventually(lambda: cost_of(gateway.chat()), within=5.0)

    answer = gateway.chat()
    usage = answer.json()["usage"]
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    assert cached == 0  # it would cost as much as other input, here
    micro = usage["prompt_tokens"] + 2 * usage["completion_tokens"]
    assert Decimal(cost_of(answer).removesuffix(" USD")) == Decimal(micro).scaleb(-6)


def test_a_reload_puts_the_configs_own_prices_in_force(stage, simulator, prices):
    assert prices.run("import", prices.file("one.yaml", OF_ONE % (1, 2)), "--override").returncode == 0
    config = config_for(simulator.url, data=str(prices.data))
    gateway = stage.gateway(config)
    assert cost_of(gateway.chat()) != "0 USD"
    gateway.reload({**config, "prices": {"one/gpt-4o-mini": {"input": 0, "output": 0}}})
    assert cost_of(gateway.chat()) == "0 USD"


def test_a_reload_whose_prices_cannot_be_made_changes_nothing(stage, simulator, prices):
    assert prices.run("import", prices.file("one.yaml", OF_ONE % (1, 2))).returncode == 0
    config = config_for(simulator.url, data=str(prices.data))
    gateway = stage.gateway(config)
    before = cost_of(gateway.chat())
    bad = prices.data / "prices" / "fill" / "bad.yaml"
    bad.write_text("providers: { q: { models: { m: { prices: [{ as: n }] } } } }")
    free = {**config, "prices": {"one/gpt-4o-mini": {"input": 0, "output": 0}}}
    gateway.reload(free, outcome="refused")
    assert cost_of(gateway.chat()) == before
    bad.unlink()
    gateway.reload(free)
    assert cost_of(gateway.chat()) == "0 USD"


def test_an_import_that_cannot_be_read_is_told_and_the_others_hold(stage, simulator, prices):
    assert prices.run("import", prices.file("one.yaml", OF_ONE % (1, 2))).returncode == 0
    gateway = stage.gateway(config_for(simulator.url, data=str(prices.data)))
    (prices.data / "prices" / "fill" / "broken.json").write_text("{")
    (told,) = eventually(lambda: gateway.events("prices"), within=5.0)
    assert "broken.json" in told["message"]
    assert cost_of(gateway.chat())


def genai_file():
    folder = os.environ.get("SLUICE_DATA")
    return Path(folder) / "prices" / "genai_prices_v2.json" if folder else None


UNITS = {
    "input_mtok": "input",
    "cache_read_mtok": "cached_input",
    "cache_write_mtok": "cache_write_5m",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "output",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "input_audio",
    "input_image_mtok": "input_image",
    "output_audio_mtok": "output_audio",
    "output_image_mtok": "output_image",
    "requests_kcount": "request",
    "web_searches_kcount": "search",
}


def in_force(model, at):
    """The last price whose condition holds, as the format's own description says."""
    prices = model["prices"]
    if isinstance(prices, dict):
        return prices
    for one in reversed(prices):
        constraint = one.get("constraint") or {}
        start = constraint.get("start_date")
        if start and at.date() < datetime.date.fromisoformat(start):
            continue
        if "start_time" in constraint:
            start, end = (
                datetime.time.fromisoformat(constraint[name].rstrip("Z"))
                for name in ("start_time", "end_time")
            )
            inside = start <= at.time() < end if start < end else not end <= at.time() < start
            if not inside:
                continue
        return one["prices"]
    return prices[0]["prices"]


def amount(price, tokens):
    if not isinstance(price, dict):
        return price
    reached = [tier["price"] for tier in price["tiers"] if tokens > tier["start"]]
    return reached[-1] if reached else price["base"]


@pytest.mark.skipif(
    not (genai_file() and genai_file().exists()),
    reason="SLUICE_DATA has no prices/genai_prices_v2.json (of pydantic/genai-prices)",
)
def test_every_model_of_the_public_file_is_priced_as_it_says(prices):
    providers = json.loads(genai_file().read_text(), parse_float=Decimal, parse_int=Decimal)
    assert prices.run("import", str(genai_file()), "--override").returncode == 0
    for at in ("2025-06-09T12:00:00Z", "2026-07-30T00:00:00Z", "2026-11-30T20:00:00Z"):
        for tokens in (0, 300000):
            done = prices.run("list", "--at", at, "--input", str(tokens), "--format", "json")
            rows = {
                row["model"]: row
                for row in json.loads(done.stdout)
                if row["currency"] == "USD" and row.get("origin", "").startswith("import")
            }
            priced, wrong = compared(providers, rows, at, tokens)
            assert not wrong, (at, tokens, wrong[:10])
            assert priced > 1250


def compared(providers, rows, at, tokens):
    """How many models have a price by the file, and which of their amounts are others here."""
    instant = datetime.datetime.fromisoformat(at.replace("Z", "+00:00"))
    priced, wrong = 0, []
    for provider in providers:
        named = {}  # two models may differ in nothing but case
        for model in provider["models"]:
            named.setdefault(model["id"].lower(), model)
        for name, model in named.items():
            written = {key: price for key, price in in_force(model, instant).items() if key in UNITS}
            priced += bool(written)
            row = rows.get(f"{provider['id']}/{name}", {})
            for key, price in written.items():
                rate = amount(price, tokens) * (1000 if key.endswith("kcount") else 1)
                shown = row.get(UNITS[key])
                if shown is None or abs(Decimal(shown) - rate) > Decimal("1e-12"):
                    wrong.append((name, key, rate, shown))
    return priced, wrong
