"""Budgets and rate limits on the real programs: nothing is overshot, whatever happens to the requests."""

import asyncio
import contextlib
import json
import random
import resource
import time
from decimal import Decimal

import pytest

from conftest import config_for
from programs import ask, eventually

TOKENS = 2000  # of each answer, and its limit
HELLO = [{"role": "user", "content": "Hello!"}]
FULL = {"x-sim-fault": f"tokens={TOKENS}"}
SLOW = {"x-sim-fault": f"tokens={TOKENS};delay=300ms"}


@pytest.fixture(autouse=True)
def many_files():
    """A thousand connections, each of them in three programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def governed(simulator, **more):
    config = config_for(
        simulator.url,
        models={
            "m": {"ladder": ["one/gpt-4o-mini"]},
            "ladder": {"ladder": ["one/gpt-4o-mini", "one/gpt-4o"]},
        },
    )
    config["providers"]["one"] |= {"prices": "openai", "flavour": "openai"}
    return config | more


def budget(limit, scope="org", **more):
    return {"scope": scope, "limit": f"{limit} USD", "window": "day", **more}


def ask_full(gateway, headers=FULL, **more):
    return gateway.chat(headers, max_tokens=TOKENS, **more)


def price_of_one(stage, simulator, **more):
    """What is reserved for one such request."""
    gateway = stage.gateway(governed(simulator, budgets=[budget(1000)]))
    (candidate,) = ask_full(gateway, FULL | {"x-sluice-explain": "only"}, **more).json()["candidates"]
    gateway.stop()
    return amount(candidate["price"])


def amount(text):
    value, currency = text.split()
    assert currency == "USD"
    return Decimal(value)


def cost_of(gateway, request_id):
    return amount(gateway.ask("GET", "/sluice/v1/requests/" + request_id).json()["cost"])


def billed(stage, gateway):
    """What its ledger says that was spent."""
    done = stage.run("bill", "--format", "json", "--data", gateway.config["data"])
    assert done.returncode == 0, done.stderr
    totals = json.loads(done.stdout)["total"]
    return sum((amount(total["cost"]) for total in totals if total["cost"]), Decimal(0))


def calls_of(gateway):
    return gateway.metrics()['sluice_upstream_in_flight{provider="one"}']


@contextlib.contextmanager
def unanswered_call(gateway, simulator, **wishes):
    """A call that has reached its provider, which is silent; its client goes at the end."""
    body = json.dumps({"model": "m", "messages": HELLO, "max_tokens": TOKENS, **wishes})
    before = len(simulator.requests())
    with gateway.connect() as raw:
        raw.send(
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-sim-fault: delay=20s\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}"
        )
        eventually(lambda: len(simulator.requests()) > before, what="the call")
        yield


async def ask_raw(port, body, headers):
    """One request on a connection of its own: status, fields, body; none where it was cut off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    text = json.dumps(body)
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{fields}"
    writer.write(f"{head}content-length: {len(text)}\r\n\r\n{text}".encode())
    try:
        answer = await reader.read(-1)
    except ConnectionError:
        answer = b""
    writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    if not head:
        return None
    lines = head.decode("latin-1").split("\r\n")
    return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:]), rest


def ask_many(gateway, count, headers=SLOW, **more):
    body = {"model": "m", "messages": HELLO, "max_tokens": TOKENS, **more}

    async def run():
        return await asyncio.gather(
            *(
                ask_raw(gateway.address, body | {"stream": number % 2 == 1}, headers)
                for number in range(count)
            )
        )

    return asyncio.run(run())


