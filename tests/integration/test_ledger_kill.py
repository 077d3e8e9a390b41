"""A gateway that is killed under load: every answer that a client has in full has exactly one row of the
ledger, and no row is of a request that nobody made.

`SLUICE_KILLS=200` kills more often than the ring of tests has time for.
"""

import http.client
import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

from conftest import config_for

READER = Path(__file__).parents[2] / "examples" / "read_ledger.py"
KILLS = int(os.environ.get("SLUICE_KILLS", "3"))
CLIENTS = 6


class Load:
    """Clients that ask until their gateway is gone, and count what they asked and what they were told."""

    def __init__(self, gateway, label, enough):
        self.asked, self.told = set(), {}
        self.enough = threading.Event()
        self._count, self._lock = enough, threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(gateway.address, f"{label}-{i}"))
            for i in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def join(self):
        for thread in self._threads:
            thread.join()

    def _run(self, port, label):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            for i in range(1_000_000):
                self._ask(connection, f"{label}-{i}", stream=i % 2 == 1)
        except (OSError, http.client.HTTPException):
            pass  # killed
        finally:
            connection.close()

    def _ask(self, connection, session, stream):
        body = {"model": "m", "messages": [{"role": "user", "content": "Hello!"}], "stream": stream}
        with self._lock:
            self.asked.add(session)
        connection.request(
            "POST",
            "/v1/chat/completions",
            json.dumps(body),
            {"content-type": "application/json", "x-sluice-session": session},
        )
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        if stream and not text.rstrip().endswith(b"[DONE]"):
            return
        with self._lock:
            self.told[answer.headers["x-sluice-request-id"]] = session
            if len(self.told) >= self._count:
                self.enough.set()


def rows_of(data):
    """By a reader that shares nothing with the gateway."""
    done = subprocess.run([sys.executable, READER, data], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_answer_has_one_row_however_often_the_gateway_is_killed(stage, simulator):
    data = stage.directory / "data"
    config = config_for(simulator.url, data=str(data))
    chance = random.Random(7)
    asked, told = set(), {}
    for kill in range(KILLS):
        gateway = stage.gateway(config)
        load = Load(gateway, f"s{kill}", enough=chance.randrange(1, 150))
        assert load.enough.wait(60), "the clients got no answers"
        gateway.kill()
        load.join()
        asked |= load.asked
        told |= load.told
    stage.gateway(config).stop()  # cuts what the last kill left
    rows = rows_of(data)
    ids = [row["request_id"] for row in rows]
    sessions = [row["session"] for row in rows]
    assert len(ids) == len(set(ids)) and len(sessions) == len(set(sessions)), "a row twice"
    assert set(told) <= set(ids), f"{len(set(told) - set(ids))} of {len(told)} answers have no row"
    assert set(sessions) <= asked, "a row of a request that nobody made"
    by_id = {row["request_id"]: row for row in rows}
    assert all(by_id[request_id]["session"] == session for request_id, session in told.items())
    verified = stage.run("ledger", "verify", "--data", str(data), "--format", "json")
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["rows"] == len(rows)
    print(f"{KILLS} kills, {len(told)} answers in full, {len(rows)} rows")
