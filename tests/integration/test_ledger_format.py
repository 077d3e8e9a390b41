"""A ledger can be read in another language from docs/ledger.md: the example that is written from that page
reads the worked example on it."""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
READER = ROOT / "examples" / "read_ledger.py"
NAME = "0000000017-5c1e9a77d0b3f214.journal"


def worked_example():
    dump = (ROOT / "docs" / "ledger.md").read_text().split("```text\n")[1].split("```")[0]
    return b"".join(bytes.fromhex(line[10:]) for line in dump.splitlines())


def read(data, segment):
    (data / "ledger").mkdir(exist_ok=True)
    (data / "ledger" / "0000000016.removed").touch()
    (data / "ledger" / NAME).write_bytes(segment)
    return subprocess.run([sys.executable, READER, data], capture_output=True, text=True, timeout=60)


def test_the_example_reads_the_row_of_the_page(tmp_path):
    done = read(tmp_path, worked_example())
    assert done.returncode == 0 and done.stderr == ""
    row = json.loads(done.stdout)
    assert row["request_id"] == "req_1" and row["team"] == "support" and row["tags"] == {"app": "checkout"}
    assert row["usage"] == {"input": 120, "cached_input": 1204, "output": 30}
    assert (row["cost_pico"], row["currency"], row["price_version"], row["price_phase"]) == (
        39_612_000, "USD", "v1", "peak")
    assert row["completed_ns"] - row["started_ns"] == 900_000_000
    assert row["dispatched_ns"] - row["started_ns"] == 40_000
    assert row["stream"] and row["finish_reason"] == "stop" and row["rung"] == "cheap"
    assert row["attempts"][0]["model"] == "deepseek/deepseek-flash" and row["attempts"][0]["ms"] == 900


def test_the_example_tells_damage_and_reads_on(tmp_path):
    segment = bytearray(worked_example())
    segment[0x51] ^= 1
    done = read(tmp_path, bytes(segment))
    assert done.returncode == 1 and "byte 64: 32 bytes are no record" in done.stderr
    assert json.loads(done.stdout)["request_id"] == "req_1"


def test_the_gateways_own_reader_agrees(stage, tmp_path):
    """`sluice ledger verify` on the same bytes."""
    read(tmp_path, worked_example())
    done = stage.run("ledger", "verify", "--data", str(tmp_path), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "segments": 1,
        "bytes": len(worked_example()),
        "rows": 1,
        "index_agrees": True,
        "twins": 0,
        "damage": [],
        "unread_bytes": 0,
    }
