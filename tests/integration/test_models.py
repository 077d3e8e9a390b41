"""GET /v1/models: what is listed, and what a caller hears when a provider does not list its own."""

import json

import pytest

from conftest import config_for
from programs import eventually


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


@pytest.mark.parametrize("name, owner", [("n", "far"), ("t", "told")])
def test_a_model_that_two_providers_have_is_listed_once_as_the_one_that_is_asked(
    gateway, near, far, name, owner
):
    with gateway.connect() as raw:
        ask(raw)
        reply(far, name)
        reply(near, name)
        _, body = raw.read_answer()
    assert [(one["id"], one["owned_by"]) for one in json.loads(body)["data"] if one["id"] == name] == [
        (name, owner)
    ]
    plan = gateway.chat(model=name, headers={"x-sluice-explain": "only"}).json()
    assert plan["candidates"][0]["model"] == owner + "/" + name


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
            if model == "n":
                reply(near, "n")  # once; then its list is known
            head, body = raw.read_answer()
        assert head.status == status
        if status == 502:
            assert "far" in json.loads(body)["error"]["message"]


@pytest.mark.parametrize("name", ["near/anything", "near%2Fanything", "told/t", "t"])
def test_a_model_that_may_be_asked_for_can_be_looked_at(gateway, near, far, name):
    """In the shape of who asks, and without a question to a provider where none is needed to ask it."""
    plain = name.replace("%2F", "/")
    owner = plain.partition("/")[0] if "/" in plain else "told"
    said = gateway.ask("GET", "/v1/models/" + name).json()
    assert said == {"id": plain, "object": "model", "created": 0, "owned_by": owner}
    version = {"anthropic-version": "2023-06-01"}
    there = gateway.ask("GET", "/v1/models/" + name, headers=version).json()
    assert (there["type"], there["id"], there["display_name"]) == ("model", plain, plain)
    assert gateway.chat(model=plain, headers={"x-sluice-explain": "only"}).status == 200
    assert near.no_call() and far.no_call()


def test_beside_aliases_a_providers_own_model_can_be_looked_at(stage, near):
    gateway = stage.gateway(config_for(near.url, models={"assistant": {"ladder": ["one/x"]}}))
    assert gateway.ask("GET", "/v1/models/one/gpt-5").json()["owned_by"] == "one"
    assert gateway.ask("GET", "/v1/models/assistant").json()["owned_by"] == "sluice"
    for name in ("x", "none/gpt-5", "one/"):
        assert gateway.ask("GET", "/v1/models/" + name).status == 404
        assert gateway.chat(model=name).status == 404
    misspelled = [gateway.ask("GET", "/v1/models/asistant"), gateway.chat(model="asistant")]
    assert all("did you mean 'assistant'?" in answer.error["message"] for answer in misspelled)
    assert near.no_call()


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
        calls = [far.next_call(), near.next_call()]
        head, body = raw.read_answer()
    assert head.status == 504
    assert json.loads(body)["error"]["code"] == "deadline_exceeded"
    for call in calls:
        call.wait_for_end()


def test_a_client_that_hangs_up_ends_the_listing(gateway, near, far):
    with gateway.connect() as raw:
        ask(raw)
        calls = [far.next_call(), near.next_call()]
    for call in calls:
        call.wait_for_end()


def chat(raw, model):
    raw.post({"model": model, "messages": []})


def message(body):
    return json.loads(body)["error"]["message"]


def test_a_misspelled_name_is_sent_to_nobody(gateway, near, far):
    with gateway.connect() as raw:
        chat(raw, "gpt-5-mnii")
        reply(near, "gpt-5-mini", "gpt-5")
        reply(far, "f")
        head, body = raw.read_answer()
        assert head.status == 404
        assert json.loads(body)["error"]["code"] == "model_not_found"
        assert "did you mean 'gpt-5-mini'?" in message(body)
        chat(raw, "tt")  # by now nobody has to be asked
        head, body = raw.read_answer()
        assert (head.status, "did you mean 't'?" in message(body)) == (404, True)
        assert near.no_call() and far.no_call()


def test_a_bare_name_goes_to_the_provider_that_lists_it(gateway, near, far):
    with gateway.connect() as raw:
        chat(raw, "llama-3")
        reply(near, "n")
        reply(far, "llama-3")
        call = far.next_call()
        assert b'"llama-3"' in call.body
        call.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        head, _ = raw.read_answer()
        assert (head.status, head.get("x-sluice-model")) == (200, "far/llama-3")


def test_a_name_passes_while_the_list_cannot_be_had(gateway, near, far):
    with gateway.connect() as raw:
        chat(raw, "gpt-5-mnii")
        reply(near, status="404 Not Found")
        reply(far, status="404 Not Found")
        call = far.next_call()
        call.send("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}")
        assert raw.read_answer()[0].status == 404
        assert b"gpt-5-mnii" in call.body


def test_with_aliases_the_nearest_is_named(stage, near):
    gateway = stage.gateway(config_for(near.url, models={"assistant": {"ladder": ["one/x"]}}))
    answer = gateway.chat(model="asistant")
    assert answer.status == 404
    assert "did you mean 'assistant'?" in answer.error["message"]
    assert "as provider/model" in answer.error["message"]
    assert "did you mean 'one/gpt-5'?" in gateway.chat(model="noe/gpt-5").error["message"]


def test_a_key_hears_of_its_own_models_only(stage, near):
    models = {"assistant": {"ladder": ["one/x"]}, "assistent": {"ladder": ["one/y"]}}
    gateway = stage.gateway(config_for(near.url, models=models, auth="keys", data=str(stage.directory / "d")))
    secret = stage.run("keys", "create", "--team", "t", "--models", "assistant", "--data", "d").stdout.strip()
    key = {"authorization": "Bearer " + secret}
    eventually(lambda: gateway.ask("GET", "/v1/models", headers=key).status == 200)
    answer = gateway.chat(model="assistnt", headers=key)
    assert (answer.status, answer.error["code"]) == (403, "model_not_allowed")
    assert "'assistant'" in answer.error["message"] and "assistent" not in answer.error["message"]


@pytest.mark.parametrize("allowed, asked", [("told/t", "t"), ("t", "told/t"), ("t", "t")])
def test_the_models_of_a_key_are_compared_by_meaning(stage, near, allowed, asked):
    providers = {"told": {"dialect": "openai", "base_url": near.url, "key": "sk-told", "models": ["t", "u"]}}
    more = {"providers": providers, "models": {}, "auth": "keys", "data": str(stage.directory / "d")}
    gateway = stage.gateway(config_for(near.url, **more))
    secret = stage.run("keys", "create", "--team", "t", "--models", allowed, "--data", "d").stdout.strip()
    key = {"authorization": "Bearer " + secret}
    eventually(lambda: gateway.ask("GET", "/v1/models", headers=key).status == 200)
    assert listed(gateway.ask("GET", "/v1/models", headers=key).body) == {"t"}
    explained = {**key, "x-sluice-explain": "only"}
    assert gateway.chat(model=asked, headers=explained).status == 200
    assert gateway.chat(model="u", headers=explained).status == 403
    assert gateway.chat(model="told/u", headers=explained).status == 403
