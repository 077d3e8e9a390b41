"""A provider that speaks HTTP/2 over TLS and nothing else, played with the h2 library."""

import contextlib
import json
import socket
import ssl
import threading

import h2.config
import h2.connection
import h2.events
import h2.exceptions

ANSWER = {
    "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip


class H2Provider:
    """Answers every chat when `expected` of them are waiting, and counts its connections."""

    def __init__(self, cert, key, expected=1):
        self.expected = expected
        self.connections = 0
        self.waiting = []
        self.resets = []
        self._lock = threading.Lock()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(cert, key)
        self._context.set_alpn_protocols(["h2"])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain):
        gone = (OSError, h2.exceptions.ProtocolError)
        with contextlib.suppress(*gone), self._context.wrap_socket(plain, server_side=True) as tls:
            one = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            one.initiate_connection()
            tls.sendall(one.data_to_send())
            while data := tls.recv(65536):
                with self._lock:
                    for event in one.receive_data(data):
                        self._note(one, event)
                    tls.sendall(one.data_to_send())

    def _note(self, one, event):
        if isinstance(event, h2.events.DataReceived):
            one.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self.resets.append(event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.waiting.append(event.stream_id)
            if len(self.waiting) >= self.expected:
                for stream in self.waiting:
                    self._answer(one, stream)
                self.waiting = []

    def _answer(self, one, stream):
        one.send_headers(stream, [(":status", "200"), ("content-type", "application/json")])
        one.send_data(stream, json.dumps(ANSWER).encode(), end_stream=True)