@pytest.mark.parametrize("callers", [10, 100, 1000])
def test_with_room_for_ten_there_is_never_an_eleventh(stage, simulator, callers):
    """All at once, every other one a stream; who is refused is told which budget it is and when it opens."""
    limit = 10 * price_of_one(stage, simulator)
    gateway = stage.gateway(governed(simulator, budgets=[budget(limit, output_floor=TOKENS)]))
    answers = ask_many(gateway, callers)
    midnight = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 86400))
    statuses = [answer[0] for answer in answers]
    assert 9 <= statuses.count(200) <= 10
    assert statuses.count(429) == callers - statuses.count(200)
    for status, fields, body in answers:
        if status == 429:
            assert fields["x-should-retry"] == "false"
            assert b'"budget_exceeded"' in body
            assert b"the budget of org has " in body
            assert f"it opens again at {midnight}".encode() in body
    assert billed(stage, gateway) <= limit
    assert len(simulator.requests()) == statuses.count(200)


def test_who_is_refused_is_told_which_budget_and_when_it_opens(stage, simulator):
    one = price_of_one(stage, simulator)
    gateway = stage.gateway(governed(simulator, budgets=[budget(one * 3 / 2, output_floor=TOKENS)]))
    assert ask_full(gateway).status == 200
    answer = ask_full(gateway)
    assert answer.status == 429
    assert answer.error["code"] == "budget_exceeded"
    assert "the budget of org" in answer.error["message"]
    midnight = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 86400))
    assert f"it opens again at {midnight}" in answer.error["message"]
    assert gateway.record_of(answer)["error"] == "budget_exceeded"
    assert len(simulator.requests()) == 1


def ask_until_one_is_refused(gateway, callers):
    """Callers who ask again and again: what is used of the budget when the first is refused, and how long one
    that is answered has waited at most."""
    found = []
    longest = 0

    async def keep_asking(number):
        nonlocal longest
        dice = random.Random(number)
        while not found:
            headers = {"x-sim-fault": f"tokens={dice.randint(50, 400)};delay=100ms"}
            body = {"model": "m", "messages": HELLO, "max_tokens": TOKENS, "stream": dice.random() < 0.5}
            begun = time.monotonic()
            status, _, text = await ask_raw(gateway.address, body, headers)
            if status == 200:
                longest = max(longest, time.monotonic() - begun)
            elif not found:
                assert b"budget_exceeded" in text
                (account,) = operate(gateway, "GET", "/budgets").json()["budgets"]
                found.append(amount(account["used"]))

    async def run():
        await asyncio.gather(*(keep_asking(number) for number in range(callers)))

    asyncio.run(run())
    return found[0], longest


@pytest.mark.parametrize("mode", ["strict", "typical"])
@pytest.mark.parametrize("callers", [10, 100, 1000])
def test_nine_tenths_of_a_budget_are_used_before_anybody_is_refused(stage, simulator, callers, mode):
    """With the default reserve_wait. What it prints is the table of docs/budgets.md."""
    limit = 20 * price_of_one(stage, simulator)
    gateway = stage.gateway(governed(simulator, budgets=[budget(limit, mode=mode)]))
    used, longest = ask_until_one_is_refused(gateway, callers)
    spent = billed(stage, gateway)
    print(
        f"{mode}, {callers} callers: {100 * used / limit:.1f} % when one was refused, "
        f"{100 * spent / limit:.2f} % in the end; the longest answer took {longest:.1f} s"
    )
    assert used >= Decimal("0.9") * limit
    if mode == "strict":
        assert spent <= limit


def test_near_the_edge_most_of_a_budget_is_used(stage, simulator):
    """Who is kept back only by what others hold waits for its turn; the last one gets what is left."""
    limit = 50 * price_of_one(stage, simulator)
    gateway = stage.gateway(governed(simulator, budgets=[budget(limit)]))
    answers = ask_many(gateway, 200, {"x-sim-fault": "tokens=900;delay=20ms"})
    assert Decimal("0.9") * limit <= billed(stage, gateway) <= limit
    assert sum(answer[0] == 200 for answer in answers) > 100


