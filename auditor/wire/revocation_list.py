"""One revocation list by HTTP, whole or not at all (RFC 5280 section 4.2.1.13: distribution points).

The address comes out of a certificate, so it is a stranger's word: who calls this has held it against the hosts that
the operator listed, and made a read list of this one path. There is no TLS here and no redirect.
"""

import httpx

from auditor import __version__
from auditor.wire.failures import MalformedError, TooLargeError
from auditor.wire.gate import Gate
from auditor.wire.http import Conversation
from auditor.wire.readlist import Request

LARGEST = 16 * 1024 * 1024
"""Bytes of a list; larger ones can be given as a file."""


async def fetch_list(gate: Gate, *, host: str, port: int, path: str) -> bytes:
    """Return the list behind a path; raise `MalformedError` for another status than 200 or a list that is cut off.

    `host` is what the address names, for the Host field; packets go to the gate's address.
    """
    authority = host if port == 80 else f"{host}:{port}"
    fields = {
        "Host": authority,
        "User-Agent": f"vc-fleet-auditor/{__version__} (read-only)",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    url = httpx.URL(scheme="http", host=gate.address, port=port, raw_path=path.encode("ascii"))
    async with gate.line(Request("http", "GET", path), port, cap=LARGEST + 65_536) as line:
        conversation = Conversation(line)
        await conversation.ask(httpx.Request("GET", url, headers=fields))
        head = await conversation.head()
        if head.status_code != 200:
            raise MalformedError(f"the answer has the status {head.status_code} instead of 200")
        body, cut = await conversation.body(gate.limits.question_seconds, LARGEST)
    if len(body) >= LARGEST:
        raise TooLargeError(f"the list is longer than {LARGEST:,} bytes")
    if cut:
        raise MalformedError("the list is cut off")
    return body
