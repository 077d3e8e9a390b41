"""GET /v1/models: what is listed, and what a caller hears when a provider does not list its own."""

import json

import pytest

from conftest import config_for


@pytest.fixture
def near(stage):
    return stage.scripted()


@pytest.fixture
def far(stage):
    return stage.scripted()


@pytest.fixture
def gateway(stage, near, far):
    """Two providers that list their models themselves, one that need not, and no aliases."""
    providers = {
        "near": {"dialect": "openai", "base_url": near.url, "key": "sk-near"},
        "far": {"dialect": "openai", "base_url": far.url, "key": "sk-far"},
        "told": {"dialect": "openai", "base_url": far.url, "key": "sk-told", "models": ["t"]},
    }
    return stage.gateway(config_for(near.url, providers=providers, models={}))


def ask(raw, path="/v1/models", headers=""):
    raw.send(f"GET {path} HTTP/1.1\r\nhost: a\r\n{headers}\r\n")


def reply(provider, *ids, status="200 OK"):
    body = json.dumps({"data": [{"id": one} for one in ids]})
    provider.next_call().send(
        f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    )


def listed(body):
    return {model["id"] for model in json.loads(body)["data"]}


def test_providers_list_their_own_models(gateway, near, far):
    with gateway.connect() as raw:
        ask(raw)
        reply(far, "f")
        reply(near, "n1", "n2")
        head, body = raw.read_answer()
    assert (head.status, listed(body)) == (200, {"f", "n1", "n2", "t"})
    assert head.get("x-sluice-reason") is None


def test_a_list_that_lacks_a_providers_models_says_so(gateway, near, far):
    with gateway.connect() as raw:
        ask(raw)
        reply(far, status="503 Service Unavailable")
        reply(near, "n")
        head, body = raw.read_answer()
    assert (head.status, listed(body)) == (200, {"n", "t"})
    assert "far" in head.get("x-sluice-reason")
    assert "503" in head.get("x-sluice-reason")


def test_a_model_that_may_be_at_a_silent_provider_is_not_called_unknown(gateway, near, far):
    for model, missing, status in (("n", True, 200), ("other", True, 502), ("other", False, 404)):
        with gateway.connect() as raw:
            ask(raw, "/v1/models/" + model)
            reply(far, "f", status="503 Service Unavailable" if missing else "200 OK")
            reply(near, "n")
            head, body = raw.read_answer()
        assert head.status == status
        if status == 502:
            assert "far" in json.loads(body)["error"]["message"]


def test_no_list_at_all_is_an_error(stage, near):
    providers = {"near": {"dialect": "openai", "base_url": near.url, "key": "sk-near"}}
    gateway = stage.gateway(config_for(near.url, providers=providers, models={}))
    with gateway.connect() as raw:
        ask(raw)
        reply(near, status="500 Internal Server Error")
        head, body = raw.read_answer()
    assert head.status == 502
    assert json.loads(body)["error"]["code"] == "upstream_error"


def test_no_time_left_for_the_list_is_504(gateway, near, far):
    with gateway.connect() as raw:
        ask(raw, headers="x-sluice-deadline: 150ms\r\n")
        call = far.next_call()
        head, body = raw.read_answer()
    assert head.status == 504
    assert json.loads(body)["error"]["code"] == "deadline_exceeded"
    call.wait_for_end()
    assert near.no_call()


def test_a_client_that_hangs_up_ends_the_listing(gateway, near, far):
    with gateway.connect() as raw:
        ask(raw)
        call = far.next_call()
    call.wait_for_end()
    assert near.no_call()