def test_the_last_answer_is_shortened_to_what_is_left(stage, simulator):
    one = price_of_one(stage, simulator)
    gateway = stage.gateway(governed(simulator, budgets=[budget(one * 3 / 2)]))
    whole = ask_full(gateway)
    assert "x-sluice-max-tokens" not in whole.headers
    shortened = ask_full(gateway)
    assert shortened.status == 200
    lowered = int(shortened.headers["x-sluice-max-tokens"])
    assert 256 <= lowered < TOKENS
    (_, second) = simulator.requests()
    assert json.loads(simulator.body(second["number"]))["max_tokens"] == lowered
    assert ask_full(gateway).status == 429
    assert billed(stage, gateway) <= one * 3 / 2


def test_a_request_counts_on_all_of_its_budgets_or_on_none(stage, simulator):
    one = price_of_one(stage, simulator)
    rules = [budget(10 * one), budget(one * 3 / 2, "user/*", output_floor=TOKENS)]
    gateway = stage.gateway(governed(simulator, budgets=rules))
    ann, bob = ({"x-sluice-user": name, **FULL} for name in ("ann", "bob"))
    assert ask_full(gateway, ann).status == 200
    for _ in range(20):  # what one of them is refused costs the other nothing
        assert "user/ann" in ask_full(gateway, ann).error["message"]
    assert ask_full(gateway, bob).status == 200


def test_bytes_stay_as_they_were_where_no_budget_holds(stage, simulator):
    gateway = stage.gateway(governed(simulator, budgets=[budget(1, "user/ann")]))
    body = b'{ "model":"one/gpt-4o-mini",  "messages":[{"role":"user","content":"Hello!"}]}'
    assert gateway.ask("POST", "/v1/chat/completions", body).status == 200
    assert gateway.ask("POST", "/v1/chat/completions", body, {"x-sluice-user": "ann"}).status == 200
    as_it_came, limited = simulator.requests()
    assert simulator.body(as_it_came["number"]) == body.replace(b"one/", b"")
    assert json.loads(simulator.body(limited["number"]))["max_completion_tokens"] == 16_384  # the model's own


def test_what_failed_or_was_hung_up_on_gives_back_what_it_did_not_cost(stage, simulator):
    one = price_of_one(stage, simulator)
    gateway = stage.gateway(governed(simulator, budgets=[budget(one * 5 / 4, output_floor=TOKENS)]))
    for _ in range(5):
        assert ask_full(gateway, {"x-sim-fault": "status=503"}).status == 503
    for _ in range(5):
        with unanswered_call(gateway, simulator, stream=True):
            pass
        eventually(lambda: calls_of(gateway) == 0, what="the end of the call")
    eventually(lambda: ask_full(gateway).status == 200, what="room")
    assert billed(stage, gateway) <= one * 5 / 4


@pytest.mark.parametrize("fault", ["length=long", "length=short"])
def test_an_answer_that_is_lost_on_the_way_counts_as_what_was_reserved(stage, simulator, fault):
    """Its provider bills it, and what it used nobody tells: it is not free."""
    one = price_of_one(stage, simulator)
    config = governed(simulator, budgets=[budget(3 * one, output_floor=TOKENS)], retry={"attempts_max": 1})
    gateway = stage.gateway(config)
    lost = [ask_full(gateway, {"x-sim-fault": f"{fault};tokens={TOKENS}"}) for _ in range(4)]
    assert [answer.status for answer in lost] == [502, 502, 502, 429]
    assert lost[3].error["code"] == "budget_exceeded"
    assert "cost" not in gateway.record_of(lost[0])  # not 0
    bill = stage.run("bill", "--format", "json", "--data", gateway.config["data"])
    assert '"unknown_price_requests":3' in bill.stdout


def test_a_whole_answer_that_its_client_does_not_wait_for_counts_as_what_was_reserved(stage, simulator):
    """How far it was nobody tells: the provider may bill nearly all of it."""
    one = price_of_one(stage, simulator)
    gateway = stage.gateway(governed(simulator, budgets=[budget(2 * one, output_floor=TOKENS)]))
    for _ in range(2):
        with unanswered_call(gateway, simulator):
            pass
        eventually(lambda: calls_of(gateway) == 0, what="the end of the call")
    assert ask_full(gateway).status == 429
    asked = ("bill", "--format", "json", "--data", gateway.config["data"])
    assert json.loads(stage.run(*asked).stdout)["unknown_price_requests"] == 2


