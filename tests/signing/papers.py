"""Keys for signing paper, and a real timestamp authority: `openssl ts` behind HTTP on loopback."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PASSWORD = "canary-pdf-password"  # noqa: S105 - of keys made for the test
_TSA = """[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/time.pem
certs = {folder}/time-ca.pem
signer_key = {folder}/time.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def openssl(*words: str | Path, data: bytes | None = None) -> bytes:
    """Run OpenSSL and return what it printed."""
    return subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True, check=True).stdout


@dataclass(frozen=True)
class Desk:
    """Files of a signer: authority, key and certificate in PEM, the same in PKCS#12 with a password."""

    folder: Path

    def make(self, name: str, usage: str, *more: str, days: int = 3650) -> None:
        """Make an authority `NAME-ca` and a certificate of it for `NAME`."""
        ca, key, pem = self.folder / f"{name}-ca.pem", self.folder / f"{name}.key", self.folder / f"{name}.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{ca}.key", "-out", ca, "-days", "3650",
                "-subj", f"/CN=Lab {name}", "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
        words = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, "-days", str(days),
                 "-subj", f"/CN={name}", "-CA", ca, "-CAkey", f"{ca}.key", "-addext", "basicConstraints=CA:false",
                 "-addext", f"keyUsage=critical,{usage}")  # fmt: skip
        openssl(*words, *(word for one in more for word in ("-addext", one)))
        p12 = openssl("pkcs12", "-export", "-inkey", key, "-in", pem, "-certfile", ca, "-passout", f"pass:{PASSWORD}")
        (self.folder / f"{name}.p12").write_bytes(p12)
        for secret in (key, self.folder / f"{name}.p12"):
            secret.chmod(0o600)

    def __getitem__(self, name: str) -> Path:
        """Return the path of a file."""
        return self.folder / name


def desk(folder: Path) -> Desk:
    """Return a signer and a timestamp authority, each under an authority of its own."""
    made = Desk(folder)
    made.make("signer", "digitalSignature,nonRepudiation")
    made.make("time", "digitalSignature", "extendedKeyUsage=critical,timeStamping")
    (folder / "tsa.cnf").write_text(_TSA.format(folder=folder))
    (folder / "serial").write_text("01\n")
    return made


@dataclass
class Clock:
    """A timestamp authority that listens: its address, and what it was asked."""

    url: str
    asked: list[bytes] = field(default_factory=list)
    mood: str = "good"


@contextmanager
def authority(at: Desk) -> Iterator[Clock]:
    """Serve `openssl ts`. In other moods: `404`, `page` (no answer of that kind), `old` (of the question before)."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            clock.asked.append(request)
            assert self.headers["Content-Type"] == "application/timestamp-query"
            query = at["query.tsq"]
            if clock.mood != "old" or not query.exists():
                query.write_bytes(request)
            answer = openssl("ts", "-reply", "-config", at["tsa.cnf"], "-queryfile", query)
            self.send_response(404 if clock.mood == "404" else 200)
            kind = "text/html" if clock.mood == "page" else "application/timestamp-reply"
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    clock = Clock(f"http://127.0.0.1:{server.server_port}/tsa")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield clock
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
