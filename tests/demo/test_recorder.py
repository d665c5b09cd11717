"""The recorder keeps every request and tells the harmless ones from the others."""

from auditor.demo.recorder import Kind, Recorder, Request


def request(device: str, service: str, kind: Kind) -> Request:
    return Request(device=device, service=service, kind=kind, what="something")


def test_kinds_and_devices() -> None:
    """Writes and logins are apart; order is kept."""
    recorder = Recorder()
    assert not recorder.requests
    requests = [
        request("a", "http", Kind.CONNECT),
        request("a", "http", Kind.READ),
        request("b", "ftp", Kind.LOGIN),
        request("b", "ftp", Kind.WRITE),
        request("b", "http", Kind.MALFORMED),
    ]
    for one in requests:
        recorder.record(one)
    assert recorder.requests == tuple(requests)
    assert recorder.writes == (requests[3],)
    assert recorder.logins == (requests[2],)
    assert recorder.of_device("b") == tuple(requests[2:])
    assert recorder.of_device("b", "ftp") == tuple(requests[2:4])
