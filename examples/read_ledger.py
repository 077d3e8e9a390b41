#!/usr/bin/env python3
"""Reads a ledger without Sluice: `python3 examples/read_ledger.py DATA` prints each row as a line of JSON.

Written from docs/ledger.md alone, in plain Python: a model for a reader in another language. Damage is told
on standard error; the exit code is then 1.
"""

import argparse
import json
import pathlib
import struct
import sys

OPERATIONS = ["chat", "completion", "embedding", "responses", "messages", "count_tokens"]
RUNGS = ["rules", "exact", "semantic", "student", "local", "cheap", "strong"]
FINISHES = [None, "stop", "length", "tool_calls", "content_filter", "insufficient_system_resource", "other"]
SOURCES = ["provider", "counted", "drained", "estimated", "none"]
METERS = ["input", "cached_input", "cache_write_5m", "cache_write_1h", "output", "reasoning", "input_audio",
          "input_image", "output_audio", "output_image", "request", "search", "fetch", "page", "character",
          "image", "second"]
TEXTS = ["request_id", "key_id", "org", "team", "project", "user", "session", "asked_model", "provider",
         "model", "response_model", "reason", "dropped", "error", "service_tier", "provider_usage"]
HEADER_BYTES, RECORD_HEADER_BYTES, PAYLOAD_MAX = 64, 16, 128 * 1024


def crc_table():
    table = []
    for rest in range(256):
        for _ in range(8):
            rest = rest >> 1 ^ (0x82F63B78 if rest & 1 else 0)
        table.append(rest)
    return table


TABLE = crc_table()


def crc32c(data, before=0):
    rest = before ^ 0xFFFFFFFF
    for byte in data:
        rest = rest >> 8 ^ TABLE[(rest ^ byte) & 0xFF]
    return rest ^ 0xFFFFFFFF


class Fields:
    """The fields of a payload, one after the other."""

    def __init__(self, payload):
        self.payload, self.at = payload, 0

    def take(self, count):
        if self.at + count > len(self.payload):
            raise ValueError("the row ends too early")
        self.at += count
        return self.payload[self.at - count:self.at]

    def byte(self):
        return self.take(1)[0]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def text(self):
        return self.take(self.varint()).decode("utf-8", "replace")

    def usage(self):
        used = self.varint()
        return {meter: self.signed() for i, meter in enumerate(METERS) if used >> i & 1}

    def price(self, has_cost):
        price = {"price_version": self.text(), "price_phase": self.text(), "currency": self.text()}
        price["cost_pico"] = self.signed() if has_cost else None
        return price


def held(fields, price):
    """What is held for an unknown price, currency and pico-units; None where nothing is."""
    if price["price_version"] != "unknown":
        return
    currency = fields.text()
    price["held"] = {"currency": currency, "pico": fields.signed()} if currency else None


def call(fields, started):
    """What the price of a failed attempt went by; None where the row does not tell."""
    said_as = fields.byte()
    if said_as == 0:
        return None
    return {"asked_as": OPERATIONS[said_as - 1], "dispatched_ns": started + fields.signed(),
            "completed_ns": started + fields.signed(), "service_tier": fields.text()}


def attempt(fields):
    flags = fields.byte()
    read = {"model": fields.text(), "status": fields.signed(), "error": fields.text(), "ms": fields.varint()}
    if flags & 1:
        read["usage"] = fields.usage()
    return read | fields.price(flags & 4)


def row(payload):
    fields = Fields(payload)
    version, flags = fields.byte(), fields.byte()
    if version != 1:
        raise ValueError(f"a row of version {version}")
    read = {"operation": OPERATIONS[fields.byte()], "rung": RUNGS[fields.byte()],
            "finish_reason": FINISHES[fields.byte()], "usage_source": SOURCES[fields.byte()]}
    for i, name in enumerate(["stream", "aborted", "batch", "inconsistent"]):
        read[name] = bool(flags >> i & 1)
    started = struct.unpack("<q", fields.take(8))[0]
    read["started_ns"] = started
    read["dispatched_ns"] = started + fields.signed() if flags & 16 else None
    read["first_token_ns"] = started + fields.signed() if flags & 32 else None
    read["completed_ns"] = started + fields.signed()
    read["status"] = fields.signed()
    read |= {name: fields.text() for name in TEXTS}
    read["tags"] = {fields.text(): fields.text() for _ in range(fields.varint())}
    read["usage"] = fields.usage()
    read |= fields.price(flags & 64)
    read["saved_pico"] = fields.signed() if flags & 128 else None
    read["attempts"] = [attempt(fields) for _ in range(fields.varint())]
    if fields.at == len(payload):  # a row of an early Sluice
        return read
    said_as = fields.byte()
    read["asked_as"] = OPERATIONS[said_as - 1] if said_as else None
    for each in read["attempts"]:
        if "usage" in each:
            each["call"] = call(fields, started)
    if fields.at < len(payload):  # unless it was written before anything was held
        held(fields, read)
        for each in read["attempts"]:
            if "usage" in each:
                held(fields, each)
    return read


def records(path):
    """Yields (offset, kind, payload), and (offset, None, sentence) for what is damaged."""
    data = path.read_bytes()
    salt = bytes.fromhex(path.name.split("-")[1].split(".")[0])[::-1]
    if data[:8] != b"SLUICEJ\n" or struct.unpack("<I", data[60:64])[0] != crc32c(data[:60]):
        yield 0, None, "the header is damaged"
    at, bad = HEADER_BYTES, None
    while at + RECORD_HEADER_BYTES <= len(data):
        checksum, size, kind, _ = struct.unpack("<II4sI", data[at:at + RECORD_HEADER_BYTES])
        payload = data[at + RECORD_HEADER_BYTES:at + RECORD_HEADER_BYTES + size]
        good = size <= PAYLOAD_MAX and len(payload) == size and kind[:3].isupper() and kind[3] == 1
        if not good or crc32c(data[at + 4:at + RECORD_HEADER_BYTES] + payload, crc32c(salt)) != checksum:
            bad = at if bad is None else bad
            at += 8
            continue
        if bad is not None:
            yield bad, None, f"{at - bad} bytes are no record"
        bad = None
        yield at, kind[:3].decode(), payload
        at += (RECORD_HEADER_BYTES + size + 7) // 8 * 8


def main():
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("data", metavar="DATA", type=pathlib.Path, help="the gateway's data directory")
    ledger = parser.parse_args().data / "ledger"
    if not ledger.is_dir():
        parser.error(f"there is no folder {ledger}")
    damaged = False
    for path in sorted(ledger.glob("*.journal")):
        for at, kind, payload in records(path):
            if kind is None:
                damaged = True
                print(f"{path.name}, byte {at}: {payload}", file=sys.stderr)
            elif kind == "ROW":
                print(json.dumps(row(payload)))
    return 1 if damaged else 0


if __name__ == "__main__":
    sys.exit(main())
