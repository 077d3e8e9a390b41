"""Bills and what-ifs of a ledger that was written beforehand, with the real commands."""

import csv
import io
import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from programs import PATIENCE

ROWS = 3000
MOVES = "--to-model", "deepseek/deepseek-flash"


@pytest.fixture(scope="session")
def past(tmp_path_factory):
    """A data directory with a month of traffic; whoever reads it changes nothing but the index."""
    root = Path(__file__).resolve().parents[2]
    binaries = Path(os.environ.get("SLUICE_BIN_DIR", root / "build" / "dev" / "bin"))
    directory = tmp_path_factory.mktemp("past") / "data"
    command = [str(binaries / "ledger_rows"), str(directory), str(ROWS), "30"]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return directory


class Books:
    def __init__(self, stage, data):
        self.stage = stage
        self.data = data

    def run(self, *arguments, code=0):
        done = self.stage.run(*arguments, "--data", str(self.data))
        assert done.returncode == code, done.stderr + done.stdout
        return done.stdout

    def bill(self, *arguments):
        return json.loads(self.run("bill", "--format", "json", *arguments))

    def what_if(self, *arguments):
        return json.loads(self.run("what-if", "--format", "json", *arguments))


@pytest.fixture
def books(stage, past):
    return Books(stage, past)


def amount(text):
    figure, currency = text.split(" ")
    assert currency == "USD"
    return Decimal(figure)


def total(bill):
    return sum(amount(one["cost"]) for one in bill["total"] if one["cost"] is not None)


def test_every_split_sums_up_to_the_same_total(books):
    whole = books.bill()
    assert sum(one["requests"] for one in whole["total"]) == ROWS
    assert whole["unknown_price_models"] == {"openai/nobody-knows": whole["unknown_price_requests"]}
    for by in ("team", "model", "hour", "day", "team,model", "user", "tag:app", "price_version", "key_id"):
        bill = books.bill("--by", by)
        assert sum(amount(row["cost"]) for row in bill["rows"] if row["cost"]) == total(whole), by
        assert sum(row["requests"] for row in bill["rows"]) == ROWS, by
        assert bill["total"] == whole["total"], by
        assert bill["unknown_price_requests"] == whole["unknown_price_requests"], by
        assert all(name in row for row in bill["rows"] for name in by.split(",")), by


def test_periods_split_without_a_gap(books):
    parts = [
        books.bill("--to", "2026-11-10T12:34:56Z"),
        books.bill("--from", "2026-11-10T12:34:56Z", "--to", "2026-11-20", "--timezone", "+08:00"),
        books.bill("--from", "2026-11-20", "--timezone", "+08:00"),
    ]
    assert sum(total(part) for part in parts) == total(books.bill())


def test_days_are_those_of_the_persons_clock(books):
    days = [row["day"] for row in books.bill("--by", "day", "--timezone", "+08:00")["rows"]]
    assert days[0] == "2026-10-29" and days[-1] == "2026-11-28"
    first = books.bill("--by", "day", "--timezone", "+08:00")["rows"][0]
    same = books.bill("--from", "2026-10-29", "--to", "2026-10-30", "--timezone", "+08:00")
    assert total(same) == sum(
        amount(row["cost"])
        for row in books.bill("--by", "day", "--timezone", "+08:00")["rows"]
        if row["day"] == first["day"] and row["cost"]
    )


def test_filters_take_what_they_name(books):
    by_team = {}
    for row in books.bill("--by", "team")["rows"]:
        by_team[row["team"]] = by_team.get(row["team"], 0) + (amount(row["cost"]) if row["cost"] else 0)
    assert total(books.bill("--team", "support")) == by_team["support"]
    assert total(books.bill("--where", "team=support|search")) == by_team["support"] + by_team["search"]
    both = total(books.bill("--team", "support", "--team", "search"))
    assert both == by_team["support"] + by_team["search"]
    assert total(books.bill("--team", "support", "--where", "tag:app=help")) < by_team["support"]
    assert books.bill("--team", "nobody")["rows"] == []


