"""An HTTP/2 connection to a program under test, driven by the h2 library."""

import socket
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.settings

PATIENCE = 20.0


@dataclass
class Stream:
    status: int = 0
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False
    reset: int | None = None

    @property
    def over(self):
        return self.ended or self.reset is not None


class H2Client:
    """Keeps what comes of each stream. With `strict=False` it sends what the library would refuse to send."""

    def __init__(self, port, strict=True, window=65535, context=None):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        config = h2.config.H2Configuration(
            client_side=True,
            header_encoding="utf-8",
            validate_outbound_headers=strict,
            normalize_outbound_headers=strict,
        )
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        if window != 65535:
            self.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.streams = {}
        self.unread = set()  # streams whose windows stay shut
        self.goaway = None
        self.closed = False
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def flush(self):
        try:
            self.socket.sendall(self.h2.data_to_send())
        except OSError:
            self.closed = True

    def ask(self, method, path, body=None, headers=(), end=True, authority="a"):
        stream = self.h2.get_next_available_stream_id()
        self.streams[stream] = Stream()
        fields = [(":method", method), (":scheme", "http"), (":authority", authority), (":path", path)]
        fields += headers
        self.h2.send_headers(stream, fields, end_stream=end and body is None)
        if body is not None:
            self.h2.send_data(stream, body, end_stream=end)
        self.flush()
        return stream

    def reset(self, stream, error=8):
        self.h2.reset_stream(stream, error)
        self.flush()

    def read_some(self):
        """What comes next; false at the end."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self.closed = True
            return False
        for event in self.h2.receive_data(data):
            self._note(event)
        self.flush()
        return True

    def _note(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = event.error_code
        elif stream is None:
            return
        elif isinstance(event, h2.events.ResponseReceived):
            stream.headers = dict(event.headers)
            stream.status = int(stream.headers[":status"])
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
            size = event.flow_controlled_length
            if event.stream_id in self.unread:
                self.h2.increment_flow_control_window(size)  # the connection's only
            else:
                self.h2.acknowledge_received_data(size, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended = True
        elif isinstance(event, h2.events.StreamReset):
            stream.reset = event.error_code

    def until(self, condition):
        while not condition() and self.read_some():
            pass
        return condition()

    def answer(self, stream):
        one = self.streams[stream]
        self.until(lambda: one.over)
        return one
