"""Examples of the verdicts of `ssh.*`."""

from auditor.model.facts import SshHostKey
from tests.checks.evidence import FILTERED, REFUSED, met, not_applicable, not_met, ssh, undetermined

PROTOCOL, ALGORITHMS = "ssh.protocol-1", "ssh.weak-algorithms"
LONG = SshHostKey(algorithm="ssh-rsa", bits=3072, fingerprint="SHA256:y", blob=b"")
SHORT = SshHostKey(algorithm="ssh-rsa", bits=1024, fingerprint="SHA256:x", blob=b"")

EXAMPLES = (
    met(PROTOCOL, ssh()),
    not_met(PROTOCOL, ssh(protocol="1.99"), says="1.99"),
    not_met(PROTOCOL, ssh(protocol="1.5")),
    not_met(PROTOCOL, ssh(protocol="1\x1b" * 999)),
    undetermined(PROTOCOL, ssh(protocol="\x1b" * 999)),
    undetermined(PROTOCOL, ssh(protocol="3.0")),
    undetermined(PROTOCOL, ssh(FILTERED)),
    undetermined(PROTOCOL),
    not_applicable(PROTOCOL, ssh(REFUSED)),
    met(ALGORITHMS, ssh()),
    not_met(ALGORITHMS, ssh(kex=("diffie-hellman-group1-sha1",), ciphers=("3des-cbc",)), says="group1-sha1, 3des-cbc"),
    not_met(ALGORITHMS, ssh(host_key_algorithms=("ssh-dss",))),
    not_met(ALGORITHMS, ssh(macs=("hmac-md5-96",))),
    not_met(ALGORITHMS, ssh(ciphers=("arcfour128",))),
    not_met(ALGORITHMS, ssh(host_keys=(SHORT,)), says="1024 bits"),
    not_met(ALGORITHMS, ssh(ciphers=("arcfour\x1b[2J" + "x" * 2000,))),
    undetermined(ALGORITHMS, ssh(kex=(), ciphers=())),
    undetermined(ALGORITHMS, ssh(host_key_algorithms=("rsa-sha2-512", "ssh-ed25519")), says="whose length counts"),
    met(ALGORITHMS, ssh(host_key_algorithms=("rsa-sha2-512",), host_keys=(LONG,))),
    met(ALGORITHMS, ssh(host_key_algorithms=("ssh-ed25519",), host_keys=())),
    undetermined(ALGORITHMS, ssh(FILTERED)),
    undetermined(ALGORITHMS),
    not_applicable(ALGORITHMS, ssh(REFUSED)),
)