def test_requests_are_listed_each_with_its_row(books):
    bill = books.bill("--by", "request")
    assert len({row["request_id"] for row in bill["rows"]}) == ROWS
    assert bill["total"] == books.bill()["total"]
    lines = books.run("bill", "--by", "request", "--format", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == bill["rows"]


def test_one_price_is_explained_term_by_term_and_gives_the_cost_back(books):
    row = next(row for row in books.bill("--by", "request", "--where", "price_phase=peak")["rows"])
    one = json.loads(books.run("bill", "--row", row["request_id"], "--format", "json"))
    assert one["request_id"] == row["request_id"] and one["confirmed"] is True
    assert sum(amount(term["amount"]) for term in one["terms"]) == Decimal(row["cost"].split(" ")[0])
    assert {term["meter"]: term["count"] for term in one["terms"]} == {
        meter: count for meter, count in row["usage"].items() if meter != "units" and count
    }
    text = books.run("bill", "--row", row["request_id"], "--timezone", "UTC")
    cached = row["usage"]["cached_input"]
    if cached:
        assert f"{cached:,} cached input x 0." in text
    assert f"version {row['price_version']}" in text and "(peak, 2026-1" in text
    assert "the same to the last digit" in text


def test_a_request_that_is_not_there_is_a_no(books):
    books.run("bill", "--row", "req_nobody", code=1)


def test_tables_csv_and_focus_say_the_same(books):
    table = books.run("bill", "--by", "team,model", "--timezone", "UTC")
    assert " of openai/nobody-knows" in table and "support" in table
    rows = list(csv.DictReader(io.StringIO(books.run("bill", "--by", "team", "--format", "csv"))))
    assert sum(Decimal(row["cost"]) for row in rows if row["cost"]) == total(books.bill())
    for grain in ((), ("--by", "hour")):
        focus = list(csv.DictReader(io.StringIO(books.run("bill", "--format", "focus", *grain))))
        cost = sum(Decimal(line["EffectiveCost"]) for line in focus if line["EffectiveCost"])
        assert cost == total(books.bill())
        assert {line["ConsumedUnit"] for line in focus} == {"Tokens"}


def test_a_conversion_is_a_view(books):
    bill = books.bill("--convert", "USD=7 CNY")
    assert bill["total"][-1]["cost"].endswith(" USD")
    figure, currency = bill["converted"]["cost"].split(" ")
    assert currency == "CNY" and Decimal(figure) == total(bill) * 7
    assert bill["converted"]["rates"] == {"USD": "7 CNY"}


def test_nothing_supposed_changes_nothing(books):
    result = books.what_if()
    assert result["requests"] == ROWS and result["changed"] == 0
    assert result["total"][0]["difference"] == "0 USD"
    assert amount(result["total"][0]["recorded"]) == total(books.bill())
    assert sum(one["requests"] for one in result["left_out"]) == books.bill()["unknown_price_requests"]
    assert amount(books.what_if("--prices", "catalogue")["total"][0]["difference"]) == 0


DIMENSIONS = ["team", "model", "provider", "tag:app", "rung", "operation", "status", "stream"]


@pytest.mark.parametrize("by", DIMENSIONS)
def test_a_what_if_counts_the_requests_that_a_bill_counts(books, by):
    requests = {}
    for row in books.bill("--by", by)["rows"]:
        requests[row[by]] = requests.get(row[by], 0) + row["requests"]
    for value, count in requests.items():
        assert books.what_if("--where", f"{by}={value}")["requests"] == count


def test_suppositions_are_priced_exactly(books):
    flash = ("--where", "model=deepseek/deepseek-flash")
    peak = total(books.bill(*flash, "--where", "price_phase=peak"))
    (off_peak,) = books.what_if("--off-peak", *flash)["total"]
    assert amount(off_peak["difference"]) == -peak / 2
    usage = books.bill(*flash, "--where", "price_phase=off-peak")["rows"][0]["usage"]
    (fresh,) = books.what_if("--no-provider-cache", *flash, "--where", "price_phase=off-peak")["total"]
    assert amount(fresh["difference"]) == usage["cached_input"] * Decimal("0.147") / 1000000


def test_another_model_takes_a_share_of_the_traffic(books):
    pro = (*MOVES, "--of", "model=deepseek/deepseek-v4-pro")
    all_of_it = books.what_if(*pro)
    some = books.what_if(*pro, "--share", "30%")
    assert 0.2 < some["moved"] / all_of_it["moved"] < 0.4
    assert amount(all_of_it["total"][0]["difference"]) < amount(some["total"][0]["difference"]) < 0
    assert books.what_if(*pro, "--share", "30%", "--threads", "1") == some


def test_cache_hits_cost_nothing_and_a_file_has_other_prices(books, stage):
    hits = books.what_if("--cache-hits", "20%")
    assert 0.15 < hits["hits"] / ROWS < 0.25
    one = "{ deepseek-flash: { prices: [{ USD: { input: 1, output: 1 } }] } }"
    (stage.directory / "mine.yaml").write_text(f"providers: {{ deepseek: {{ models: {one} }} }}")
    mine = books.what_if("--prices", "mine.yaml", "--where", "model=deepseek/deepseek-flash")
    usage = books.bill("--where", "model=deepseek/deepseek-flash")["rows"][0]["usage"]
    tokens = sum(count for meter, count in usage.items() if meter != "units")
    assert amount(mine["total"][0]["supposed"]) == Decimal(tokens) / 1000000


def test_what_cannot_be_priced_again_is_named(books):
    result = books.what_if("--at", "2026-08-20")
    reasons = {one["reason"]: one["requests"] for one in result["left_out"]}
    assert any("deepseek-flash is known for 2026-08-" in reason for reason in reasons)
    assert sum(reasons.values()) + result["priced_again"] + result["newly_priced"] == ROWS
    told = books.run("what-if", "--at", "2026-08-20")
    assert "cannot be priced again" in told
    assert result["undated"] > 0 and "have prices without a known beginning" in told


def test_a_what_if_as_csv_has_the_totals_and_says_the_rest_beside_them(books):
    arguments = "what-if", "--at", "2026-08-20", "--convert", "USD=7.1 CNY", "--data", str(books.data)
    done = books.stage.run(*arguments, "--format", "csv")
    assert done.returncode == 0, done.stderr
    (line,) = csv.DictReader(io.StringIO(done.stdout))
    (total,) = books.what_if("--at", "2026-08-20")["total"]
    assert line["currency"] == "USD" and line["converted_currency"] == "CNY"
    for figure in ("recorded", "supposed", "difference"):
        assert Decimal(line[figure]) == amount(total[figure])
        assert Decimal(line[f"converted_{figure}"]) == amount(total[figure]) * Decimal("7.1")
    assert "cannot be priced again and are in neither total" in done.stderr
    assert "converted" not in books.run("what-if", "--format", "csv")


@pytest.mark.parametrize(
    "arguments",
    [
        ("bill", "--by", "tema"),
        ("bill", "--by", "org,team,project,key_id,user,session,model,provider,rung"),
        ("bill", "--from", "tody"),
        ("bill", "--from", "today", "--to", "yesterday"),
        ("bill", "--timezone", "Mars/Olympus"),
        ("bill", "--where", "team"),
        ("bill", "--format", "xml"),
        ("bill", "--convert", "USD=7"),
        ("bill", "--by", "team", "--format", "focus"),
        ("bill", "extra"),
        ("bill", "--check", "--row", "a"),
        ("bill", "--check", "--by", "team"),
        ("bill", "--check", "--team", "support"),
        ("bill", "--row", "a", "--by", "team"),
        ("bill", "--row", "a", "--from", "today"),
        ("bill", "--row", "a", "--format", "jsonl"),
        ("bill", "--by", "request,team"),
        ("bill", "--format", "focus", "--convert", "USD=7 CNY"),
        ("bill", "--where", "status=502"),
        ("bill", "--rung", "purple"),
        ("what-if", "--where", "stream=yes"),
        ("what-if", "--share", "30%"),
        ("what-if", "--to-model", "nobody/unheard-of"),
        ("what-if", "--cache-hits", "120%"),
        ("what-if", "--at", "someday"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(books, arguments):
    done = books.stage.run(*arguments, "--data", str(books.data))
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.startswith("sluice: ") and done.stderr.count("\n") == 1


READERS = [
    ("bill",),
    ("bill", "--row", "req_1"),
    ("what-if",),
    ("ledger", "verify"),
    ("ledger", "rebuild"),
    ("keys", "list"),
    ("keys", "revoke", "key_1"),
]


@pytest.mark.parametrize("reader", READERS)
def test_whoever_only_reads_makes_no_data_directory(stage, reader):
    for options in ((), ("--data", "typo")):
        done = stage.run(*reader, *options)
        assert done.returncode == 3 and done.stdout == ""
        assert "yet: " in done.stderr and "--data" in done.stderr
    assert [path.name for path in stage.directory.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("reader", [*READERS, ("prices", "list")])
def test_a_config_with_mistakes_is_in_the_way_of_a_reader(stage, reader):
    (stage.directory / "bad.yaml").write_text("listen: 12\n")
    done = stage.run(*reader, "-c", "bad.yaml")
    assert done.returncode == 3 and "bad.yaml:1:9" in done.stderr


def test_single_requests_as_csv_have_what_their_json_has(books):
    rows = books.bill("--by", "request")["rows"]
    lines = list(csv.DictReader(io.StringIO(books.run("bill", "--by", "request", "--format", "csv"))))
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows):
        for name in ("request_id", "started", "key_id", "team", "project", "user", "price_version"):
            assert line[name] == (row[name] or ""), name
        assert json.loads(line["tags"] or "{}") == row["tags"]
        assert line["cost"] == (row["cost"] or "").removesuffix(" USD")
        assert int(line["cached_input"]) == row["usage"]["cached_input"]


def test_one_price_as_csv_has_a_line_for_each_term(books):
    row = books.bill("--by", "request", "--where", "price_phase=peak")["rows"][0]
    text = books.run("bill", "--row", row["request_id"], "--format", "csv")
    terms = list(csv.DictReader(io.StringIO(text)))
    assert sum(Decimal(term["amount"]) for term in terms) == amount(row["cost"])


def test_an_unknown_price_is_called_unknown_and_confirms_nothing(books):
    row = books.bill("--by", "request", "--where", "price_version=unknown")["rows"][0]
    one = json.loads(books.run("bill", "--row", row["request_id"], "--format", "json"))
    assert one["cost"] is None and one["confirmed"] is None
    text = books.run("bill", "--row", row["request_id"])
    assert "cost unknown" in text and f"{row['usage']['input']:,} input x unknown" in text


def test_an_empty_ledger_is_an_empty_bill(stage):
    books = Books(stage, stage.directory / "nothing")
    books.data.mkdir(mode=0o700)
    nothing = {"unknown_price_requests": 0, "unknown_price_models": {}, "missing_before": None}
    empty = {"rows": [], "total": [], **nothing}
    assert books.bill() == empty
    assert "no request" in books.run("bill")
    assert books.what_if()["requests"] == 0
