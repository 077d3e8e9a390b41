"""A provider that speaks HTTP/2 over TLS, and nothing else unless told to, played with the h2 library."""

import contextlib
import json
import socket
import ssl
import struct
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

ANSWER = {
    "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip


class H2Provider:
    """Answers every chat when `expected` of them are waiting, and counts its connections.

    `deeds` come first, one each time that so many wait: "die", "go_away", "ask_for_http11".
    """

    def __init__(self, cert, key, expected=1, deeds=(), http11=False):
        self.expected = expected
        self.deeds = list(deeds)
        self.connections = 0
        self.waiting = []
        self.resets = []
        self._lock = threading.Lock()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(cert, key)
        self._context.set_alpn_protocols(["h2", "http/1.1"] if http11 else ["h2"])
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
            if tls.selected_alpn_protocol() == "http/1.1":
                return self._serve_http11(tls)
            one = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            one.initiate_connection()
            tls.sendall(one.data_to_send())
            while data := tls.recv(65536):
                with self._lock:
                    for event in one.receive_data(data):
                        self._note(tls, one, event)
                    tls.sendall(one.data_to_send())

    def _serve_http11(self, tls):
        body = json.dumps(ANSWER).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        received = b""
        while data := tls.recv(65536):
            received += data
            if received.endswith(b"}"):  # the end of a chat
                received = b""
                tls.sendall(head.encode() + body)

    def _note(self, tls, one, event):
        if isinstance(event, h2.events.DataReceived):
            one.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self.resets.append(event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.waiting.append(event.stream_id)
            if len(self.waiting) >= self.expected:
                streams, self.waiting = self.waiting, []
                if self.deeds:
                    return getattr(self, "_" + self.deeds.pop(0))(tls, one, streams)
                for stream in streams:
                    self._answer(one, stream)

    def _die(self, tls, one, streams):
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # with a reset
        tls.close()

    def _go_away(self, tls, one, streams):
        one.close_connection(last_stream_id=0)

    def _ask_for_http11(self, tls, one, streams):
        for stream in streams:
            one.reset_stream(stream, h2.errors.ErrorCodes.HTTP_1_1_REQUIRED)

    def _answer(self, one, stream):
        one.send_headers(stream, [(":status", "200"), ("content-type", "application/json")])
        one.send_data(stream, json.dumps(ANSWER).encode(), end_stream=True)
