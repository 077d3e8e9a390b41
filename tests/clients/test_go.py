"""The official client for Go: the program that tools/install-clients made of go/."""

import json
import os
import subprocess

import asks
from conftest import INSTALLED
from reach import REACH


def test_go(gateway, simulator):
    told = {
        "SLUICE_URL": gateway.url,
        "SLUICE_SIM_URL": simulator.url,
        "SLUICE_REACH": json.dumps(REACH),
        "SLUICE_ASKS": json.dumps(asks.ALL),
    }
    program = [str(INSTALLED / "go" / "clients.test"), "-test.v"]
    run = subprocess.run(
        program, env=os.environ | told, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