@pytest.mark.parametrize("ladder", [["one/gpt-4o-mini"], ["two/gpt-4o-mini", "one/gpt-4o-mini"]])
def test_a_call_that_timed_out_has_an_unknown_cost_whoever_answers_then(stage, simulator, ladder):
    one = price_of_one(stage, simulator)
    config = governed(simulator, budgets=[budget(3 * one)], models={"m": {"ladder": ladder}})
    config["providers"]["two"] = dict(config["providers"]["one"])
    config["providers"]["one"]["timeout"] = {"first_byte": "200ms"}
    gateway = stage.gateway(config)
    answer = ask_full(gateway, {"x-sim-fault": "delay=1s"})
    assert answer.status == (502 if len(ladder) == 1 else 200)
    row = gateway.ask("GET", "/sluice/v1/requests/" + answer.headers["x-sluice-request-id"]).json()
    assert row["attempts"][0]["price_version"] == "unknown"
    assert "x-sluice-cost" not in answer.headers and "cost" not in gateway.record_of(answer)  # not 0
    (account,) = gateway.ask_admin("/admin/v1/budgets").json()["budgets"]
    assert amount(account["used"]) == one + billed(stage, gateway)


def test_what_is_kept_for_a_call_of_unknown_cost_outlives_a_kill(stage, simulator, tmp_path):
    one = price_of_one(stage, simulator)
    config = governed(simulator, budgets=[budget(3 * one)], data=str(tmp_path / "d"))
    config["providers"]["one"]["timeout"] = {"first_byte": "200ms"}
    gateway = stage.gateway(config)
    lost = ask_full(gateway, {"x-sim-fault": "delay=1s"})
    assert lost.status == 502
    row = gateway.ask("GET", "/sluice/v1/requests/" + lost.headers["x-sluice-request-id"]).json()
    assert amount(row["attempts"][0]["held"]) == one

    def used(gateway):
        return [amount(each["used"]) for each in gateway.ask_admin("/admin/v1/budgets").json()["budgets"]]

    assert used(gateway) == [one]
    gateway.kill()
    again = stage.gateway(config)
    assert used(again) == [one]
    assert not again.events("budgets_unsettled")
    again.kill()
    for state in tmp_path.glob("d/budgets.state"):
        state.unlink()
    config["budgets"] = config["budgets"] + [budget(5 * one, scope="model/*")]
    assert used(stage.gateway(config)) == [one, one]
    shown = stage.run("bill", "--row", lost.headers["x-sluice-request-id"], "--data", config["data"])
    assert f"budgets count {row['attempts'][0]['held']} for it" in shown.stdout


def test_embeddings_that_timed_out_cost_their_prompt_whoever_answers_then(stage, simulator):
    model = "text-embedding-3-small"
    models = {"m": {"ladder": [f"two/{model}", f"one/{model}"]}}
    config = governed(simulator, budgets=[budget(1)], models=models)
    config["providers"]["two"] = dict(config["providers"]["one"])
    config["providers"]["one"]["timeout"] = {"first_byte": "200ms"}
    gateway = stage.gateway(config)
    body = json.dumps({"model": "m", "input": "one tide"})
    answer = gateway.ask("POST", "/v1/embeddings", body.encode(), {"x-sim-fault": "delay=1s"})
    assert answer.status == 200
    row = gateway.ask("GET", "/sluice/v1/requests/" + answer.headers["x-sluice-request-id"]).json()
    failed = row["attempts"][0]
    assert (failed["error"], failed["held"]) == ("timeout", None)
    assert failed["usage"]["input"] > 0 and amount(failed["cost"]) > 0
    (account,) = gateway.ask_admin("/admin/v1/budgets").json()["budgets"]
    assert amount(account["used"]) == amount(row["cost"]) > amount(failed["cost"])


