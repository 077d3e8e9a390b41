"""TLS in both directions, and the proxy of the environment."""

import socket
import ssl
import threading

import pytest

from conftest import config_for
from programs import eventually, trusting
from tls_files import Authority


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def secure_simulator(stage, authority):
    cert, key = authority.certificate("provider")
    return stage.simulator("--tls-cert", str(cert), "--tls-key", str(key))


def over_tls(simulator, authority, host="localhost"):
    """A config whose provider is reached over TLS."""
    config = config_for(f"https://{host}:{simulator.address}")
    config["providers"]["one"]["ca_file"] = str(authority.file)
    return config


def common_name(port, context):
    with socket.create_connection(("127.0.0.1", port), 20) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            return dict(pair[0] for pair in secure.getpeercert()["subject"])["commonName"]


class ConnectProxy:
    """Tunnels what CONNECT asks for, and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.asked.append(head.decode())
        host, port = head.split(b" ")[1].decode().rsplit(":", 1)
        server = socket.create_connection((host, int(port)), 20)
        self._open.append(server)
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        for pair in ((client, server), (server, client)):
            threading.Thread(target=self._copy, args=pair, daemon=True).start()

    @staticmethod
    def _copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        for one in [self._listener, *self._open]:
            one.close()


@pytest.fixture
def proxy():
    one = ConnectProxy()
    yield one
    one.close()


def test_a_provider_over_tls_answers(stage, secure_simulator, authority):
    gateway = stage.gateway(over_tls(secure_simulator, authority))
    assert gateway.chat().status == 200
    assert b"[DONE]" in gateway.chat(stream=True).body


def test_a_provider_by_address_is_checked_by_address(stage, secure_simulator, authority):
    assert stage.gateway(over_tls(secure_simulator, authority, "127.0.0.1")).chat().status == 200


def test_an_authority_that_is_not_trusted_gets_no_request(stage, secure_simulator, authority, tmp_path):
    config = over_tls(secure_simulator, Authority(tmp_path, "another"))
    answer = stage.gateway(config).chat()
    assert answer.status == 502
    assert answer.error["code"] == "upstream_error"
    config["providers"]["one"].pop("ca_file")
    assert stage.gateway(config).chat().status == 502


def test_a_certificate_for_another_host_gets_no_request(stage, authority):
    cert, key = authority.certificate("elsewhere", hosts="DNS:elsewhere.example")
    simulator = stage.simulator("--tls-cert", str(cert), "--tls-key", str(key))
    assert stage.gateway(over_tls(simulator, authority)).chat().status == 502


def test_applications_can_connect_over_tls(stage, simulator, authority):
    cert, key = authority.certificate("gateway")
    gateway = stage.gateway(config_for(simulator.url, tls={"cert": str(cert), "key": str(key)}))
    context = trusting(authority.file)
    answer = gateway.ask("POST", "/v1/chat/completions", {"model": "m", "messages": []}, tls=context)
    assert answer.status in (200, 400)
    listed = gateway.ask("GET", "/v1/models", tls=context)
    assert [model["id"] for model in listed.json()["data"]] == ["d", "m"]
    plain = gateway.connect()
    plain.send("GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n")
    assert b"HTTP/1.1 200" not in plain.read_to_end()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_versions_of_tls_are_refused(stage, simulator, authority):
    cert, key = authority.certificate("gateway")
    gateway = stage.gateway(config_for(simulator.url, tls={"cert": str(cert), "key": str(key)}))
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = trusting(authority.file)
        context.minimum_version = context.maximum_version = version
        assert common_name(gateway.address, context) == "gateway"
    old = trusting(authority.file)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        common_name(gateway.address, old)


def test_a_reload_brings_the_new_certificate(stage, simulator, authority):
    cert, key = authority.certificate("before")
    config = config_for(simulator.url, tls={"cert": str(cert), "key": str(key)})
    gateway = stage.gateway(config)
    context = trusting(authority.file)
    assert common_name(gateway.address, context) == "before"
    authority.certificate("after", cert=cert, key=key)
    assert common_name(gateway.address, context) == "before"
    gateway.reload(config)
    assert common_name(gateway.address, context) == "after"


def test_a_reload_with_a_broken_certificate_keeps_the_old_one(stage, simulator, authority):
    cert, key = authority.certificate("before")
    config = config_for(simulator.url, tls={"cert": str(cert), "key": str(key)})
    gateway = stage.gateway(config)
    cert.write_text("no certificate")
    gateway.reload(config, outcome="refused")
    assert common_name(gateway.address, trusting(authority.file)) == "before"


def test_the_proxy_of_the_environment_is_used_for_tls(stage, secure_simulator, authority, proxy):
    environment = {"HTTPS_PROXY": f"http://user:secret@127.0.0.1:{proxy.port}"}
    gateway = stage.gateway(over_tls(secure_simulator, authority), environment)
    assert gateway.chat().status == 200
    assert gateway.chat().status == 200
    assert proxy.asked, "the proxy was not asked"
    for head in proxy.asked:
        assert head.startswith(f"CONNECT localhost:{secure_simulator.address} HTTP/1.1\r\n")
        assert "sk-provider-one" not in head
        assert "proxy-authorization: basic dxnlcjpzzwnyzxq=" in head.lower()


@pytest.mark.parametrize("exception", ["localhost", "*", "LOCALHOST", "other.example, localhost"])
def test_no_proxy_names_exceptions(stage, secure_simulator, authority, proxy, exception):
    environment = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}", "NO_PROXY": exception}
    assert stage.gateway(over_tls(secure_simulator, authority), environment).chat().status == 200
    assert proxy.asked == []


def test_a_provider_without_tls_is_not_sent_through_the_proxy(stage, simulator, proxy):
    environment = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
    assert stage.gateway(config_for(simulator.url), environment).chat().status == 200
    assert proxy.asked == []


def test_connections_to_a_provider_are_used_again(stage, secure_simulator, authority, proxy):
    environment = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
    config = {**over_tls(secure_simulator, authority), "threads": 1}
    gateway = stage.gateway(config, environment)
    for _ in range(5):
        assert gateway.chat().status == 200
    eventually(lambda: len(proxy.asked) == 1)
