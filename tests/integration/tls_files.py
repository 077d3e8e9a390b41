"""Certificates of a test's own authority, made by the openssl program."""

import subprocess


def run(*arguments, directory):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True, timeout=30)


class Authority:
    """A certificate authority in `directory`; `file` is what its clients trust."""

    def __init__(self, directory, name="authority"):
        self._directory = directory
        self._name = name
        self.file = directory / f"{name}.pem"
        self._self_signed(self.file, directory / f"{name}.key", f"/CN={name}", "critical,CA:TRUE")

    def _self_signed(self, cert, key, subject, constraint):
        run(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(cert), "-subj", subject, "-days", "2"),
            *("-addext", f"basicConstraints={constraint}"),
            directory=self._directory,
        )

    def certificate(self, name, hosts="DNS:localhost,IP:127.0.0.1", cert=None, key=None):
        """The files of a new certificate with its key; `name` is its common name."""
        cert = cert or self._directory / f"{name}.pem"
        key = key or self._directory / f"{name}.key"
        request, more = self._directory / f"{name}.csr", self._directory / f"{name}.ext"
        more.write_text(f"subjectAltName={hosts}\n")
        run(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(request), "-subj", f"/CN={name}"),
            directory=self._directory,
        )
        run(
            *("x509", "-req", "-in", str(request), "-CA", str(self.file)),
            *("-CAkey", str(self._directory / f"{self._name}.key"), "-CAcreateserial"),
            *("-out", str(cert), "-days", "2", "-extfile", str(more)),
            directory=self._directory,
        )
        return cert, key