def test_what_was_under_way_when_it_was_killed_counts_as_spent(stage, simulator, tmp_path):
    one = price_of_one(stage, simulator)
    config = governed(simulator, budgets=[budget(one * 7 / 2, output_floor=TOKENS)], data=str(tmp_path / "d"))
    first = stage.gateway(config)
    assert ask_full(first).status == 200
    kill_under_way(first, simulator)
    second = stage.gateway(config)
    told = eventually(lambda: second.events("budgets_unsettled"), what="the log line budgets_unsettled")
    assert "1 " in told[0]["message"]
    assert ask_full(second).status == 200
    assert ask_full(second).status == 429
    second.kill()
    third = stage.gateway(config)
    assert ask_full(third).status == 429


def operate(gateway, method, path, body=None):
    content = None if body is None else json.dumps(body).encode()
    return ask(gateway.admin, method, "/admin/v1" + path, content, {"content-type": "application/json"})


def kill_under_way(gateway, simulator):
    with unanswered_call(gateway, simulator):
        gateway.kill()


def test_once_it_is_said_what_a_lost_call_cost_the_rest_is_free_again(stage, simulator, tmp_path):
    one = price_of_one(stage, simulator)
    config = governed(simulator, budgets=[budget(one * 3 / 2, output_floor=TOKENS)], data=str(tmp_path / "d"))
    kill_under_way(stage.gateway(config), simulator)
    gateway = stage.gateway(config)
    assert ask_full(gateway).status == 429
    (lease,) = operate(gateway, "GET", "/leases").json()["leases"]
    assert (amount(lease["worst"]), lease["model"]) == (one, "one/gpt-4o-mini")
    settle = f"/leases/{lease['request_id']}/settle"
    for cost in ("1 CNY", "-1 USD", "0.0001", ""):
        assert operate(gateway, "POST", settle, {"cost": cost}).status == 400
    assert operate(gateway, "GET", "/leases").json()["leases"] == [lease]
    settled = operate(gateway, "POST", settle, {"cost": "0.0001 USD"})
    assert settled.json() == {"request_id": lease["request_id"], "cost": "0.0001 USD", "leases": [lease]}
    assert ask_full(gateway).status == 200
    assert cost_of(gateway, lease["request_id"]) == Decimal("0.0001")
    assert operate(gateway, "POST", settle, {"cost": "0"}).status == 404
    (entry,) = operate(gateway, "GET", "/audit").json()["entries"]
    assert (entry["who"], entry["action"]) == ("api:127.0.0.1", "lease.settle")
    assert (entry["before"], entry["after"]) == ({"leases": [lease]}, {"cost": "0.0001 USD"})
    gateway.kill()
    again = stage.gateway(config)
    assert operate(again, "GET", "/leases").json() == {"leases": [], "next": None}


def test_a_raise_lets_the_next_request_pass_and_outlives_a_restart(stage, simulator, tmp_path):
    one = price_of_one(stage, simulator)
    config = governed(simulator, budgets=[budget(one * 3 / 2, output_floor=TOKENS)], data=str(tmp_path / "d"))
    gateway = stage.gateway(config)
    assert [ask_full(gateway).status for _ in range(2)] == [200, 429]
    until = {"scope": "org", "until": "2199-01-01T00:00:00Z"}
    (raised,) = operate(gateway, "POST", "/budgets/raise", until | {"by": f"{2 * one} USD"}).json()["budgets"]
    assert (amount(raised["raise"]), amount(raised["limit"])) == (2 * one, one * 7 / 2)
    assert ask_full(gateway).status == 200
    gateway.kill()
    again = stage.gateway(config)
    assert ask_full(again).status == 200
    (stands,) = operate(again, "GET", "/budgets").json()["budgets"]
    assert (stands["raise"], stands["limit"]) == (raised["raise"], raised["limit"])
    assert amount(stands["used"]) == billed(stage, again)
    assert operate(again, "POST", "/budgets/raise", until | {"by": "0 USD"}).status == 200
    assert ask_full(again).status == 429
    last, first = operate(again, "GET", "/audit").json()["entries"]
    assert (first["action"], first["target"]) == ("budget.raise", "org")
    assert first["before"]["budgets"][0]["raise"] == "0 USD"
    assert first["after"]["budgets"] == [raised]
    assert last["before"]["budgets"][0]["raise"] == raised["raise"]


