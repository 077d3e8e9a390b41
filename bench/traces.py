"""Public traces of LLM traffic as plans for bench_load.

A trace is a list of requests with arrival time, prompt tokens and answer tokens. Texts are not in them; a
prompt token becomes four bytes, an answer token one chunk.
"""

import csv
import dataclasses
import datetime
import json
import os
import pathlib

BYTES_PER_TOKEN = 4

KNOWN = {
    "azure_2023_conv": ("azure_2023_conv.csv", "github.com/Azure/AzurePublicDataset, data/ (CC BY 4.0)"),
    "azure_2023_code": ("azure_2023_code.csv", "github.com/Azure/AzurePublicDataset, data/ (CC BY 4.0)"),
    "mooncake": (
        "mooncake_conversation.jsonl",
        "github.com/kvcache-ai/Mooncake, FAST25-release/traces/ (Apache-2.0)",
    ),
}


class Missing(Exception):
    """The trace is not here; the text says what to do."""


@dataclasses.dataclass(frozen=True)
class Request:
    at: float  # seconds since the first one
    prompt_tokens: int
    answer_tokens: int


def locate(name):
    """The file of a known trace under $SLUICE_DATA/traces, or the file that `name` is itself."""
    if name not in KNOWN:
        path = pathlib.Path(name)
        if path.is_file():
            return path
        raise Missing(f"no file '{name}', and no known trace of that name ({', '.join(KNOWN)})")
    file, origin = KNOWN[name]
    folder = os.environ.get("SLUICE_DATA")
    if not folder:
        raise Missing(f"set SLUICE_DATA to a folder with traces/{file}; it can be had from {origin}")
    path = pathlib.Path(folder) / "traces" / file
    if not path.is_file():
        raise Missing(f"{path} is not there; it can be had from {origin}")
    return path


def instant(text):
    """Seconds of `2023-11-16 18:15:46.6805900`, which has more digits than datetime reads."""
    whole, _, fraction = text.partition(".")
    moment = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp() + (float(f"0.{fraction}") if fraction else 0.0)


def parse_azure(lines):
    rows = csv.DictReader(lines)
    return [(instant(r["TIMESTAMP"]), int(r["ContextTokens"]), int(r["GeneratedTokens"])) for r in rows]


def parse_mooncake(lines):
    rows = (json.loads(line) for line in lines if line.strip())
    return [(r["timestamp"] / 1000, r["input_length"], r["output_length"]) for r in rows]


def read(path):
    """The requests of a trace file in order of arrival, the first at 0."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = parse_mooncake(file) if str(path).endswith(".jsonl") else parse_azure(file)
    rows.sort(key=lambda row: row[0])
    return [Request(at - rows[0][0], prompt, answer) for at, prompt, answer in rows]


def sped_up(requests, speed, seconds):
    """Those that arrive within `seconds` of a replay at `speed`, with their times in the replay."""
    return [dataclasses.replace(r, at=r.at / speed) for r in requests if r.at / speed < seconds]


def plan(requests):
    """The text of a plan file for bench_load: microseconds, prompt bytes, answer chunks."""
    lines = []
    for r in requests:
        prompt_bytes = max(1, r.prompt_tokens) * BYTES_PER_TOKEN
        lines.append(f"{int(r.at * 1e6)} {prompt_bytes} {max(1, r.answer_tokens)}\n")
    return "".join(lines)
