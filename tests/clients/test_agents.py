"""Coding agents work a small task through the gateway: the model follows a script, the agent is real."""

import json
import os
import subprocess

import pytest
from programs import Gateway

from conftest import BINARIES, INSTALLED
from scripted_model import ScriptedModel, Step

TASK = "add() in sums.py subtracts. Mend it, and show that it adds."
BROKEN = "def add(a, b):\n    return a - b\n"
MENDED = "def add(a, b):\n    return a + b\n"
CHECK = "python3 -B -c 'import sums; print(sums.add(20, 22))'"


@pytest.fixture
def work(tmp_path):
    """The folder that the agent works in."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "sums.py").write_text(BROKEN)
    return folder


@pytest.fixture
def serve(tmp_path):
    """Starts a model that follows the steps, at a provider of the dialect, and the gateway before it."""
    started = []

    def of(dialect, steps):
        model = ScriptedModel(steps)
        started.append(model.close)
        provider = {"dialect": dialect, "base_url": model.url, "key": "sk-scripted"}
        config = {
            "listen": "127.0.0.1:0",
            "admin": {"listen": "127.0.0.1:0"},
            "auth": "open",
            "providers": {"scripted": provider},
            "models": {"coder": {"ladder": ["scripted/coder-1"]}},
        }
        gateway = Gateway(str(BINARIES / "sluice"), tmp_path, config)
        started.append(gateway.stop)
        return model, gateway

    yield of
    for stop in reversed(started):
        stop()


def run(command, folder, home, **environment):
    clean = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **environment}
    done = subprocess.run(
        command, cwd=folder, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def messages_of(asked):
    return json.dumps(asked["messages"])


BASH_STEPS = [
    Step("I look at the file.", "bash", {"command": "cat sums.py"}),
    Step("The sign is wrong.", "bash", {"command": "sed -i 's/a - b/a + b/' sums.py && cat sums.py"}),
    Step("I try it.", "bash", {"command": CHECK}),
    Step("Done.", "bash", {"command": "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"}),
]


@pytest.mark.parametrize("speaks", ["openai", "anthropic"])
@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_mini_swe_agent_mends_a_function(serve, work, tmp_path, speaks, dialect):
    model, gateway = serve(dialect, BASH_STEPS)
    base = gateway.url + ("/v1" if speaks == "openai" else "")
    log = tmp_path / "trajectory.json"
    command = [str(INSTALLED / "python" / "bin" / "mini"), "--yolo", "--exit-immediately", "--task", TASK]
    command += ["--model", f"{speaks}/coder", "--output", str(log), "-c", "mini.yaml"]
    command += ["-c", f"model.model_kwargs.api_base={base}", "-c", "model.model_kwargs.api_key=any"]
    run(
        command,
        work,
        tmp_path,
        MSWEA_CONFIGURED="true",
        MSWEA_COST_TRACKING="ignore_errors",
        MSWEA_GLOBAL_CONFIG_DIR=str(tmp_path),
        LITELLM_LOCAL_MODEL_COST_MAP="True",
    )
    assert (work / "sums.py").read_text() == MENDED
    assert json.loads(log.read_text())["info"]["exit_status"] == "Submitted"
    assert len(model.asked) == len(BASH_STEPS) and TASK in messages_of(model.asked[0])
    assert "return a - b" in messages_of(model.asked[1]) and "42" in messages_of(model.asked[3])


CLAUDE_STEPS = [
    Step("I look at the file.", "Bash", {"command": "cat sums.py", "description": "Show the file"}),
    Step("It is the sign.", "Bash", {"command": "sed -i 's/a - b/a + b/' sums.py", "description": "Mend"}),
    Step("What else is there?", "ToolSearch", {"query": "select:WebFetch"}),
    Step("I try it.", "Bash", {"command": CHECK, "description": "Try it"}),
    Step("It adds now."),
]


@pytest.mark.skipif("SLUICE_TEST_CLAUDE_CODE" not in os.environ, reason="400 MB: docs/clients.md says how")
@pytest.mark.parametrize("dialect", ["anthropic", "openai"])
def test_claude_code_mends_a_function(serve, work, tmp_path, dialect):
    model, gateway = serve(dialect, CLAUDE_STEPS)
    command = [os.environ["SLUICE_TEST_CLAUDE_CODE"], "--print", TASK]
    command += ["--model", "coder", "--allowedTools", "Bash"]
    said = run(
        command,
        work,
        tmp_path,
        ANTHROPIC_BASE_URL=gateway.url,
        ANTHROPIC_API_KEY="any",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
    )
    assert "It adds now." in said
    assert (work / "sums.py").read_text() == MENDED
    assert "return a - b" in messages_of(model.asked[1]) and "42" in messages_of(model.asked[4])
    assert "WebFetch" in messages_of(model.asked[3])
    assert not [one for one in gateway.events("request") if one["status"] == 400]
