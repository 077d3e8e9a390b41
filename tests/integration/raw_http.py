"""HTTP/1.1 on a bare socket, for what a well-behaved client cannot send or does not show."""

import json
import socket


class Head:
    def __init__(self, block):
        lines = block.decode("latin-1").split("\r\n")
        self.version, status, _ = (lines[0] + " ").split(" ", 2)
        self.status = int(status)
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if line]

    def get(self, name):
        values = [value for field, value in self.fields if field.lower() == name.lower()]
        return values[0] if values else None


class Connection:
    """Reads what was really sent: heads, chunks, and whether and how the end came."""

    def __init__(self, port, timeout=20.0, receive_buffer=None, host="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self._seen = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def post(self, body, path="/v1/chat/completions", headers=""):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nhost: a\r\n{headers}content-length: {len(body)}\r\n\r\n"
        self.send(head.encode("latin-1") + body)

    def _more(self):
        data = self.socket.recv(65536)
        self._seen += data
        return bool(data)

    def read_until(self, mark):
        while mark not in self._seen:
            assert self._more(), f"the connection ended before {mark!r}, after {self._seen!r}"
        before, _, self._seen = self._seen.partition(mark)
        return before + mark

    def read_exactly(self, count):
        while len(self._seen) < count:
            assert self._more(), f"the connection ended {count - len(self._seen)} bytes early"
        data, self._seen = self._seen[:count], self._seen[count:]
        return data

    def read_head(self):
        return Head(self.read_until(b"\r\n\r\n"))

    def read_chunk(self):
        """The data of one chunk; b'' is the last one."""
        size = int(self.read_until(b"\r\n"), 16)
        data = self.read_exactly(size)
        assert self.read_exactly(2) == b"\r\n"
        return data

    def read_chunks(self):
        """All chunks up to the proper end of the body."""
        chunks = []
        while chunk := self.read_chunk():
            chunks.append(chunk)
        return chunks

    def read_answer(self, method="POST"):
        """Head and body of one answer, however it is framed."""
        head = self.read_head()
        if method == "HEAD" or head.status in (204, 304):
            return head, b""
        if head.get("transfer-encoding") == "chunked":
            return head, b"".join(self.read_chunks())
        return head, self.read_exactly(int(head.get("content-length")))

    def read_to_end(self):
        """Everything up to the end of the connection; a reset is an end too."""
        try:
            while self._more():
                pass
        except ConnectionResetError:
            pass
        data, self._seen = self._seen, b""
        return data

    def nothing_within(self, seconds):
        """True when no byte and no end comes for that long."""
        if self._seen:
            return False
        before = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            self._more()
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(before)
