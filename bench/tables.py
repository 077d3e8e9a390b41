"""Tables of figures over rounds: the median and, where the rounds differ, the range."""

import statistics

REQUESTS = (
    ("start_ms", "start ms"),
    ("idle_rss_mb", "idle RSS MB"),
    ("peak_rss_mb", "peak RSS MB"),
    ("added_p50_us", "+p50 us"),
    ("added_p99_us", "+p99 us"),
    ("rps", "RPS c=32"),
    ("cpu_us_small", "CPU us/req"),
    ("cpu_us_large", "CPU us/200KB"),
    ("errors", "errors"),
    ("growth_kb", "growth KB in soak"),
    ("foreign_cores", "foreign cores, most"),
)
STREAMS = (
    ("cpu_us_chunk_paced", "CPU us/chunk paced"),
    ("cpu_us_chunk_burst", "CPU us/chunk burst"),
    ("added_ttft_p50_us", "+TTFT p50 us"),
    ("added_ttft_p99_us", "+TTFT p99 us"),
    ("lag_p99_us", "chunk lag p99 us"),
    ("kb_stream", "KB/open stream"),
    ("late_lost", "late+lost chunks"),
)
RATIOS = (
    ("cpu_us_small", "CPU/req"),
    ("cpu_us_large", "CPU/200KB"),
    ("cpu_us_chunk_paced", "CPU/chunk paced"),
    ("cpu_us_chunk_burst", "CPU/chunk burst"),
    ("rps", "RPS"),
    ("idle_rss_mb", "idle RSS"),
    ("kb_stream", "KB/stream"),
)


def number(value):
    """Three digits that matter; whole numbers from 100 on."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cell(values):
    """`median [least-most]` of the rounds, or one number when they agree."""
    if not values:
        return "-"
    middle, least, most = (number(v) for v in (statistics.median(values), min(values), max(values)))
    return middle if least == most else f"{middle} [{least}-{most}]"


def column(rounds, peer, name):
    return [figures[peer][name] for figures in rounds if peer in figures and name in figures[peer]]


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) + " |"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def figures_table(rounds, peers, columns):
    used = [(name, title) for name, title in columns if any(column(rounds, peer, name) for peer in peers)]
    rows = [[peer] + [cell(column(rounds, peer, name)) for name, _ in used] for peer in peers]
    return markdown(["peer"] + [title for _, title in used], rows)


def within_round(rounds, peer, other, name, combine):
    """`combine(peer's figure, other's figure)` of every round that has both."""
    pairs = [(figures.get(peer, {}).get(name), figures.get(other, {}).get(name)) for figures in rounds]
    return [combine(a, b) for a, b in pairs if a is not None and b]


def ratios_table(rounds, peers, base):
    """Each figure as a multiple of the base peer's in the same round; the added p99 as a difference."""
    rows = []
    for peer in peers:
        if peer in (base, "direct"):
            continue
        row = [cell(within_round(rounds, peer, base, name, lambda a, b: a / b)) for name, _ in RATIOS]
        row.append(cell(within_round(rounds, peer, base, "added_p99_us", lambda a, b: a - b)))
        rows.append([peer] + row)
    return markdown(["peer"] + [f"{title} x" for _, title in RATIOS] + ["+p99 us minus its"], rows)


def targets(rounds, side_by_side):
    """What the project promises of Sluice against nginx, and what was measured. Empty without both.

    `side_by_side(kind)` has the multiples of nginx, window by window, and for "open" the differences.
    """
    sluice = [figures["sluice"] for figures in rounds if "sluice" in figures and "nginx" in figures]
    if not sluice:
        return ""
    promises = (
        ("CPU per small chat request, c=32", side_by_side("small"), 1.0, "x nginx"),
        ("CPU per SSE chunk, paced", side_by_side("paced"), 1.0, "x nginx"),
        ("CPU per SSE chunk, burst", side_by_side("burst"), 1.0, "x nginx"),
        ("CPU per 200 KB prompt", side_by_side("large"), 1.3, "x nginx"),
        ("p99 at 200 requests/s over nginx's", side_by_side("open"), 50, "us"),
        ("memory per open stream", column(rounds, "sluice", "kb_stream"), 40, "KB"),
        ("late and lost chunks", column(rounds, "sluice", "late_lost"), 0, ""),
        ("idle memory", column(rounds, "sluice", "idle_rss_mb"), 15, "MB"),
        ("errors", column(rounds, "sluice", "errors"), 0, ""),
    )
    rows = []
    for what, values, limit, unit in promises:
        if values:
            met = "yes" if statistics.median(values) <= limit else "NO"
            rows.append([what, f"<= {limit} {unit}".strip(), cell(values), met])
    return markdown(["promise", "limit", "measured", "met"], rows)


def factors_table(rounds, peers):
    """How many times better Sluice is than each rival; below 1 it is worse."""
    lower = ("cpu_us_small", "cpu_us_large", "cpu_us_chunk_paced", "cpu_us_chunk_burst")
    lower += ("idle_rss_mb", "start_ms", "kb_stream")
    rows = []
    for peer in peers:
        if peer in ("direct", "sluice"):
            continue
        row = [cell(within_round(rounds, "sluice", peer, "rps", lambda a, b: a / b))]
        for name in lower:
            row.append(cell(within_round(rounds, peer, "sluice", name, lambda a, b: a / b)))
        rows.append([peer] + row)
    titles = dict(REQUESTS + STREAMS)
    return markdown(["rival", "RPS c=32"] + [titles[name] for name in lower], rows)
