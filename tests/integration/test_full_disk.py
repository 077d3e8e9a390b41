"""A gateway whose data directory is a small file system of its own, which fills up and is emptied again.

It is mounted in a user namespace, so that nothing has to be prepared and nothing is left behind. Where a
machine forbids that, `full_disk_test.cc` beside the simulated days plays the same with a disk that says to be
full.
"""

import subprocess
from pathlib import Path

import pytest

from conftest import config_for
from programs import Gateway, eventually

SIZE = "8m"
TAGS = ",".join(f"tag-{i}=" + "x" * 200 for i in range(16))  # a row of several kilobytes

MOUNTED = f"""#!/bin/sh
data="$SMALL_DISK"
export data
exec unshare --user --map-root-user --mount sh -c \\
  'mount -t tmpfs -o size={SIZE},mode=0700 none "$data" && exec "$0" "$@"' "{{sluice}}" "$@"
"""


def may_mount(directory):
    command = f"mount -t tmpfs -o size={SIZE} none '{directory}'"
    unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command]
    try:
        return subprocess.run(unshare, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


class SmallDisk:
    """A gateway with its file system, seen from outside through the process's own view of it."""

    def __init__(self, stage, url, when_full):
        data = stage.directory / "small"
        data.mkdir(mode=0o700)
        if not may_mount(data):
            pytest.skip("this machine lets no user namespace mount a file system")
        wrapper = stage.directory / "sluice-on-a-small-disk"
        wrapper.write_text(MOUNTED.format(sluice=stage.sluice))
        wrapper.chmod(0o700)
        ledger = {"segment_size": "1MiB", "when_full": when_full, "sync_interval": "5ms"}
        config = config_for(url, data=str(data), ledger=ledger, http={"requests_max": 200})
        environment = {"SMALL_DISK": str(data)}
        self.gateway = stage.keep(Gateway(str(wrapper), stage.directory, config, environment))
        self.inside = Path(f"/proc/{self.gateway.process.pid}/root{data}")
        self.filler = self.inside / "filler"

    def fill(self):
        with self.filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 65536) == 65536:
                    pass
            except OSError:
                pass

    def empty(self):
        self.filler.unlink()

    def ask(self):
        return self.gateway.chat(headers={"content-type": "application/json", "x-sluice-tags": TAGS})

    def rows(self):
        directory = self.inside / "ledger"
        return sum(file.read_bytes().count(b"ROW\x01") for file in directory.glob("*.journal"))


def test_a_full_disk_refuses_before_a_row_is_lost_and_goes_on_when_there_is_space(stage, simulator):
    disk = SmallDisk(stage, simulator.url, "refuse")
    assert disk.ask().status == 200
    disk.fill()
    answered = 1
    for _ in range(2000):
        answer = disk.ask()
        if answer.status != 200:
            break
        answered += 1
    assert answer.status == 503 and answer.error["code"] == "unavailable", answer
    assert "retry-after" in answer.headers and answer.headers["x-should-retry"] == "true"
    metrics = disk.gateway.metrics()
    assert metrics["sluice_ledger_writable"] == 0 and metrics["sluice_ledger_lost_total"] == 0
    eventually(lambda: disk.gateway.events("ledger_full"), what="the log line ledger_full")
    assert disk.rows() == answered, "each answer has its row"
    disk.empty()
    eventually(lambda: disk.ask().status == 200, what="an answer after there was space again")
    assert disk.gateway.metrics()["sluice_ledger_writable"] == 1
    eventually(lambda: disk.gateway.events("ledger_recovered"), what="the log line ledger_recovered")


def test_a_gateway_that_is_to_go_on_answers_without_rows_and_counts_them(stage, simulator):
    disk = SmallDisk(stage, simulator.url, "continue")
    disk.fill()
    answered = 0

    def lost():
        return disk.gateway.metrics()["sluice_ledger_lost_total"]

    while lost() < 3:
        for _ in range(20):
            assert disk.ask().status == 200
            answered += 1
        assert answered < 4000
    assert disk.rows() + lost() == answered, "what has no row is counted"
    eventually(lambda: disk.gateway.events("ledger_lost"), what="the log line ledger_lost")
    before = lost()
    disk.empty()
    eventually(lambda: disk.gateway.events("ledger_recovered"), what="the log line ledger_recovered")
    assert disk.ask().status == 200
    assert lost() == before and disk.rows() + before == answered + 1
