"""The table of request heads that parsers read differently, sent to the running gateway and to two others."""

import codecs
import re
import socket

import h11
import httptools

from conftest import ROOT

TABLE = ROOT / "src" / "net" / "testdata" / "smuggling.txt"


def rows():
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            verdict, name, text = line.split(" ", 2)
            yield verdict, name, codecs.decode(text, "unicode_escape").encode("latin-1")


ROWS = list(rows())
assert len(ROWS) > 200


def status_of(gateway, text):
    """The status of the only answer to these bytes; None when the connection ends without one."""
    with gateway.connect() as raw:
        raw.send(text)
        raw.socket.shutdown(socket.SHUT_WR)
        got = raw.read_to_end()
    assert (
        len(re.findall(rb"HTTP/1\.1 \d{3} ", got)) <= 1
    ), "something behind the refused head was read as a request"
    return int(got.split(b" ", 2)[1]) if got.startswith(b"HTTP/1.") else None


def h11_accepts(text):
    parser = h11.Connection(h11.SERVER)
    try:
        parser.receive_data(text)
        return isinstance(parser.next_event(), h11.Request)
    except h11.RemoteProtocolError:
        return False


class Heads:
    def __init__(self):
        self.complete = False

    def on_headers_complete(self):
        self.complete = True


def llhttp_accepts(text):
    heads = Heads()
    try:
        httptools.HttpRequestParser(heads).feed_data(text)
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError:
        return False
    return heads.complete


def test_every_row_gets_its_verdict_on_the_wire(gateway):
    wrong = []
    for verdict, name, text in ROWS:
        status = status_of(gateway, text)
        # What does not claim to be HTTP/1 at all is closed, or spoken to in HTTP/2, and gets no status.
        refused = status in (None, 400, 413, 431, 501, 505)
        if refused != (verdict == "refuse") and (verdict, status) != ("accept", 413):
            wrong.append((verdict, name, status))
    assert wrong == []


def test_nothing_is_accepted_that_two_other_parsers_refuse():
    wrong = [
        name
        for verdict, name, text in ROWS
        if verdict == "accept" and not h11_accepts(text) and not llhttp_accepts(text)
    ]
    assert wrong == []


def test_the_gateway_is_stricter_than_both_and_says_where(record_property):
    """`pytest -rP` shows what they accept and we refuse; were there nothing, the table would be too tame."""
    refused = [(name, text) for verdict, name, text in ROWS if verdict == "refuse"]
    for parser, accepts in (("h11", h11_accepts), ("llhttp", llhttp_accepts)):
        lenient = [name for name, text in refused if accepts(text)]
        record_property(f"accepted by {parser}", lenient)
        print(f"{parser} accepts {len(lenient)} of the {len(refused)} that are refused: {' '.join(lenient)}")
        assert lenient


def test_a_refused_head_hides_no_second_request(gateway, simulator):
    body = b'{"model":"m","messages":[]}'
    hidden = b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 27\r\n\r\n" + body
    for verdict, _, text in ROWS:
        if verdict == "refuse":
            status_of(gateway, text + hidden)
    assert simulator.requests() == []
