"""Alerts by e-mail, from the real program to a mail server: once, over TLS, whatever that server does."""

import json
from pathlib import Path

import pytest

from conftest import config_for
from mail_server import PASSWORD, USER, MailServer
from programs import eventually
from test_steps import Hook, ask
from tls_files import Authority

TO = "ops@example.com"


@pytest.fixture
def authority(stage):
    return Authority(stage.directory)


@pytest.fixture(params=["starttls"])
def server(request, authority):
    one = MailServer(authority.certificate("mail"), request.param)
    yield one
    one.close()


def governed(simulator, authority, server, steps=None, scope="org", **smtp):
    """A third cent of a hundred dollars takes the step."""
    config = config_for(simulator.url, models={"m": {"ladder": ["one/gpt-4o"]}})
    config["providers"]["one"] |= {"prices": "openai", "flavour": "openai"}
    steps = steps or [{"at": "1%", "alert": f"mailto:{TO}"}]
    budget = {"scope": scope, "limit": "1 USD", "window": "month", "steps": steps}
    own = {
        "server": f"localhost:{server.port}",
        "from": "sluice@example.org",
        "user": USER,
        "password": PASSWORD,
        "ca_file": str(authority.file),
    }
    return config | {"budgets": [budget], "smtp": own | smtp}


def alerts(gateway, way="mail", result="delivered"):
    return gateway.metrics()[f'sluice_alerts_total{{way="{way}",result="{result}"}}']


@pytest.mark.parametrize("server", ["starttls", "implicit"], indirect=True)
def test_an_alert_by_mail_is_told_once_over_a_restart(stage, simulator, authority, server, request):
    security = request.node.callspec.params["server"]
    gateway = stage.gateway(governed(simulator, authority, server, tls=security))
    assert alerts(gateway) == 0
    assert ask(gateway).status == 200
    eventually(lambda: alerts(gateway) == 1)
    sender, recipients, message = server.taken[0]
    assert (sender, recipients) == ("sluice@example.org", [TO])
    assert message["from"] == "Sluice <sluice@example.org>"
    assert message["to"] == TO
    assert message["subject"].startswith("org has used ")
    assert message["auto-submitted"] == "auto-generated"
    assert message["date"].datetime.year > 2000
    lines = dict(line.split(":", 1) for line in message.get_content().splitlines() if ":" in line)
    assert lines["limit"].strip() == "1 USD"
    assert message["message-id"] == f"<{lines['alert'].strip()}@example.org>"
    steps = Path(gateway.config["data"]) / "steps.json"
    eventually(lambda: json.loads(steps.read_text())["alerts"] == [])
    gateway.kill()
    again = stage.gateway(gateway.config)
    assert ask(again).status == 200
    again.stop()
    assert len(server.taken) == 1


def test_each_person_gets_a_message_and_a_name_in_any_script(stage, simulator, authority, server):
    steps = [{"at": "1%", "alert": "mailto:a@example.com,b@example.com"}]
    gateway = stage.gateway(governed(simulator, authority, server, steps, scope="user/*"))
    assert gateway.chat({"x-sim-fault": "tokens=2000"}, max_tokens=2000, user="支持").status == 200
    eventually(lambda: len(server.taken) == 2)
    assert [recipients for _, recipients, _ in server.taken] == [["a@example.com"], ["b@example.com"]]
    for _, _, message in server.taken:
        assert message["subject"].startswith("user/支持 has used ")
        assert "budget:      user/支持" in message.get_content().splitlines()


def test_what_a_server_refuses_for_good_is_dropped_and_what_it_puts_off_is_not(
    stage, simulator, authority, server
):
    server.answers = ["451 4.3.0 later", "550 5.1.1 nobody of that name"]
    steps = [{"at": "1%", "alert": f"mailto:{TO},gone@example.com"}]
    gateway = stage.gateway(governed(simulator, authority, server, steps))
    assert ask(gateway).status == 200
    eventually(lambda: alerts(gateway) == 1 and alerts(gateway, result="dropped") == 1)
    assert server.recipients == [TO, "gone@example.com", TO]
    assert [recipients for _, recipients, _ in server.taken] == [[TO]]
    assert "451 4.3.0 later" in json.dumps(gateway.events("alert_delayed"))
    assert "550 5.1.1 nobody of that name" in json.dumps(gateway.events("alert_dropped"))


def test_a_server_that_dies_in_the_middle_gets_the_same_message_again(stage, simulator, authority, server):
    server.dying = 1
    gateway = stage.gateway(governed(simulator, authority, server))
    assert ask(gateway).status == 200
    eventually(lambda: alerts(gateway) == 1)
    assert server.recipients == [TO, TO]
    assert len(gateway.events("alert_delayed")) == 1


def test_a_server_that_does_not_answer_holds_up_nothing_and_a_stop_loses_nothing(
    stage, simulator, authority, server
):
    hook = Hook()
    server.hold = True
    steps = [{"at": "1%", "alert": f"mailto:{TO}"}, {"at": "3%", "alert": hook.url}]
    gateway = stage.gateway(governed(simulator, authority, server, steps))
    assert ask(gateway).status == 200
    eventually(lambda: server.held == 1)
    assert ask(gateway).status == 200
    eventually(lambda: alerts(gateway, "hook") == 1)
    gateway.stop()
    hook.close()
    assert server.taken == []
    server.hold = False
    again = stage.gateway(gateway.config)
    eventually(lambda: alerts(again) == 1)
    assert len(server.taken) == 1


def test_a_wrong_password_is_said_without_it_and_a_reload_mends_it(stage, simulator, authority, server):
    gateway = stage.gateway(governed(simulator, authority, server, password="wrong-one"))
    assert ask(gateway).status == 200
    eventually(lambda: gateway.events("alert_delayed"))
    assert server.logins >= 1
    gateway.reload(governed(simulator, authority, server))
    eventually(lambda: alerts(gateway) == 1)
    assert "does not accept the login: status 535" in json.dumps(gateway.events("alert_delayed"))
    gateway.stop()
    assert "wrong-one" not in gateway.error_text()
    assert PASSWORD not in gateway.error_text()


def test_a_server_that_cannot_prove_its_name_gets_no_password(stage, simulator, authority, server):
    stranger = Authority(stage.directory, "stranger")
    gateway = stage.gateway(governed(simulator, authority, server, ca_file=str(stranger.file)))
    assert ask(gateway).status == 200
    eventually(lambda: gateway.events("alert_delayed"))
    assert "TLS handshake failed" in json.dumps(gateway.events("alert_delayed"))
    assert server.logins == 0


def test_check_says_who_gets_mail_and_misses_the_server(stage, simulator, authority, server):
    config = governed(simulator, authority, server)
    path = stage.directory / "mail.yaml"
    path.write_text(json.dumps(config))
    said = stage.run("check", "-c", str(path))
    assert said.returncode == 0, said.stderr
    assert f"At 1% an alert goes to {TO}." in said.stdout
    assert f"are from sluice@example.org and go through localhost:{server.port}." in said.stdout
    assert PASSWORD not in said.stdout
    del config["smtp"]
    path.write_text(json.dumps(config))
    said = stage.run("check", "-c", str(path))
    assert said.returncode == 1
    assert "there is no smtp.server that takes it" in said.stderr