def test_pages_together_are_all_accounts(stage, simulator):
    rules = [budget(1, "user/*"), budget(2), budget(3, "team/*"), budget(4, "user/bob")]
    gateway = stage.gateway(governed(simulator, budgets=rules))
    for name in ("cid", "ann", "bob"):
        assert gateway.chat({"x-sluice-user": name}).status == 200
    found, after = [], ""
    while after is not None:
        page = operate(gateway, "GET", "/budgets?limit=2" + (f"&after={after}" if after else "")).json()
        found += [(row["scope"], row["value"]) for row in page["budgets"]]
        after = page["next"]
    users = [("user/*", name) for name in ("ann", "bob", "cid")]
    assert found == [*users, ("org", None), ("team/*", None), ("user/bob", "bob")]
    raised = {"scope": "user/bob", "by": "1 USD", "until": "2199-01-01T00:00:00Z"}
    rows = operate(gateway, "POST", "/budgets/raise", raised).json()["budgets"]
    assert [(row["scope"], row["limit"]) for row in rows] == [("user/*", "2 USD"), ("user/bob", "5 USD")]
    for scope, status in (("user/*", 400), ("usr/bob", 400), ("key/k", 404)):
        assert operate(gateway, "POST", "/budgets/raise", raised | {"scope": scope}).status == status


def test_at_ninety_percent_a_cheaper_rung_answers(stage, simulator):
    steps = [{"at": "90%", "ladder_max": "one/gpt-4o-mini"}, {"at": "99%", "block": True}]
    gateway = stage.gateway(governed(simulator, budgets=[budget("0.0105", steps=steps, output_floor=16)]))
    strong = gateway.chat({"x-sim-fault": "tokens=960"}, model="ladder", max_tokens=1000)
    assert strong.headers["x-sluice-model"] == "one/gpt-4o"
    cheap = gateway.chat({"x-sim-fault": "tokens=100"}, model="ladder", max_tokens=100)
    assert cheap.status == 200, cheap.body
    assert cheap.headers["x-sluice-model"] == "one/gpt-4o-mini"
    assert "org has used 9" in cheap.headers["x-sluice-reason"]
    assert "no rung above one/gpt-4o-mini answers" in gateway.record_of(cheap)["reason"]
    (crossing,) = eventually(lambda: gateway.events("budget_step"), what="the log line budget_step")
    assert "90%" in crossing["message"]


def test_a_reload_keeps_what_was_spent(stage, simulator):
    one = price_of_one(stage, simulator)
    config = governed(simulator, budgets=[budget(one * 3 / 2, output_floor=TOKENS)])
    gateway = stage.gateway(config)
    assert ask_full(gateway).status == 200
    assert ask_full(gateway).status == 429
    gateway.reload(config | {"budgets": [budget(one * 5 / 2, output_floor=TOKENS)]})
    assert ask_full(gateway).status == 200
    assert ask_full(gateway).status == 429


def test_explain_says_what_would_be_reserved_and_what_a_budget_has_no_room_for(stage, simulator):
    gateway = stage.gateway(governed(simulator, budgets=[budget("0.001")]))
    explain = {"x-sluice-explain": "only"}
    (fits,) = gateway.chat(explain, max_tokens=100).json()["candidates"]
    assert Decimal(0) < amount(fits["price"]) < Decimal("0.001")
    body = {"model": "m", "messages": [{"role": "user", "content": "x" * 20_000}]}
    (over,) = gateway.ask("POST", "/v1/chat/completions", body, explain).json()["candidates"]
    assert "a budget" in over["rejected"]
    assert simulator.requests() == []


