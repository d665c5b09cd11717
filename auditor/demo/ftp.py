"""FTP ports of MXP systems: a greeting, FEAT, QUIT and nothing more (RFC 959, RFC 2389).

The greeting of a real MXP is not known; only its code, 220, means anything.
"""

from auditor.demo.device import ServiceSpec
from auditor.demo.host import Host
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
}


def listener(host: Host, service: ServiceSpec) -> Listener:
    """Return the FTP port of a device. Any user name does; there is nothing to be had even with the password."""
    hello = f"220 {host.spec.system_name} FTP server ready.\r\n".encode("latin-1")

    def answer(verb: str, argument: str, peer: str) -> bytes:
        if verb == "PASS":
            right = argument == host.state.secret.password
            admitted = host.login("ftp", "password", "", right=right, in_clear=True, peer=peer)
            return b"230 Logged in.\r\n" if admitted else b"530 Login incorrect.\r\n"
        return ANSWERS.get(verb, b"530 Please login with USER and PASS.\r\n")

    async def talk(conversation: Conversation) -> None:
        await conversation.send(hello)
        waiting = b""
        while received := await conversation.receive():
            *lines, waiting = (waiting + received).split(b"\n")
            for line in lines:
                word, _, argument = line.decode("latin-1").strip().partition(" ")
                verb = word.upper()
                conversation.record(command_kind(verb), verb, line)
                await conversation.send(answer(verb, argument, conversation.peer))
                if verb == "QUIT":
                    return

    return Listener(host, service.name, talk)


def command_kind(verb: str) -> Kind:
    """Tell what an FTP verb would do. Anything that is not known to read or to log in counts as a write."""
    if verb in LOGINS:
        return Kind.LOGIN
    return Kind.READ if verb in READS else Kind.WRITE
