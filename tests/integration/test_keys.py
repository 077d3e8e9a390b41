"""Keys from the moment they are made until a running gateway refuses them."""

import json

import openai
import pytest

from conftest import config_for
from programs import eventually


class Keys:
    def __init__(self, stage):
        self._stage = stage
        self.directory = stage.directory / "data"

    def run(self, *arguments):
        return self._stage.run("keys", *arguments, "--data", str(self.directory))

    def create(self, *arguments):
        done = self.run("create", "--team", "support", "--format", "json", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def list(self):
        return json.loads(self.run("list", "--format", "json").stdout)


@pytest.fixture
def keys(stage):
    return Keys(stage)


@pytest.fixture
def gateway(stage, simulator, keys):
    return stage.gateway(config_for(simulator.url, auth="keys", data=str(keys.directory)))


def bearer(secret):
    return {"authorization": "Bearer " + secret}


def known(gateway, secret):
    """Waits until the running gateway has seen the new key."""
    eventually(lambda: gateway.ask("GET", "/v1/models", headers=bearer(secret)).status != 401, within=1.0)


def test_a_new_key_is_listed_without_its_secret(keys):
    made = keys.create("--project", "bot", "--name", "nightly", "--models", "m, d", "--expires", "90d")
    assert made["secret"].startswith("sk-sluice-")
    (listed,) = keys.list()
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    assert set(listed) == {
        *("id", "org", "team", "project", "user", "name", "created", "expires", "models", "networks"),
        *("status", "old_secret_until"),
    }
    assert (listed["team"], listed["project"], listed["name"]) == ("support", "bot", "nightly")
    assert listed["models"] == ["m", "d"]
    assert listed["status"] == "active"


def test_changing_the_default_data_directory_says_so(stage):
    made = stage.run("keys", "create", "--team", "t")
    assert f"the keys are those of {stage.directory / 'sluice-data'}" in made.stderr
    assert made.stdout.startswith("sk-sluice-") and made.stdout.count("\n") == 1
    assert "the keys are those of" not in stage.run("keys", "list").stderr
    assert "the keys are those of" not in stage.run("keys", "create", "--team", "t", "--data", "d").stderr


def test_the_table_for_people_also_comes_as_csv(keys):
    made = keys.create()
    table = keys.run("list").stdout.splitlines()
    assert table[0].split()[:3] == ["id", "team", "project"]
    assert table[1].split()[0] == made["id"]
    comma = keys.run("list", "--format", "csv").stdout.splitlines()
    assert comma[0] == (
        "id,team,project,name,created,expires,models,status,org,user,networks,old_secret_until"
    )
    assert comma[1].startswith(made["id"] + ",support,")


def test_no_file_holds_the_secret_and_nobody_else_may_read_them(keys, gateway):
    secret = keys.create()["secret"]
    known(gateway, secret)
    gateway.chat(headers=bearer(secret))
    files = [file for file in keys.directory.rglob("*") if file.is_file()]
    assert files
    assert keys.directory.stat().st_mode & 0o077 == 0
    for file in files:
        assert secret.encode() not in file.read_bytes()
        assert secret.removeprefix("sk-sluice-").encode() not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0
    assert secret not in gateway.error_text()


def test_without_a_good_key_nobody_is_called(gateway, simulator):
    for headers in ({}, bearer("sk-sluice-wrong"), bearer(""), {"authorization": "Basic eDp5"}):
        answer = gateway.chat(headers=headers)
        assert answer.status == 401
        assert answer.error["code"] == "invalid_api_key"
        assert answer.headers["x-should-retry"] == "false"
    assert simulator.requests() == []


@pytest.mark.parametrize("name", ["authorization", "Authorization", "x-api-key", "X-Api-Key"])
def test_a_key_is_taken_from_either_header(keys, gateway, name):
    secret = keys.create()["secret"]
    known(gateway, secret)
    value = secret if name.lower() == "x-api-key" else "Bearer " + secret
    assert gateway.chat(headers={name: value}).status == 200


def test_a_key_made_while_the_gateway_runs_works_within_a_second(keys, gateway):
    known(gateway, keys.create()["secret"])


def test_a_revoked_key_is_refused_within_a_second(keys, gateway):
    made = keys.create()
    other = keys.create()
    known(gateway, other["secret"])
    assert gateway.chat(headers=bearer(made["secret"])).status == 200
    assert keys.run("revoke", made["id"]).returncode == 0
    eventually(lambda: gateway.chat(headers=bearer(made["secret"])).status == 401, within=1.0)
    assert gateway.chat(headers=bearer(other["secret"])).status == 200
    assert {key["id"]: key["status"] for key in keys.list()} == {made["id"]: "revoked", other["id"]: "active"}


def test_a_rotated_key_works_with_both_secrets_and_then_with_the_new_one(keys, gateway):
    made = keys.create("--models", "m")
    known(gateway, made["secret"])
    rotated = json.loads(keys.run("rotate", made["id"], "--format", "json").stdout)
    assert rotated["id"] == made["id"]
    assert rotated["old_secret_until"] is not None
    known(gateway, rotated["secret"])
    assert gateway.chat(headers=bearer(made["secret"])).status == 200
    assert gateway.chat(headers=bearer(rotated["secret"])).status == 200
    last = json.loads(keys.run("rotate", made["id"], "--overlap", "0s", "--format", "json").stdout)
    known(gateway, last["secret"])
    for secret in (made["secret"], rotated["secret"]):
        assert gateway.chat(headers=bearer(secret)).error["code"] == "invalid_api_key"
    assert gateway.chat(headers=bearer(last["secret"])).status == 200
    assert [key["id"] for key in keys.list()] == [made["id"]]


def test_a_key_is_taken_from_its_networks_only(keys, gateway):
    inside = keys.create("--networks", "127.0.0.0/8, 2001:db8::/32")
    outside = keys.create("--networks", "10.0.0.0/8")
    assert inside["networks"] == ["127.0.0.0/8", "2001:db8::/32"]
    known(gateway, outside["secret"])
    assert gateway.chat(headers=bearer(inside["secret"])).status == 200
    answer = gateway.chat(headers=bearer(outside["secret"]))
    assert answer.status == 403
    assert answer.error["code"] == "network_not_allowed"
    assert answer.headers["x-should-retry"] == "false"


def test_a_key_of_one_user_and_organisation_is_billed_to_them(keys, gateway):
    secret = keys.create("--org", "acme", "--user", "u-7")["secret"]
    known(gateway, secret)
    answer = gateway.chat(headers=bearer(secret))
    row = gateway.ask(
        "GET", f"/sluice/v1/requests/{answer.headers['x-sluice-request-id']}", headers=bearer(secret)
    ).json()
    assert (row["org"], row["team"], row["user"]) == ("acme", "support", "u-7")
    assert gateway.chat(headers={**bearer(secret), "x-sluice-user": "u-8"}).status == 400
    assert gateway.chat(headers={**bearer(secret), "x-sluice-user": "u-7"}).status == 200


def test_a_key_expires_while_the_gateway_runs(keys, gateway):
    secret = keys.create("--expires", "1s")["secret"]
    eventually(
        lambda: "expired" in gateway.chat(headers=bearer(secret)).json().get("error", {}).get("message", "")
    )
    assert gateway.chat(headers=bearer(secret)).error["code"] == "invalid_api_key"
    assert keys.list()[0]["status"] == "expired"


def test_a_key_may_use_its_models_only(keys, gateway, simulator):
    secret = keys.create("--models", "d")["secret"]
    known(gateway, secret)
    answer = gateway.chat(headers=bearer(secret))
    assert answer.status == 403
    assert answer.error["code"] == "model_not_allowed"
    assert answer.headers["x-should-retry"] == "false"
    assert gateway.chat(headers=bearer(secret), model="two/deepseek-chat").status == 403
    assert simulator.requests() == []
    assert gateway.chat(headers=bearer(secret), model="d").status == 200


def test_a_model_that_the_config_does_not_have_is_told_of(stage, keys):
    config = stage.directory / "sluice.yaml"
    config.write_text(json.dumps(config_for("http://127.0.0.1:1")))
    done = keys.run("create", "--team", "support", "--models", "m,one/any,assistent", "-c", str(config))
    assert done.returncode == 0
    (warning,) = [line for line in done.stderr.splitlines() if "warning" in line]
    assert "assistent" in warning


def test_the_official_client_hears_what_is_wrong_with_its_key(keys, gateway, simulator):
    secret = keys.create("--models", "d")["secret"]
    known(gateway, secret)
    hello = [{"role": "user", "content": "Hello!"}]
    for key, model, error in (
        ("sk-sluice-wrong", "d", openai.AuthenticationError),
        (secret, "m", openai.PermissionDeniedError),
    ):
        with openai.OpenAI(base_url=gateway.url + "/v1", api_key=key) as client:
            with pytest.raises(error):
                client.chat.completions.create(model=model, messages=hello)
    assert simulator.requests() == []


def test_a_key_sees_its_models_only(keys, gateway):
    secret = keys.create("--models", "d")["secret"]
    known(gateway, secret)
    listed = gateway.ask("GET", "/v1/models", headers=bearer(secret)).json()
    assert [model["id"] for model in listed["data"]] == ["d"]
    assert gateway.ask("GET", "/v1/models/d", headers=bearer(secret)).status == 200
    assert gateway.ask("GET", "/v1/models/m", headers=bearer(secret)).status == 404
    assert gateway.ask("GET", "/v1/models").status == 401


def test_the_log_names_the_key_by_its_id_and_team(keys, gateway):
    made = keys.create("--project", "bot")
    known(gateway, made["secret"])
    answer = gateway.chat(headers=bearer(made["secret"]))
    record = gateway.record_of(answer)
    assert (record["key_id"], record["team"], record["project"]) == (made["id"], "support", "bot")


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["create"], 2),
        (["create", "--team", "t", "--expires", "soon"], 2),
        (["create", "--team", ""], 2),
        (["create", "--team", "t", "--networks", "10.0.0.1/8"], 2),
        (["rotate"], 2),
        (["rotate", "key_of_nobody"], 1),
        (["rotate", "key_of_nobody", "--overlap", "91d"], 2),
        (["rotate", "key_of_nobody", "--overlap", "soon"], 2),
        (["revoke"], 2),
        (["revoke", "key_of_nobody"], 1),
        (["list", "--format", "xml"], 2),
        (["forget"], 2),
    ],
)
def test_the_exit_code_says_what_is_wrong(keys, arguments, code):
    keys.directory.mkdir(mode=0o700)
    done = keys.run(*arguments)
    assert done.returncode == code
    assert done.stderr.startswith("sluice: ")
    assert done.stdout == ""


def test_a_revoked_key_gets_no_other_secret_and_that_is_an_answer(keys):
    keys.directory.mkdir(mode=0o700)
    made = json.loads(keys.run("create", "--team", "support", "--format", "json").stdout)
    assert keys.run("revoke", made["id"]).returncode == 0
    refused = keys.run("rotate", made["id"])
    assert refused.returncode == 1
    assert "is revoked" in refused.stderr


def test_open_auth_is_for_loopback_only(stage, simulator):
    config = config_for(simulator.url, listen="0.0.0.0:0")
    file = stage.directory / "open.yaml"
    file.write_text(json.dumps(config))
    for command in ("check", "serve"):
        done = stage.run(command, "-c", str(file))
        assert done.returncode in (1, 2)
        assert "open_anywhere" in done.stderr
    file.write_text(json.dumps({**config, "open_anywhere": True}))
    assert stage.run("check", "-c", str(file)).returncode == 0


def test_an_option_cannot_open_what_the_config_may_not(stage, simulator):
    file = stage.directory / "open.yaml"
    file.write_text(json.dumps(config_for(simulator.url)))
    done = stage.run("serve", "-c", str(file), "--listen", "0.0.0.0:0")
    assert done.returncode == 2
    assert "open_anywhere" in done.stderr
