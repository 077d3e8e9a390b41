"""One gateway in front of one simulator for all tests of a file, and what every client is asked to do."""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from programs import Gateway, Simulator  # noqa: E402  (found through the line above)
from reach import config_for  # noqa: E402

BINARIES = Path(os.environ.get("SLUICE_BIN_DIR", ROOT / "build" / "dev" / "bin"))
INSTALLED = ROOT / "build" / "clients"  # what tools/install-clients made


@pytest.fixture(scope="session")
def programs_of_session(tmp_path_factory):
    directory = tmp_path_factory.mktemp("programs")
    simulator = Simulator(str(BINARIES / "sluice-sim"), directory)
    try:
        gateway = Gateway(str(BINARIES / "sluice"), directory, config_for(simulator.url))
        try:
            yield simulator, gateway
        finally:
            gateway.stop()
    finally:
        simulator.stop()


@pytest.fixture
def simulator(programs_of_session):
    """As if just started: it remembers no request."""
    one = programs_of_session[0]
    one.reset()
    return one


@pytest.fixture
def gateway(programs_of_session, simulator):
    return programs_of_session[1]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what the gateway wrote."""
    report = yield
    if report.when == "call" and report.failed and "programs_of_session" in item.fixturenames:
        written = item.funcargs["gateway"].error_text()
        report.sections.append(("the gateway's log", written[-8000:]))
    return report
