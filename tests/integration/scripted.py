"""A provider that does what a test tells it to, step by step, where the simulator would only play along."""

import json
import queue
import select
import socket
import threading
import time


class End(threading.Event):
    """That the gateway has closed its side, and when."""

    def mark(self):
        self.at = time.monotonic()
        self.set()


class Call:
    """One request that has reached the provider; the test answers it with bytes of its choice."""

    def __init__(self, connection, ended, head, body):
        self.socket = connection
        self.head = head
        self.body = body
        self._ended = ended

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def send_while_taken(self, data, within):
        """False when nobody takes any of it for that long."""
        rest = memoryview(data)
        while rest:
            if not select.select([], [self.socket], [], within)[1]:
                return False
            rest = rest[self.socket.send(rest, socket.MSG_DONTWAIT) :]
        return True

    def send_head(self, content_type="text/event-stream", status="200 OK", more=""):
        framing = f"content-type: {content_type}\r\n{more}transfer-encoding: chunked\r\n\r\n"
        self.send(f"HTTP/1.1 {status}\r\n{framing}")

    def send_chunk(self, data):
        data = data.encode() if isinstance(data, str) else data
        self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def finish(self):
        self.send("0\r\n\r\n")

    def hang_up(self):
        self.socket.shutdown(socket.SHUT_RDWR)

    def wait_for_end(self, within=20.0):
        """Returns when the gateway has closed its side, and says when that was seen here."""
        assert self._ended.wait(within), f"the gateway kept the call for {within} s"
        return self._ended.at


class ScriptedProvider:
    """Accepts connections and hands each request to `next_call`, in the order of arrival."""

    def __init__(self, host="127.0.0.1"):
        v6 = ":" in host
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if v6 else socket.AF_INET)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://[{host}]:{self.port}" if v6 else f"http://{host}:{self.port}"
        self._calls = queue.Queue()
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def next_call(self, timeout=20.0):
        return self._calls.get(timeout=timeout)

    def no_call(self):
        return self._calls.empty()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            one.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        ended = End()
        data = b""
        try:
            while received := connection.recv(65536):
                data += received
                head, blank_line, rest = data.partition(b"\r\n\r\n")
                if blank_line and len(rest) >= (length := content_length(head)):
                    self._calls.put(Call(connection, ended, head.decode("latin-1"), rest[:length]))
                    data = rest[length:]
        except OSError:
            pass
        ended.mark()


def content_length(head):
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


def event(text="", **fields):
    """One SSE event of a chat stream, as OpenAI writes it."""
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": fields.pop("finish", None)}
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "up", "choices": [choice]}
    return "data: " + json.dumps({**chunk, **fields}) + "\n\n"


DONE = "data: [DONE]\n\n"
