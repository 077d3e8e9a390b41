"""An issuer of tokens (OpenID Connect): a small HTTP server with a discovery document, and keys to sign with,
made by the openssl program."""

import base64
import http.server
import json
import subprocess
import threading
import time


def encoded(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SigningKey:
    """An RSA key of 2048 bits."""

    def __init__(self, directory, name):
        self.name = name
        self._file = directory / f"{name}.pem"
        self._run("genrsa", "-out", str(self._file), "2048")

    def _run(self, *arguments, data=None):
        command = ["openssl", *arguments]
        return subprocess.run(command, input=data, check=True, capture_output=True, timeout=60).stdout

    def public(self):
        told = self._run("rsa", "-in", str(self._file), "-noout", "-modulus").decode()
        modulus = encoded(bytes.fromhex(told.split("=")[1].strip()))
        return {"kty": "RSA", "kid": self.name, "use": "sig", "n": modulus, "e": "AQAB"}

    def sign(self, claims, **head):
        text = encoded({"alg": "RS256", "typ": "JWT", "kid": self.name, **head}) + "." + encoded(claims)
        signature = self._run("dgst", "-sha256", "-sign", str(self._file), data=text.encode())
        return f"{text}.{encoded(signature)}"


class Issuer:
    """`keys` is what it publishes; `asked` counts how often its keys were fetched."""

    def __init__(self):
        self.keys = []
        self.asked = 0
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = {"keys": [key.public() for key in issuer.keys]}
                if self.path == "/.well-known/openid-configuration":
                    body = {"issuer": issuer.url, "jwks_uri": issuer.url + "/keys"}
                else:
                    issuer.asked += 1
                text = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *unused):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def claims(self, **more):
        now = int(time.time())
        return {
            **{"iss": self.url, "aud": ["sluice"], "sub": "u-1", "team": "support"},
            **{"iat": now, "exp": now + 300},
            **more,
        }
