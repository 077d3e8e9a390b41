"""The ledger of a whole gateway: who may write it, what it counts, what the command says of it."""

import json


def test_a_second_gateway_on_the_same_directory_is_refused(stage, gateway):
    second = stage.run(
        "serve", "--data", gateway.config["data"], "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"
    )
    assert second.returncode == 3
    assert f"another gateway (process {gateway.process.pid})" in second.stderr
    assert gateway.chat().status == 200


def test_each_answer_is_counted_and_verified(stage, gateway):
    for _ in range(5):
        assert gateway.chat().status == 200
    metrics = gateway.metrics()
    assert metrics["sluice_ledger_rows_total"] == 5
    assert metrics["sluice_ledger_lost_total"] == 0
    assert metrics["sluice_ledger_writable"] == 1
    done = stage.run("ledger", "verify", "--data", gateway.config["data"], "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 5
    done = stage.run("ledger", "rebuild", "--data", gateway.config["data"], "--format", "json")
    assert json.loads(done.stdout) == {"rows": 5, "damaged": 0, "unread_bytes": 0}


def damaged(stage, gateway, place):
    """A ledger of three rows whose only segment has one bit changed: its directory and the segment's size."""
    for _ in range(3):
        assert gateway.chat().status == 200
    data = stage.directory / gateway.config["data"]
    gateway.stop()
    (segment,) = (data / "ledger").glob("*.journal")
    text = bytearray(segment.read_bytes())
    text[place(len(text))] ^= 1
    segment.write_bytes(text)
    return data, len(text)


def test_a_last_record_that_cannot_be_read_is_told(stage, gateway):
    data, size = damaged(stage, gateway, lambda size: size - 8)
    for command in ("rebuild", "verify"):
        done = stage.run("ledger", command, "--data", str(data), "--format", "json")
        told = json.loads(done.stdout)
        assert told["rows"] == 2 and told["unread_bytes"] > 8
        assert f"byte {size - told['unread_bytes']}: the last" in done.stderr


def test_damage_is_said_with_its_place(stage, gateway):
    data, _ = damaged(stage, gateway, lambda size: size // 2)
    done = stage.run("ledger", "verify", "--data", str(data))
    assert done.returncode == 1
    assert "segment 1, byte " in done.stderr
    assert stage.run("ledger", "mend", "--data", str(data)).returncode == 2


def test_segments_that_are_gone_are_missed_by_verify_and_told_by_whoever_reads_first(stage, gateway):
    assert gateway.chat().status == 200
    data = stage.directory / gateway.config["data"]
    assert stage.run("bill", "--data", str(data)).returncode == 0
    gateway.stop()
    (segment,) = (data / "ledger").glob("*.journal")
    text = segment.read_bytes()
    segment.unlink()
    done = stage.run("ledger", "verify", "--data", str(data))
    assert done.returncode == 1
    assert "segment 1: the segment is missing" in done.stderr and "made anew" in done.stderr
    segment.write_bytes(text)
    assert stage.run("bill", "--data", str(data)).stdout.startswith("from the beginning")
    segment.unlink()
    done = stage.run("bill", "--data", str(data))
    assert done.returncode == 0 and "no request is in the ledger" in done.stdout
    assert "the ledger's index was not made from this journal" in done.stderr


def test_a_damaged_index_is_made_anew_by_whoever_reads(stage, gateway):
    for _ in range(3):
        assert gateway.chat().status == 200
    data = stage.directory / gateway.config["data"]
    gateway.stop()
    for command in (("bill",), ("ledger", "verify"), ("ledger", "rebuild")):
        (data / "index.sqlite").write_bytes(b"garbage")
        done = stage.run(*command, "--data", str(data))
        assert done.returncode == 0, done.stderr
        assert "index was damaged" in done.stderr and "3" in done.stdout
        assert (data / "index.sqlite.damaged").read_bytes() == b"garbage"
        assert stage.run("bill", "--data", str(data)).stderr == ""