# ---- rate limits


def test_whoever_asks_too_often_is_told_when_to_come_back(stage, simulator):
    limits = [{"scope": "user/*", "requests": "3/s"}]
    gateway = stage.gateway(governed(simulator, limits=limits))
    ann, bob = ({"x-sluice-user": name} for name in ("ann", "bob"))
    answers = [gateway.chat(ann) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    limited = answers[-1]
    assert limited.error["code"] == "rate_limited"
    assert limited.headers["x-should-retry"] == "true"
    assert "user/ann may make 3 requests in 1s" in limited.error["message"]
    assert gateway.chat(bob).status == 200
    time_left = float(limited.headers["retry-after"])
    assert time_left == 1
    wait_until(time.monotonic() + time_left)
    assert gateway.chat(ann).status == 200


def wait_until(instant):
    eventually(lambda: time.monotonic() >= instant, what="the instant")


def test_requests_in_flight_and_tokens_are_limited(stage, simulator):
    limits = [
        {"scope": "user/ann", "in_flight": 2},
        {"scope": "user/bob", "tokens": "1000/min"},
        {"scope": "model/one/gpt-4o", "requests": "1/min"},
    ]
    gateway = stage.gateway(governed(simulator, limits=limits))
    answers = ask_many(gateway, 5, {"x-sluice-user": "ann", "x-sim-fault": "delay=500ms"})
    assert sorted(answer[0] for answer in answers) == [200, 200, 429, 429, 429]
    assert gateway.chat({"x-sluice-user": "ann"}).status == 200
    bob = {"x-sluice-user": "bob", "x-sim-fault": "tokens=900"}
    assert gateway.chat(bob).status == 200
    limited = gateway.chat(bob)
    assert limited.status == 429
    assert "1000 tokens in 1m" in limited.error["message"]
    assert 1 < int(limited.headers["retry-after"]) <= 60
    # A limit of a model is one of its calls: the next candidate answers.
    models = [gateway.chat(model="ladder").headers["x-sluice-model"] for _ in range(2)]
    assert models == ["one/gpt-4o", "one/gpt-4o-mini"]


def test_requests_that_come_at_once_do_not_pass_a_limit_of_tokens_together(stage, simulator):
    gateway = stage.gateway(governed(simulator, limits=[{"scope": "user/*", "tokens": "5000/min"}]))
    slow = {"x-sluice-user": "ann", "x-sim-fault": "tokens=4000;delay=300ms"}
    answers = ask_many(gateway, 60, slow, max_tokens=4000)
    assert sorted(answer[0] for answer in answers) == [200] + [429] * 59
    assert all(1 <= int(answer[1]["retry-after"]) <= 60 for answer in answers if answer[0] == 429)
    metrics = eventually(
        lambda: now if (now := gateway.metrics())["sluice_requests_in_flight"] == 0 else None,
        what="the end of all requests",
    )
    used = sum(metrics[f'sluice_tokens_total{{kind="{kind}"}}'] for kind in ("input", "output"))
    assert 4000 <= used <= 5000


def test_an_agent_that_goes_round_in_circles_is_stopped(stage, simulator):
    gateway = stage.gateway(governed(simulator, sessions={"repeats_max": 3}))
    run = {"x-sluice-session": "run-1"}
    assert [gateway.chat(run).status for _ in range(4)] == [200, 200, 200, 429]
    stopped = gateway.chat(run)
    assert stopped.headers["x-should-retry"] == "false"
    assert "'run-1' has asked for the same 3 times" in stopped.error["message"]
    assert gateway.chat(run, seed=1).status == 200
    assert gateway.chat({"x-sluice-session": "run-2"}).status == 200
