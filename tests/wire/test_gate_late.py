"""A machine that is too busy to keep its short deadlines must not make a silent port an open one."""

import asyncio
import socket
import time

import pytest

from auditor.model.profile import Limits
from auditor.wire import tcp
from auditor.wire.failures import FilteredError
from tests.lines import gate_to


async def test_a_stall_of_ours_does_not_open_a_port_that_drops_everything() -> None:
    """Both deadlines pass in one stall of the event loop: the port stays filtered."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as filler:
        filler.connect(full.getsockname())  # the queue is full: the kernel drops the next first packet
        gate = gate_to([], limits=Limits(pause_seconds=0.0, question_seconds=0.4))
        asyncio.get_running_loop().call_later(0.05, time.sleep, 0.6)
        with pytest.raises(FilteredError):
            await tcp.connect(gate, full.getsockname()[1])
