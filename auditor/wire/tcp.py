"""TCP state of a port: connect, close, nothing sent."""

from auditor.wire.gate import Gate
from auditor.wire.readlist import Request

CONNECT = Request("tcp", "CONNECT")


async def connect(gate: Gate, port: int) -> None:
    """Return when the port accepts a connection; raise `RefusedError`, `FilteredError` or `UnreachableError`."""
    async with gate.line(CONNECT, port):
        return
