"""The example of examples/, run as a person would run it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

DATA = Path(os.environ.get("SLUICE_DATA", "/nonexistent")) / "humaneval" / "HumanEval.jsonl.gz"


def run(gateway, *arguments, data=""):
    environment = {name: value for name, value in os.environ.items() if name != "SLUICE_DATA"}
    if data:
        environment["SLUICE_DATA"] = data
    done = subprocess.run(
        [
            sys.executable,
            "-B",
            str(ROOT / "examples" / "humaneval.py"),
            "--base-url",
            gateway.url + "/v1",
            *arguments,
        ],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    asked, answered, python = map(int, re.findall(r"(?:asked|answered|Python) (\d+)", done.stdout))
    return done, (asked, answered, python)


@pytest.mark.parametrize("model", ["m", "d"])
def test_its_own_problems_are_answered_with_python(gateway, model):
    done, counts = run(gateway, "--model", model)
    assert done.returncode == 0, done.stderr
    assert counts == (5, 5, 5)


def test_it_says_how_many_were_not_answered(gateway):
    done, counts = run(gateway, "--model", "nothing")
    assert done.returncode == 1
    assert counts == (5, 0, 0)
    assert "no model 'nothing'" in done.stderr


@pytest.mark.skipif(not DATA.exists(), reason="SLUICE_DATA has no humaneval/HumanEval.jsonl.gz")
def test_the_problems_of_humaneval_are_answered_with_python(gateway):
    done, counts = run(gateway, "--model", "m", "--parallel", "16", data=os.environ["SLUICE_DATA"])
    assert done.returncode == 0, done.stderr
    assert counts == (164, 164, 164)
