"""A mail server for tests (aiosmtpd), on a port of its own: what it takes, refuses, holds back and drops."""

import asyncio
import email
import email.policy
import ssl
import threading

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = "sluice", "p w-of-mail"


class MailServer:
    """`security` is starttls or implicit; only USER with PASSWORD may send."""

    def __init__(self, certificate, security="starttls"):
        self.taken = []  # (sender, recipients, message) of each
        self.recipients = []  # every one that was named
        self.logins = 0  # that were tried
        self.answers = []  # to the next recipients, then 250
        self.dying = 0  # so many connections end instead of an answer to the message
        self.held = 0  # messages that are not answered
        self.hold = False
        self._connections = set()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
        self._loop = asyncio.new_event_loop()
        self._release = asyncio.Event()
        implicit = security == "implicit"
        options = {} if implicit else {"tls_context": tls, "require_starttls": True}

        def connection():
            server = SMTP(
                self,
                authenticator=self._authenticate,
                auth_required=True,
                auth_require_tls=not implicit,
                loop=self._loop,
                **options,
            )
            self._connections.add(server)
            return server

        listening = self._loop.create_server(connection, "127.0.0.1", 0, ssl=tls if implicit else None)
        self._server = self._loop.run_until_complete(listening)
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def _authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.logins += 1
        known = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=known, handled=False)

    async def handle_RCPT(self, _server, _session, envelope, address, options):  # noqa: N802
        del options
        self.recipients.append(address)
        answer = self.answers.pop(0) if self.answers else "250 2.1.5 fine"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802
        if self.dying > 0:
            self.dying -= 1
            server.transport.abort()
            return "421 gone"
        if self.hold:
            self.held += 1
            await self._release.wait()
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 2.0.0 taken"

    def close(self):
        async def end():
            self._server.close()
            self._release.set()
            for one in self._connections:
                if one.transport is not None:
                    one.transport.abort()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
