"""A provider that does what a test tells it to, step by step, where the simulator would only play along."""

import json
import queue
import socket
import threading


class Call:
    """One request that has reached the provider; the test answers it with bytes of its choice."""

    def __init__(self, connection, head, body):
        self.socket = connection
        self.head = head
        self.body = body

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

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
        self.socket.close()

    def wait_for_end(self):
        """Returns when the gateway has closed its side."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass


class ScriptedProvider:
    """Accepts connections and hands each request to `next_call`, in the order of arrival."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
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
            connection.settimeout(20.0)
            self._open.append(connection)
            threading.Thread(target=self._receive, args=(connection,), daemon=True).start()

    def _receive(self, connection):
        data = b""
        try:
            while b"\r\n\r\n" not in data:
                received = connection.recv(65536)
                if not received:
                    return
                data += received
            head, _, body = data.partition(b"\r\n\r\n")
            while len(body) < content_length(head):
                body += connection.recv(65536)
        except OSError:
            return
        self._calls.put(Call(connection, head.decode("latin-1"), body))


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
