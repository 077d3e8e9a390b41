"""The clients for Node: each file of node/ is one run of Node's own test runner."""

import json
import os
import shutil
import subprocess

import pytest

from conftest import HERE, INSTALLED
from reach import REACH

FILES = sorted((HERE / "node").glob("*.test.js"))


@pytest.fixture(scope="module")
def beside_modules(tmp_path_factory):
    """A copy of the tests beside the installed packages: Node looks for those beside what imports them."""
    directory = tmp_path_factory.mktemp("node")
    for file in [*(HERE / "node").iterdir(), HERE / "asks.json"]:
        if file.is_file():
            shutil.copy(file, directory)
    (directory / "node_modules").symlink_to(INSTALLED / "node" / "node_modules")
    return directory


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_node(beside_modules, gateway, simulator, file):
    programs = {"SLUICE_URL": gateway.url, "SLUICE_SIM_URL": simulator.url, "SLUICE_REACH": json.dumps(REACH)}
    node = [str(INSTALLED / "bin" / "node"), "--test-reporter=spec", file.name]
    run = subprocess.run(
        node,
        cwd=beside_modules,
        env=os.environ | programs,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
