"""The admin API against its own document: every operation answers as api/admin.yaml says, and nothing is
served that the document lacks."""

import json
import urllib.parse
from pathlib import Path

import jsonschema
import pytest
import yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from conftest import config_for
from programs import ask, eventually

DOCUMENT = yaml.safe_load((Path(__file__).resolve().parents[2] / "api" / "admin.yaml").read_text())
TOKEN = "an-operators-token"
METHODS = ("get", "put", "post", "delete", "patch")
REGISTRY = Registry().with_resource("document", Resource(contents=DOCUMENT, specification=DRAFT202012))


def resolved(part):
    while "$ref" in part:
        node = DOCUMENT
        for name in part["$ref"].removeprefix("#/").split("/"):
            node = node[name]
        part = node
    return part


def operations():
    return {
        (method.upper(), path): operation
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


class Admin:
    def __init__(self, gateway, token=TOKEN, stage=None):
        self.gateway = gateway
        self.stage = stage
        self.fields = {"authorization": "Bearer " + token} if token else {}

    def ask(self, method, path, body=None, **fields):
        fields = {**self.fields, **{name.replace("_", "-"): value for name, value in fields.items()}}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault("content-type", "application/json")
        return ask(self.gateway.admin, method, path, body, fields)

    def create(self, **members):
        made = self.ask("POST", "/admin/v1/keys", {"team": "support", **members})
        assert made.status == 201, made
        return made.json()


@pytest.fixture
def gateway(stage, simulator):
    config = config_for(
        simulator.url,
        auth="keys",
        data=str(stage.directory / "data"),
        admin={"listen": "127.0.0.1:0", "token": TOKEN},
        budgets=[
            {"scope": "org", "limit": "1000 USD", "window": "day"},
            {"scope": "team/*", "limit": "1000 USD", "rolling": "1h", "mode": "typical"},
        ],
        limits=[{"scope": "team/*", "requests": "600/min", "tokens": "1000000/min", "in_flight": 50}],
    )
    config["providers"]["one"] |= {"prices": "openai", "flavour": "openai"}
    return stage.gateway(config)


@pytest.fixture
def admin(gateway, stage):
    return Admin(gateway, stage=stage)


def check(method, path, answer):
    """The answer is one that the document tells of this operation, in shape as well."""
    operation = operations()[method, path]
    told = operation["responses"].get(str(answer.status), operation["responses"]["default"])
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    schema = resolved(told)["content"]["application/json"]["schema"]
    bound = {"$ref": "document" + schema["$ref"]}
    jsonschema.Draft202012Validator(bound, registry=REGISTRY).validate(answer.json())


def key(admin):
    return admin.create()["id"]


def revoked(admin):
    one = key(admin)
    admin.ask("POST", f"/admin/v1/keys/{one}/revoke")
    return one


def stranger(admin):
    return Admin(admin.gateway, token="another")


def get(path, before=lambda admin: None):
    return lambda admin: (before(admin), admin.ask("GET", path))[1]


def post(path, body=None, key=key, **fields):
    """`{}` in the path is the id of a new key, or of what `key` makes."""
    return lambda admin: admin.ask("POST", path.format(key(admin)), body, **fields)


def chat(admin):
    admin.gateway.chat(headers={"authorization": "Bearer " + admin.create()["secret"]})


def left(admin):
    """A gateway was killed while it waited for an answer, and another one has taken its place."""
    secret = admin.create()["secret"]
    asked = {"authorization": "Bearer " + secret}
    eventually(lambda: admin.gateway.chat(headers=asked).status == 200, within=1.0)
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hello!"}]})
    with admin.gateway.connect() as raw:
        raw.send(
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-sim-fault: delay=20s\r\n"
            f"authorization: Bearer {secret}\r\ncontent-length: {len(body)}\r\n\r\n{body}"
        )
        one = b"sluice_budget_leases 1\n"
        eventually(lambda: one in admin.ask("GET", "/metrics").body, what="a promised call")
        admin.gateway.kill()
    admin.gateway = admin.stage.gateway(admin.gateway.config)


def lease(admin):
    return admin.ask("GET", LEASES).json()["leases"][0]["request_id"]


ALL = "/admin/v1/keys"
ONE, REVOKE, ROTATE = (ALL + rest for rest in ("/{id}", "/{id}/revoke", "/{id}/rotate"))
AUDIT, USAGE = "/admin/v1/audit", "/admin/v1/usage"
LEASES, SETTLE = "/admin/v1/leases", "/admin/v1/leases/{id}/settle"
BUDGETS, RAISE = "/admin/v1/budgets", "/admin/v1/budgets/raise"
LIMITS = "/admin/v1/limits"
MORE = {"scope": "team/support", "by": "50 USD", "until": "2199-01-01T00:00:00Z"}
FULL = {
    **{"team": "t", "org": "acme", "project": "p", "user": "u", "name": "n", "expires": "90d"},
    **{"models": ["m"], "networks": ["127.0.0.0/8"]},
}

# What provokes each answer that the document names: (method, path, status) -> how it is asked.
CASES = {
    ("GET", "/admin/v1", 200): get("/admin/v1"),
    ("GET", "/admin/v1", 400): get("/admin/v1?x=1"),
    ("GET", ALL, 200): get(ALL + "?limit=1", before=key),
    ("GET", ALL, 400): get(ALL + "?limit=1001"),
    ("POST", ALL, 201): post(ALL, FULL),
    ("POST", ALL, 400): post(ALL, {"team": "a b"}),
    ("POST", ALL, 413): post(ALL, {"team": "t" * 65536}),
    ("POST", ALL, 415): post(ALL, b"team=t", content_type="text/plain"),
    ("GET", ONE, 200): lambda admin: admin.ask("GET", f"{ALL}/{key(admin)}"),
    ("GET", ONE, 404): get(ALL + "/key_000000000000"),
    ("POST", REVOKE, 200): post(ALL + "/{}/revoke"),
    ("POST", REVOKE, 400): post(ALL + "/{}/revoke", {"x": 1}),
    ("POST", REVOKE, 404): post(ALL + "/nobody/revoke"),
    ("POST", ROTATE, 200): post(ALL + "/{}/rotate", {"overlap": "1h"}),
    ("POST", ROTATE, 400): post(ALL + "/{}/rotate", {"overlap": "91d"}),
    ("POST", ROTATE, 404): post(ALL + "/nobody/rotate"),
    ("POST", ROTATE, 409): post(ALL + "/{}/rotate", key=revoked),
    ("POST", ROTATE, 415): post(ALL + "/{}/rotate", b"{}"),
    ("GET", AUDIT, 200): get(AUDIT + "?limit=2", before=revoked),
    ("GET", AUDIT, 400): get(AUDIT + "?before=x"),
    ("GET", LEASES, 200): get(LEASES + "?limit=1", before=left),
    ("GET", LEASES, 400): get(LEASES + "?limit=0"),
    ("POST", SETTLE, 400): post(LEASES + "/{}/settle", {"cost": "1 CNY"}, key=lease),
    ("POST", SETTLE, 200): post(LEASES + "/{}/settle", {"cost": "0.0012 USD"}, key=lease),
    ("POST", SETTLE, 404): post(LEASES + "/nobody/settle", {"cost": "0"}),
    ("POST", SETTLE, 415): post(LEASES + "/nobody/settle", b"{}"),
    ("POST", RAISE, 200): post(RAISE, MORE),
    ("POST", RAISE, 400): post(RAISE, MORE | {"by": "-1 USD"}),
    ("POST", RAISE, 404): post(RAISE, MORE | {"scope": "user/ann"}),
    ("POST", RAISE, 415): post(RAISE, b"{}"),
    ("GET", BUDGETS, 200): get(BUDGETS + "?limit=2", before=chat),
    ("GET", BUDGETS, 400): get(BUDGETS + "?after=x"),
    ("GET", LIMITS, 200): get(LIMITS + "?scope=team/support", before=chat),
    ("GET", LIMITS, 400): get(LIMITS + "?scope=tema/support"),
    ("GET", USAGE, 200): get(USAGE + "?by=team,model", before=chat),
    ("GET", USAGE, 400): get(USAGE + "?by=tema"),
}
for asked, route in operations():
    CASES[asked, route, 401] = lambda admin, m=asked, p=route: stranger(admin).ask(m, p.replace("{id}", "x"))


def test_every_documented_answer_has_a_case_here_and_none_is_made_up():
    documented = {
        (method, path, int(status))
        for (method, path), operation in operations().items()
        for status in operation["responses"]
        if status != "default"
    }
    assert set(CASES) == documented


def test_every_documented_answer_is_given(admin):
    for (method, path, status), provoke in CASES.items():
        answer = provoke(admin)
        assert answer.status == status, (method, path, answer)
        check(method, path, answer)


def test_nothing_is_served_that_the_document_lacks(admin):
    served = {(route["method"], route["path"]) for route in admin.ask("GET", "/admin/v1").json()["routes"]}
    assert served == set(operations())
    for path in DOCUMENT["paths"]:
        known = {method for method, other in served if other == path}
        asked = path.replace("{id}", "key_000000000000")
        refused = admin.ask("DELETE", asked)
        assert refused.status == 405
        assert refused.error["code"] == "method_not_allowed"
        assert set(refused.headers["allow"].split(", ")) - {"HEAD"} == known
        assert admin.ask("GET", asked + "/more").status == 404


def test_every_operation_answers_errors_in_one_shape(admin):
    schema = {"$ref": "document#/components/schemas/Error"}
    validator = jsonschema.Draft202012Validator(schema, registry=REGISTRY)
    page = admin.ask("GET", "/admin/v1/keys", origin="https://elsewhere.example")
    assert (page.status, page.error["code"]) == (403, "forbidden")
    own = admin.ask("GET", "/admin/v1/keys", origin=f"http://127.0.0.1:{admin.gateway.admin}")
    assert own.status == 200
    long = admin.ask("GET", "/admin/v1/keys", x_long="x" * 70_000)
    assert (long.status, long.error["code"]) == (431, "too_large")
    for answer in (page, long, admin.ask("GET", "/admin/v1/nothing"), admin.ask("PUT", "/admin/v1/keys", {})):
        validator.validate(answer.json())


def test_without_a_token_a_page_under_another_name_may_not_ask(stage, simulator):
    gateway = stage.gateway(config_for(simulator.url, data=str(stage.directory / "data")))
    admin = Admin(gateway, token="")
    assert admin.ask("GET", "/admin/v1/keys").status == 200
    assert admin.ask("GET", "/admin/v1/keys", host="localhost:1").status == 200
    for host in ("rebound.example", "rebound.example:8081", "127.0.0.1.example"):
        assert admin.ask("GET", "/admin/v1/keys", host=host).status == 403
    assert gateway.ask_admin("/healthz", {"host": "probe.example"}).status == 200


def test_a_key_of_the_api_works_within_a_second_and_is_refused_as_soon(admin, gateway):
    made = admin.create(models=["m"])
    asked = {"authorization": "Bearer " + made["secret"]}
    eventually(lambda: gateway.chat(headers=asked).status == 200, within=1.0)
    rotated = admin.ask("POST", f"/admin/v1/keys/{made['id']}/rotate", {"overlap": "0s"}).json()
    assert rotated["id"] == made["id"]
    eventually(lambda: gateway.chat(headers=asked).status == 401, within=1.0)
    asked = {"authorization": "Bearer " + rotated["secret"]}
    assert gateway.chat(headers=asked).status == 200
    assert admin.ask("POST", f"/admin/v1/keys/{made['id']}/revoke").json()["status"] == "revoked"
    eventually(lambda: gateway.chat(headers=asked).status == 401, within=1.0)


def test_the_secret_is_told_once(admin):
    made = admin.create(name="once")
    for path in ("/admin/v1/keys", f"/admin/v1/keys/{made['id']}", "/admin/v1/audit"):
        assert made["secret"].encode() not in admin.ask("GET", path).body


def test_the_trail_tells_of_the_command_line_and_of_the_api(admin, stage):
    data = str(stage.directory / "data")
    made = json.loads(stage.run("keys", "create", "--team", "t", "--data", data, "--format", "json").stdout)
    admin.ask("POST", f"/admin/v1/keys/{made['id']}/rotate", {"overlap": "1h"})
    stage.run("keys", "revoke", made["id"], "--data", data)
    entries = admin.ask("GET", f"{AUDIT}?target={made['id']}").json()["entries"]
    assert [entry["action"] for entry in entries] == ["key.revoke", "key.rotate", "key.create"]
    assert entries[0]["who"].startswith("cli:") and entries[1]["who"] == "api:127.0.0.1"
    assert entries[2]["before"] is None
    assert entries[2]["after"]["id"] == made["id"]
    assert (entries[0]["before"]["status"], entries[0]["after"]["status"]) == ("active", "revoked")
    assert entries[1]["before"] == entries[2]["after"]


def test_pages_together_are_the_whole_list(admin):
    made = [admin.create(name=str(number))["id"] for number in range(7)]
    for path, name in (("keys", "after"), ("audit", "before")):
        found, following = [], ""
        while following is not None:
            further = f"&{name}={following}" if following else ""
            answer = admin.ask("GET", f"/admin/v1/{path}?limit=3{further}").json()
            found += [one["id"] if path == "keys" else one["target"] for one in answer[next(iter(answer))]]
            following = answer["next"]
        assert found == (made if path == "keys" else made[::-1])


def test_limits_tell_what_counts_in_each_account(admin, gateway):
    secrets = {team: admin.create(team=team)["secret"] for team in ("red", "blue")}
    for team in ("red", "red", "blue"):
        asked = {"authorization": "Bearer " + secrets[team]}
        eventually(lambda asked=asked: gateway.chat(headers=asked).status == 200, within=1.0)
    told = admin.ask("GET", LIMITS).json()["limits"]
    assert {(row["value"], row["counts"]): row["used"] for row in told if row["counts"] != "tokens"} == {
        ("red", "requests"): 2,
        ("blue", "requests"): 1,
        ("red", "in_flight"): 0,
        ("blue", "in_flight"): 0,
    }
    tokens = [row for row in told if row["counts"] == "tokens"]
    assert [row["value"] for row in tokens] == ["blue", "red"]
    assert all(0 < row["used"] == row["limit"] - row["left"] < 1000 for row in tokens)
    found, following = [], ""
    while following is not None:
        page = admin.ask("GET", f"{LIMITS}?limit=1" + (f"&after={following}" if following else "")).json()
        found += page["limits"]
        following = page["next"]
    assert [(row["value"], row["counts"]) for row in found] == [(row["value"], row["counts"]) for row in told]


def test_the_name_of_an_operator_stands_behind_where_it_came_from(admin):
    made = admin.ask("POST", "/admin/v1/keys", {"team": "t"}, x_sluice_operator="cli:alice").json()
    (entry,) = admin.ask("GET", f"{AUDIT}?target={made['id']}").json()["entries"]
    assert entry["who"] == "api:127.0.0.1 (cli:alice)"
    for name in ("x" * 65, "a b", "a)"):
        assert admin.ask("POST", "/admin/v1/keys", {"team": "t"}, x_sluice_operator=name).status == 400


def test_usage_is_what_the_bill_says(admin, gateway, stage):
    for team in ("red", "red", "blue"):
        secret = admin.create(team=team)["secret"]
        asked = {"authorization": "Bearer " + secret}
        eventually(lambda asked=asked: gateway.chat(headers=asked).status == 200, within=1.0)
    asked = urllib.parse.urlencode({"by": "team", "where": "status=2xx", "convert": "USD=7 CNY"})
    told = admin.ask("GET", f"{USAGE}?{asked}")
    assert {row["team"]: row["requests"] for row in told.json()["rows"]} == {"red": 2, "blue": 1}
    data = str(stage.directory / "data")
    bill = stage.run(
        *("bill", "--by", "team", "--where", "status=2xx", "--convert", "USD=7 CNY"),
        *("--format", "json", "--timezone", "UTC", "--data", data),
    )
    assert told.json() == json.loads(bill.stdout)
