"""Steps of budgets on the real program: they hold for the next request, and are told once, over a restart."""

import hashlib
import hmac
import http.server
import json
import threading
from pathlib import Path

import pytest

from conftest import config_for
from programs import ask as ask_port
from programs import eventually

TOKENS = 2000  # of each answer, and its limit
FULL = {"x-sim-fault": f"tokens={TOKENS}"}
SECRET = "hook-secret"


class Hook:
    """Takes alerts on a port of its own; answers with the statuses it is given, then 200."""

    def __init__(self):
        hook = self
        self.posted = []
        self.statuses = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802  (the name that the library calls)
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.posted.append((self.path, self.headers.get("x-sluice-signature"), body))
                self.send_response(hook.statuses.pop(0) if hook.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/x"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def hook():
    one = Hook()
    yield one
    one.close()


def governed(simulator, steps, limit="1 USD"):
    ladder = ["one/gpt-4o-mini", "one/gpt-4o"]
    config = config_for(simulator.url, models={"m": {"ladder": ladder, "default": "one/gpt-4o"}})
    config["providers"]["one"] |= {"prices": "openai", "flavour": "openai"}
    budget = {"scope": "org", "limit": limit, "window": "month", "steps": steps}
    return config | {"alert_secret": SECRET, "budgets": [budget]}


def ask(gateway):
    """One answer of about two cents."""
    return gateway.chat(FULL, max_tokens=TOKENS)


def test_an_alert_is_signed_and_told_once_over_a_restart(stage, simulator, hook):
    config = governed(simulator, [{"at": "3%", "alert": hook.url}])
    gateway = stage.gateway(config)
    hook.statuses = [503]
    for _ in range(4):
        assert ask(gateway).status == 200
    eventually(lambda: len(hook.posted) == 2)  # the first one was not taken
    assert hook.posted[0] == hook.posted[1]
    path, signature, body = hook.posted[0]
    assert path == "/x"
    assert signature == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert set(told) == {"event", "scope", "at", "used", "limit", "window_end", "id"}
    said = (told["event"], told["scope"], told["at"], told["limit"])
    assert said == ("budget_threshold", "org", "3%", "1 USD")
    assert float(told["used"].split()[0]) >= 0.03
    eventually(lambda: gateway.events("budget_step"))
    steps = Path(gateway.config["data"]) / "steps.json"
    eventually(lambda: json.loads(steps.read_text())["alerts"] == [])  # killed before, it would tell it again
    gateway.kill()
    again = stage.gateway(gateway.config)
    for _ in range(2):
        assert ask(again).status == 200
    again.stop()
    assert len(hook.posted) == 2


def test_what_a_lost_call_and_its_settlement_cross_is_told_without_a_request(stage, simulator, hook):
    config = governed(simulator, [{"at": share, "alert": hook.url} for share in ("1%", "50%")])
    gateway = stage.gateway(config)
    hello = [{"role": "user", "content": "Hello!"}]
    body = json.dumps({"model": "m", "max_tokens": TOKENS, "messages": hello})
    with gateway.connect() as raw:
        raw.send(
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-sim-fault: delay=20s\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}"
        )
        eventually(lambda: gateway.metrics()["sluice_budget_leases"] == 1, what="a promised call")
        gateway.kill()
    again = stage.gateway(gateway.config)
    eventually(lambda: len(hook.posted) == 1, what="the alert of the start")
    assert json.loads(hook.posted[0][2])["at"] == "1%"
    (lease,) = again.ask_admin("/admin/v1/leases").json()["leases"]
    cost = json.dumps({"cost": "0.6 USD", "above_worst_case": True}).encode()
    settle = f"/admin/v1/leases/{lease['request_id']}/settle"
    assert ask_port(again.admin, "POST", settle, cost, {"content-type": "application/json"}).status == 200
    eventually(lambda: len(hook.posted) == 2, what="the alert of the settlement")
    assert json.loads(hook.posted[1][2])["at"] == "50%"


def test_a_step_holds_for_the_very_next_request(stage, simulator):
    config = governed(simulator, [{"at": "3%", "ladder_max": "one/gpt-4o-mini"}])
    gateway = stage.gateway(config)
    models = [ask(gateway).headers["x-sluice-model"] for _ in range(4)]
    assert models == ["one/gpt-4o"] * 2 + ["one/gpt-4o-mini"] * 2
    assert "org has used" in ask(gateway).headers["x-sluice-reason"]


def test_a_block_says_which_budget_blocks_and_a_raised_limit_ends_it(stage, simulator):
    config = governed(simulator, [{"at": "3%", "block": True}])
    gateway = stage.gateway(config)
    statuses = [ask(gateway).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = ask(gateway)
    assert refused.error["code"] == "budget_exceeded"
    assert "org has used" in refused.error["message"]
    gateway.reload(governed(simulator, [{"at": "3%", "block": True}], limit="2 USD"))
    assert ask(gateway).status == 200


def test_what_a_reload_lowers_is_told_without_a_request(stage, simulator, hook):
    steps = [{"at": "3%", "alert": hook.url}]
    gateway = stage.gateway(governed(simulator, steps))
    assert ask(gateway).status == 200  # two of a hundred cents
    gateway.reload(governed(simulator, steps, limit="0.5 USD"))
    eventually(lambda: len(hook.posted) == 1, what="the alert of the lower limit")
    told = json.loads(hook.posted[0][2])
    assert (told["at"], told["limit"]) == ("3%", "0.5 USD")


def test_the_share_of_each_budget_is_a_metric(stage, simulator):
    gateway = stage.gateway(governed(simulator, [{"at": "90%", "block": True}], limit="0.1 USD"))
    assert gateway.metrics()['sluice_budget_used_ratio{scope="org"}'] == 0
    assert ask(gateway).status == 200
    eventually(lambda: gateway.metrics()['sluice_budget_used_ratio{scope="org"}'] > 0.1)
