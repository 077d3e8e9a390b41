"""Side by side: every gateway runs, one at a time has work, in short windows that alternate.

On a machine whose speed changes by the second, a window of one gateway and the next window of another have
about the same machine; minutes apart they do not. What depends on the processor is therefore compared here.
"""

import dataclasses

import tables

# What idles without work; an interpreter's own timers would disturb.
RIVALS = ("nginx", "haproxy", "sluice", "governed", "translating")


@dataclasses.dataclass(frozen=True)
class Kind:
    """One measurement: flags of bench_load, microseconds between chunks, and how the figure is taken."""

    title: str
    flags: tuple
    figure: object  # of bench_load's answer
    gap_us: int = 0


def cpu_per(unit):
    return lambda answer: answer["cpu_ns"] / 1e3 / max(1, answer[unit])


KINDS = {
    "small": Kind("CPU us/req", ("--mode", "closed", "--connections", 32), cpu_per("in_interval")),
    "large": Kind(
        "CPU us/200KB",
        ("--mode", "closed", "--connections", 8, "--body-bytes", 200 * 1024),
        cpu_per("in_interval"),
    ),
    "burst": Kind(
        "CPU us/chunk burst",
        ("--mode", "closed", "--connections", 16, "--stream", "--include-usage"),
        cpu_per("chunks"),
    ),
    "paced": Kind(
        "CPU us/chunk paced",
        ("--mode", "closed", "--connections", 16, "--stream", "--include-usage"),
        cpu_per("chunks"),
        gap_us=10_000,
    ),
    "open": Kind(
        "p99 us at 200/s",
        ("--mode", "open", "--rate", 200),
        lambda answer: answer["latency_ns"]["p99"] / 1e3,
    ),
}


def run(bench, peers, plan, folder, core, say, keep):
    """Gives `keep` {kind: {peer: [one figure a window]}} of the peers among RIVALS after each window; nothing
    when there are not two."""
    peers = [peer for peer in peers if peer.name in RIVALS]
    if len(peers) < 2 or plan.windows == 0:
        return
    results = {kind: {peer.name: [] for peer in peers} for kind in KINDS}
    started = []
    try:
        for peer in peers:
            peer.start(folder / f"{peer.name}-duel", bench.upstream.port, core)
            started.append(peer)
        for window in range(plan.windows + 1):
            say(f"side by side: window {window} of {plan.windows}")
            shift = window % len(started)
            for name, kind in KINDS.items():
                for peer in started[shift:] + started[:shift]:
                    figure = measure(bench, peer, plan, kind, window)
                    if window > 0:  # the first one opens connections and warms caches
                        results[name][peer.name].append(figure)
            if window > 0:
                keep(results)
    finally:
        for peer in started:
            peer.stop()


def measure(bench, peer, plan, kind, window):
    bench.upstream.set(chunks=plan.chunks, gap_us=kind.gap_us, delay_us=0)
    spread_ms = plan.chunks * kind.gap_us // 1000
    seconds = plan.window_seconds * (3 if "open" in kind.flags else 1) + 2 * spread_ms / 1000
    flags = ["--warmup", 0.1 + spread_ms / 1000, "--seconds", seconds, "--seed", window + 1]
    if "--stream" in kind.flags:
        flags += ["--expect-chunks", plan.chunks]
    if spread_ms:
        flags += ["--stagger-ms", spread_ms]
    answer = bench.load(peer, *kind.flags, *flags)
    if answer["errors"]:  # cut short, a request would look cheap
        raise RuntimeError(f"{peer.name} made errors side by side: {answer['errors_by_kind']}")
    return kind.figure(answer)


def paired(results, kind, name, base, combine):
    """`combine(name's figure, base's figure)` of each window."""
    peers = results.get(kind, {})
    return [combine(ours, theirs) for ours, theirs in zip(peers.get(name, []), peers.get(base, [])) if theirs]


def ratios(results, kind, name, base="nginx"):
    return paired(results, kind, name, base, lambda ours, theirs: ours / theirs)


def differences(results, kind, name, base="nginx"):
    return paired(results, kind, name, base, lambda ours, theirs: ours - theirs)


def table(results, base="nginx"):
    names = list(next(iter(results.values())))
    others = [name for name in names if name != base] if base in names else []
    header = ["measured"] + [f"{name} us" for name in names] + [f"{name} / {base}" for name in others]
    translates = {"sluice", "translating"} <= set(names)
    header += ["translating - sluice us"] if translates else []
    governs = {"sluice", "governed"} <= set(names)
    header += ["governed / sluice"] if governs else []
    rows = []
    for key, kind in KINDS.items():
        row = [kind.title] + [tables.cell(results[key][name]) for name in names]
        row += [tables.cell(ratios(results, key, name, base)) for name in others]
        row += [tables.cell(differences(results, key, "translating", "sluice"))] if translates else []
        row += [tables.cell(ratios(results, key, "governed", "sluice"))] if governs else []
        rows.append(row)
    return tables.markdown(header, rows)
