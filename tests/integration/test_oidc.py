"""Tokens of an OpenID Connect issuer as keys."""

import json

import pytest

from conftest import config_for
from issuer import Issuer, SigningKey
from programs import eventually


@pytest.fixture
def issuer(stage):
    return stage.keep(Issuer())


@pytest.fixture
def key(stage, issuer):
    one = SigningKey(stage.directory, "k1")
    issuer.keys.append(one)
    return one


def accepting(simulator, issuer, **more):
    oidc = {
        **{"issuer": issuer.url, "audience": ["sluice"], "models": ["m"]},
        "claims": {"project": "azp", "org": "org"},
        **more,
    }
    return config_for(simulator.url, auth="keys", oidc=[oidc])


@pytest.fixture
def gateway(stage, simulator, issuer, key):
    return stage.gateway(accepting(simulator, issuer))


def bearer(token):
    return {"authorization": "Bearer " + token}


def test_a_token_is_a_key_of_its_team_project_and_user(gateway, issuer, key):
    asked = bearer(key.sign(issuer.claims(azp="bot", org="acme")))
    answer = gateway.chat(headers=asked)
    assert answer.status == 200
    row = gateway.ask(
        "GET", f"/sluice/v1/requests/{answer.headers['x-sluice-request-id']}", headers=asked
    ).json()
    assert (row["org"], row["team"], row["project"], row["user"]) == ("acme", "support", "bot", "u-1")
    assert row["key_id"].startswith("oidc_")
    assert gateway.chat(headers=asked, model="d").error["code"] == "model_not_allowed"
    again = gateway.chat(headers=bearer(key.sign(issuer.claims(azp="bot", jti="2"))))
    assert gateway.record_of(again)["key_id"] == row["key_id"]


def test_what_is_wrong_with_a_token_is_said_and_nobody_is_called(gateway, issuer, key, simulator, stage):
    stranger = SigningKey(stage.directory, "k1-of-a-stranger")
    for token, word in (
        (key.sign(issuer.claims(exp=1_600_000_000)), "expired"),
        (key.sign(issuer.claims(aud="elsewhere")), "audience"),
        (key.sign(issuer.claims(iss="https://elsewhere.example")), "issuer"),
        (key.sign(issuer.claims(team="no team")), "team"),
        (key.sign(issuer.claims(nbf=4_000_000_000)), "not valid yet"),
        (stranger.sign(issuer.claims(), kid="k1"), "signature"),
        (key.sign(issuer.claims(), alg="none"), "signed in a way"),
        (key.sign(issuer.claims(), alg="HS256"), "signed in a way"),
        (key.sign(issuer.claims()).rsplit(".", 1)[0] + ".", "signature"),
    ):
        answer = gateway.chat(headers=bearer(token))
        assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")
        assert word in answer.error["message"], answer.error["message"]
        assert answer.headers["x-should-retry"] == "false"
    assert simulator.requests() == []


def test_keys_of_our_own_still_work_beside_tokens(gateway, stage):
    data = gateway.config["data"]
    made = json.loads(stage.run("keys", "create", "--team", "t", "--data", data, "--format", "json").stdout)
    assert gateway.chat(headers=bearer("eyJ.no.token")).status == 401
    eventually(lambda: gateway.chat(headers=bearer(made["secret"])).status == 200, within=1.0)


def test_a_key_that_cannot_be_known_is_asked_for_once(gateway, issuer, key, stage):
    assert gateway.chat(headers=bearer(key.sign(issuer.claims()))).status == 200
    other = SigningKey(stage.directory, "k2")
    for number in range(5):
        answer = gateway.chat(headers=bearer(other.sign(issuer.claims(jti=str(number)))))
        assert "has not published" in answer.error["message"]
    assert issuer.asked <= 2


def test_no_token_is_in_the_log_or_in_any_file(gateway, issuer, key):
    token = key.sign(issuer.claims())
    assert gateway.chat(headers=bearer(token)).status == 200
    assert gateway.chat(headers=bearer(token + "A")).status == 401
    signature = token.rsplit(".", 1)[1]
    assert signature not in gateway.error_text()


def test_a_reload_puts_other_issuers_in_force_at_once(stage, simulator, gateway, issuer, key):
    mine = bearer(key.sign(issuer.claims()))
    assert gateway.chat(headers=mine).status == 200
    other = stage.keep(Issuer())
    other.keys.append(key)
    theirs = bearer(key.sign(other.claims()))
    assert gateway.chat(headers=theirs).status == 401

    assert "oidc" not in gateway.reload(accepting(simulator, other))[-1]["message"]
    assert gateway.chat(headers=theirs).status == 200
    refused = gateway.chat(headers=mine)
    assert (refused.status, refused.error["code"]) == (401, "invalid_api_key")

    gateway.reload(accepting(simulator, other, audience=["elsewhere"]))
    assert "audience" in gateway.chat(headers=theirs).error["message"]

    gateway.reload(config_for(simulator.url, auth="keys"))
    assert gateway.chat(headers=theirs).status == 401


def test_issuers_that_cannot_be_had_leave_the_old_ones_in_force(stage, simulator, gateway, issuer, key):
    assert gateway.chat(headers=bearer(key.sign(issuer.claims()))).status == 200
    missing = accepting(simulator, issuer, ca_file=str(stage.directory / "no.pem"))
    assert "no.pem" in gateway.reload(missing, outcome="refused")[-1]["message"]
    assert gateway.chat(headers=bearer(key.sign(issuer.claims(jti="2")))).status == 200
    gateway.reload(accepting(simulator, issuer, audience=[]), outcome="refused")
    assert gateway.chat(headers=bearer(key.sign(issuer.claims(jti="3")))).status == 200
