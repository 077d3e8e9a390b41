"""What every test may ask for: programs that are started for it alone and are gone when it is over."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))

from programs import PATIENCE, Gateway, Simulator  # noqa: E402  (found through the line above)
from scripted import ScriptedProvider  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


class Stage:
    """Starts programs and stops them in the opposite order."""

    def __init__(self, directory):
        self.directory = directory
        self.binaries = Path(os.environ.get("SLUICE_BIN_DIR", ROOT / "build" / "dev" / "bin"))
        self._started = contextlib.ExitStack()
        text = Path(self.sluice).read_bytes()
        self.sanitized = (
            b"__asan_init" in text or b"__tsan_init" in text
        )  # slower, and its memory says nothing

    @property
    def sluice(self):
        return str(self.binaries / "sluice")

    def simulator(self, *options, **more):
        return self.keep(Simulator(str(self.binaries / "sluice-sim"), self.directory, *options, **more))

    def gateway(self, config, environment=None):
        return self.keep(Gateway(self.sluice, self.directory, config, environment))

    def run(self, *arguments, environment=None):
        """A command that ends by itself: its exit code and what it printed."""
        return subprocess.run(
            [self.sluice, *arguments],
            cwd=self.directory,
            env=environment or {},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def scripted(self, host="127.0.0.1"):
        provider = ScriptedProvider(host)
        self._started.callback(provider.close)
        return provider

    def keep(self, program):
        self._started.callback(program.stop)
        return program

    def close(self):
        self._started.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what its programs wrote."""
    report = yield
    stage = item.funcargs.get("stage") if hasattr(item, "funcargs") else None
    if stage is not None and report.when == "call" and report.failed:
        for file in sorted(Path(stage.directory).glob("*.stderr")):
            report.sections.append((file.name, file.read_text(errors="replace")[-8000:]))
    return report


@pytest.fixture
def stage(tmp_path):
    one = Stage(tmp_path)
    yield one
    one.close()


@pytest.fixture
def simulator(stage):
    return stage.simulator()


@pytest.fixture
def gateway(stage, simulator):
    """A gateway without keys; the alias `m` is the simulator's gpt-4o-mini, `d` its deepseek-chat."""
    return stage.gateway(config_for(simulator.url))


@pytest.fixture
def client(gateway, request):
    """The file's own official client, its `client_of`, of the gateway."""
    with request.module.client_of(gateway) as one:
        yield one


@pytest.fixture
def direct(simulator, request):
    """The same without the gateway: what the answer should be."""
    with request.module.client_of(simulator) as one:
        yield one


def config_for(url, **more):
    """The smallest config over providers at `url`; what is given wins, member by member."""
    config = {
        "listen": "127.0.0.1:0",
        "admin": {"listen": "127.0.0.1:0"},
        "auth": "open",
        "threads": 2,
        "providers": {
            "one": {"dialect": "openai", "base_url": url + "/v1", "key": "sk-provider-one"},
            "two": {"dialect": "deepseek", "base_url": url, "key": "sk-provider-two"},
        },
        "models": {
            "m": {"ladder": ["one/gpt-4o-mini"]},
            "d": {"ladder": ["two/deepseek-chat"]},
        },
    }
    return {**config, **more}
