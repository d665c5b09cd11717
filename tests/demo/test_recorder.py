"""The recorder keeps every request and tells the harmless ones from the others."""

from auditor.demo.recorder import Kind, LoginAttempt, Recorder, Request


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


def test_attempts_are_a_record_of_their_own() -> None:
    """What succeeded, what crossed in clear, and who is locked out can be told apart."""
    recorder = Recorder()
    attempts = [
        LoginAttempt(device="a", service="https", scheme="digest", account="x", succeeded=True, in_clear=False),
        LoginAttempt(device="a", service="telnet", scheme="password", account="", succeeded=False, in_clear=True),
        LoginAttempt(device="b", service="http", scheme="basic", account="x", succeeded=True, in_clear=True),
    ]
    for attempt in attempts:
        recorder.attempt(attempt)
    recorder.lock_out("a")
    assert recorder.attempts == tuple(attempts)
    assert recorder.failed_attempts == (attempts[1],)
    assert recorder.attempts_in_clear == (attempts[1], attempts[2])
    assert recorder.locked_out == {"a"}
    assert recorder.requests == ()
