"""From a published tokenizer to the file that Sluice reads; docs/tokens.md has the layout.

Two kinds are read: lists of tokens with ranks ("tiktoken"), and tokenizer.json with merges ("json"). Each
token remembers which two it is merged of, and tokens stand in the order of merging. That is nearly always the
order of their ids; where it is not (Qwen 3.5), the ids are written too.
"""

import base64
import json
import struct
import zlib

MAGIC = b"SLCTOKN1"
CUTTINGS = {"cl100k": 1, "o200k": 2, "deepseek": 3, "qwen3": 4, "qwen3_5": 5}
WHOLE_PIECES, COMPOSES, NUMBERED = 1, 2, 4
LATER = 1


def convert(data, pin):
    """The file's bytes; `pin` says of what kind `data` is and how its text is cut."""
    if pin["kind"] == "tiktoken":
        tokens = read_ranks(data)
        merge = ranks_merge(tokens)
        added = [(pin["added_from"] + i, text, False) for i, text in enumerate(pin["added"])]
    else:
        tokens, merge, added = read_json(json.loads(data))
    flags = WHOLE_PIECES * pin["whole_pieces"] + COMPOSES * pin["composes"]
    return write(tokens, halves(tokens, merge), added, CUTTINGS[pin["cutting"]], flags)


def read_ranks(data):
    lines = (line.split() for line in data.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in lines}


def ranks_merge(tokens):
    """Any two neighbours that are a token together are merged."""
    return lambda left, right: tokens.get(left + right)


def byte_of_character():
    """Byte-level vocabularies write each byte as a visible character: itself, or from U+0100 on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(0x100) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(0x100 + i): byte for i, byte in enumerate(hidden)}


def read_json(tokenizer):
    """Tokens, how they merge, and what stands for itself, of a tokenizer.json."""
    model = tokenizer["model"]
    assert model["type"] == "BPE" and not model.get("ignore_merges"), "another kind of tokenizer"
    characters = byte_of_character()

    def to_bytes(text):
        return bytes(characters[character] for character in text)

    marks = {entry["content"] for entry in tokenizer["added_tokens"]}
    tokens = {to_bytes(text): id for text, id in model["vocab"].items() if text not in marks}
    pairs, last = {}, -1
    for entry in model["merges"]:
        left, right = map(to_bytes, entry.split(" ") if isinstance(entry, str) else entry)
        merged = tokens[left + right]
        assert merged > last, "merges are not in the order of ids"
        pairs[left, right] = last = merged
    added = [(entry["id"], entry["content"], entry["normalized"]) for entry in tokenizer["added_tokens"]]
    fussy = ("single_word", "lstrip", "rstrip")
    assert not any(entry[key] for entry in tokenizer["added_tokens"] for key in fussy)
    return tokens, lambda left, right: pairs.get((left, right)), added


def halves(tokens, merge):
    """For each token the length of its left half; 0 for a byte, and for one that merging never makes."""
    return {token: left_half(token, merge) for token in tokens}


def left_half(token, merge):
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 1:
        ids = [(merge(left, right), at) for at, (left, right) in enumerate(zip(parts, parts[1:]))]
        _, at = min(((id, at) for id, at in ids if id is not None), default=(None, None))
        if at is None:
            return 0
        if len(parts) == 2:
            return len(parts[0])
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return 0


def merging_order(tokens, lefts):
    """Tokens as merging makes them: one whose half has a higher id comes right after that half."""
    keys = {}

    def key(token):
        if token not in keys:
            left = lefts[token]
            latest = max(key(token[:left]), key(token[left:])) if left else ()
            own = (tokens[token],)
            keys[token] = own if latest < own else latest + own
        return keys[token]

    return sorted(tokens, key=key)


def write(tokens, lefts, added, cutting, flags):
    order = merging_order(tokens, lefts)
    if [tokens[token] for token in order] == sorted(tokens.values()):
        by_id = {id: token for token, id in tokens.items()}
        row, ids = [by_id.get(id, b"") for id in range(max(by_id) + 1)], []
    else:
        row, ids = order, [tokens[token] for token in order]
        flags |= NUMBERED
    text = b"".join(row)
    body = b"".join(struct.pack("<H", len(token)) for token in row)
    body += b"".join(struct.pack("<H", lefts.get(token, 0)) for token in row)
    body += b"".join(struct.pack("<I", id) for id in ids)
    body += text
    marks = [(id, content.encode(), later) for id, content, later in added]
    body += b"".join(struct.pack("<IHH", id, len(mark), LATER * later) for id, mark, later in marks)
    body += b"".join(mark for _, mark, _ in marks)
    head = struct.pack("<IIIIII", cutting, flags, len(row), len(text), len(marks), zlib.crc32(body))
    return MAGIC + head + body
