"""FTP ports of MXP systems: a greeting, FEAT, QUIT and nothing more (RFC 959, RFC 2389).

The greeting of a real MXP is not known; only its code, 220, means anything.
"""

from auditor.demo.device import Host, ServiceSpec
from auditor.demo.listener import Conversation, Listener
from auditor.demo.recorder import Kind

LOGINS = frozenset({"USER", "PASS", "ACCT"})
READS = frozenset({"FEAT", "QUIT", "NOOP", "SYST", "HELP", "STAT", "PWD", "LIST", "NLST", "RETR", "SIZE", "AUTH"})

ANSWERS = {
    "FEAT": b"211-Features:\r\n SIZE\r\n PASV\r\n211 End\r\n",
    "QUIT": b"221 Goodbye.\r\n",
    "NOOP": b"200 OK.\r\n",
    "SYST": b"215 UNIX Type: L8\r\n",
    "AUTH": b"502 Command not implemented.\r\n",
    "USER": b"331 Password required.\r\n",
    "PASS": b"530 Login incorrect.\r\n",
}


def listener(host: Host, service: ServiceSpec) -> Listener:
    """Return the FTP port of a device. Nobody is ever logged in."""
    hello = f"220 {host.spec.system_name} FTP server ready.\r\n".encode("latin-1")

    async def talk(conversation: Conversation) -> None:
        await conversation.send(hello)
        waiting = b""
        while received := await conversation.receive():
            *lines, waiting = (waiting + received).split(b"\n")
            for line in lines:
                verb = line.decode("latin-1").strip().partition(" ")[0].upper()
                conversation.record(command_kind(verb), verb, line)
                await conversation.send(ANSWERS.get(verb, b"530 Please login with USER and PASS.\r\n"))
                if verb == "QUIT":
                    return

    return Listener(host, service.name, talk)


def command_kind(verb: str) -> Kind:
    """Tell what an FTP verb would do. Anything that is not known to read or to log in counts as a write."""
    if verb in LOGINS:
        return Kind.LOGIN
    return Kind.READ if verb in READS else Kind.WRITE
