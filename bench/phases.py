"""The measurements that every gateway goes through, in the order in which they run.

Each phase is one run of bench_load and keeps its whole JSON answer; `figures` takes the table's cells from
them. Durations come from a Plan, so that a quick run is the same code.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import time
import urllib.request


@dataclasses.dataclass(frozen=True)
class Plan:
    """How long and how much. Seconds, unless the name says otherwise."""

    open_seconds: float = 6
    direct_seconds: float = 3
    closed_seconds: float = 4
    warmup: float = 1
    stream_seconds: float = 4
    chunks: int = 64
    gap_us: int = 10_000
    held_streams: int = 1_000
    held_chunks: int = 10
    held_ramp: float = 3
    soak_seconds: float = 0
    rounds: int = 3
    windows: int = 12  # of each kind and gateway, side by side
    window_seconds: float = 0.7


BRIEF = Plan(
    open_seconds=4,
    direct_seconds=2,
    closed_seconds=2.5,
    warmup=0.5,
    stream_seconds=2.5,
    held_chunks=6,
    rounds=1,
    windows=10,
)
QUICK = Plan(
    open_seconds=2,
    direct_seconds=1,
    closed_seconds=1,
    warmup=0.3,
    stream_seconds=1.5,
    held_streams=200,
    held_chunks=3,
    held_ramp=1,
    rounds=1,
    windows=3,
    window_seconds=0.4,
)


def what_is_missing(binaries):
    """Which of the two programs underneath is not built, and how it is; None when both are there."""
    for name in ("bench_load", "bench_upstream"):
        if not (pathlib.Path(binaries) / name).exists():
            return f"{binaries}/{name} is not built: cmake --preset release -DSLUICE_BENCH=ON; make build"
    return None


class Upstream:
    """The one bench_upstream of a comparison."""

    def __init__(self, binaries, core):
        command = ["taskset", "-c", str(core), str(pathlib.Path(binaries) / "bench_upstream")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self.port = int(self.process.stdout.readline().rpartition(":")[2])

    def set(self, **knobs):
        query = "&".join(f"{name}={value}" for name, value in knobs.items())
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/bench?{query}", method="PUT")
        urllib.request.urlopen(request, timeout=10).read()

    def statistics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/bench/stats", timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Bench:
    """Runs bench_load on the load core."""

    def __init__(self, binaries, core, upstream):
        self.binary = pathlib.Path(binaries) / "bench_load"
        self.core = core
        self.upstream = upstream

    def load(self, peer, *flags, patience=900):
        command = ["taskset", "-c", str(self.core), str(self.binary)]
        command += ["--url", peer.url, "--model", peer.model]
        if peer.key:
            command += ["--key", peer.key]
        for header in peer.headers:
            command += ["--header", header]
        if peer.pid:
            command += ["--pid", str(peer.pid)]
        command += ["--other-pid", str(self.upstream.process.pid), *peer.load_flags]
        command += [str(flag) for flag in flags]
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"bench_load: {done.stderr.strip()[:300]}")
        return json.loads(done.stdout)


def rss_kb(pid):
    """Resident memory of a process tree."""
    total = 0
    for member in tree(pid):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{member}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
    return total


def tree(pid):
    members = [pid]
    for member in members:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{member}/task"):
                children = pathlib.Path(f"/proc/{member}/task/{thread}/children").read_text()
                members += [int(child) for child in children.split()]
    return members


def run(bench, peer, direct, plan, seed, hold):
    """All phases against one running peer. Returns the phases by name."""
    upstream = bench.upstream
    phases = {}
    if peer.pid:
        time.sleep(1)
        phases["idle_rss_kb"] = rss_kb(peer.pid)

    upstream.set(chunks=plan.chunks, gap_us=0, delay_us=0)
    open_flags = ["--mode", "open", "--rate", peer.rate, "--warmup", plan.warmup]
    before = bench.load(direct, *open_flags, "--seconds", plan.direct_seconds, "--seed", 3 * seed)
    phases["open"] = bench.load(peer, *open_flags, "--seconds", plan.open_seconds, "--seed", 3 * seed + 1)
    after = bench.load(direct, *open_flags, "--seconds", plan.direct_seconds, "--seed", 3 * seed + 2)
    phases["open_direct"] = [before, after]

    closed = ["--mode", "closed", "--seconds", plan.closed_seconds, "--warmup", plan.warmup]
    phases["small"] = bench.load(peer, *closed, "--connections", 32)
    phases["large"] = bench.load(peer, *closed, "--connections", 8, "--body-bytes", 200 * 1024)

    if peer.streams:
        streams = [
            *("--mode", "closed", "--stream", "--include-usage", "--connections", 16, "--seed", seed),
            *("--seconds", plan.stream_seconds, "--warmup", plan.warmup, "--expect-chunks", plan.chunks),
        ]
        phases["burst"] = bench.load(peer, *streams)
        upstream.set(chunks=plan.chunks, gap_us=plan.gap_us)
        spread_ms = plan.chunks * plan.gap_us // 1000
        phases["paced"] = bench.load(peer, *streams, "--stagger-ms", spread_ms)
        if hold:
            upstream.set(chunks=plan.held_chunks, gap_us=1_000_000)
            phases["hold"] = bench.load(
                peer,
                *("--mode", "hold", "--connections", plan.held_streams, "--ramp", plan.held_ramp),
                *("--expect-chunks", plan.held_chunks, "--sample-ms", 100),
                *("--timeout", plan.held_chunks + 15),
            )
    if plan.soak_seconds and peer.pid:
        upstream.set(chunks=plan.chunks, gap_us=0)
        phases["soak"] = bench.load(
            peer,
            *("--mode", "closed", "--connections", 32),
            *("--warmup", plan.warmup, "--seconds", plan.soak_seconds),
            patience=plan.soak_seconds + 120,
        )
    return phases


def figures(phases, direct_phases):
    """The table's cells for one peer in one round, from its phases and the direct ones of that round."""
    cells = {}
    if "start_ms" in phases:
        cells["start_ms"] = phases["start_ms"]
    opened, small, large = phases["open"], phases["small"], phases["large"]
    if "idle_rss_kb" in phases:
        cells["idle_rss_mb"] = phases["idle_rss_kb"] / 1000
        peaks = [p["rss_kb"]["peak"] for p in phases.values() if isinstance(p, dict)]
        cells["peak_rss_mb"] = max(peaks) / 1000
    for quantile in ("p50", "p99"):
        base = [run["latency_ns"][quantile] for run in phases["open_direct"]]
        cells[f"added_{quantile}_us"] = (opened["latency_ns"][quantile] - sum(base) / len(base)) / 1e3
    cells["rps"] = ratio(small["in_interval"] * 1e9, small["wall_ns"])
    cells["cpu_us_small"] = ratio(small["cpu_ns"] / 1e3, small["in_interval"])
    cells["cpu_us_large"] = ratio(large["cpu_ns"] / 1e3, large["in_interval"])
    for name in ("paced", "burst"):
        if name in phases:
            cells[f"cpu_us_chunk_{name}"] = ratio(phases[name]["cpu_ns"] / 1e3, phases[name]["chunks"])
    if "paced" in phases:
        for quantile in ("p50", "p99"):
            base = direct_phases["paced"]["ttft_ns"][quantile]
            cells[f"added_ttft_{quantile}_us"] = (phases["paced"]["ttft_ns"][quantile] - base) / 1e3
        cells["lag_p99_us"] = phases["paced"]["lag_ns"]["p99"] / 1e3
    if "hold" in phases:
        hold = phases["hold"]
        streams = max(1, hold["connections_opened"])
        cells["kb_stream"] = (hold["rss_kb"]["most"] - hold["rss_kb"]["before"]) / streams
        cells["late_lost"] = hold["chunks_late"] + hold["chunks_lost"]
    if "soak" in phases:
        samples = phases["soak"]["rss_kb"]["samples"]
        cells["growth_kb"] = samples[-1][1] - samples[len(samples) // 5][1]
    cells["errors"] = sum(errors(phases).values())
    runs = [run for run in phases.values() if isinstance(run, dict)]
    cells["foreign_cores"] = max(max(0.0, ratio(run["foreign_cpu_ns"], run["wall_ns"])) for run in runs)
    return {name: value for name, value in cells.items() if value is not None}


def errors(phases):
    """Requests without their whole, right answer, by phase."""
    return {name: phase["errors"] for name, phase in phases.items() if isinstance(phase, dict)}


def ratio(value, by):
    return value / by if by else 0.0
