"""Sentences that are made when they are read: the same as made at once, whoever asks and in whatever order."""

import pickle
from datetime import UTC, datetime

from auditor.engine.describe import Sentences, describe
from auditor.model.evidence import AnyObservation, Observation, Seen
from auditor.model.facts import OpenService
from auditor.model.recent import Recent


def opened(port: int) -> AnyObservation:
    """Return the observation of an open port."""
    outcome = Seen(OpenService(service=str(port), transport="tcp", port=port))
    return Observation(OpenService, "port", str(port), datetime(2026, 3, 4, tzinfo=UTC), outcome)


def test_sentences_are_a_sequence_like_any_other() -> None:
    """Length, places, slices, membership, equality, hash, and a copy in another process."""
    made = [opened(port) for port in range(1, 4)]
    said = tuple(map(describe, made))
    sentences = Sentences(tuple(made))
    assert (*sentences,) == said
    assert (len(sentences), sentences[0], sentences[-1], sentences[1:]) == (3, said[0], said[2], said[1:])
    assert sentences == said
    assert sentences != said[:2]
    assert hash(sentences) == hash(Sentences(tuple(made)))
    assert said[1] in sentences
    assert pickle.loads(pickle.dumps(sentences)) == said  # noqa: S301 - made a moment ago
    assert not Sentences(())


def test_more_observations_than_are_remembered() -> None:
    """What was forgotten is made again, and is what it was."""
    made = [opened(port) for port in range(1, 2000)]
    said = list(map(describe, made))
    assert list(Sentences(tuple(made))) == said
    assert list(Sentences(tuple(reversed(made)))) == said[::-1]


def test_what_is_remembered_is_bounded_and_by_identity() -> None:
    """Equal values are two; the last few are kept, and no more."""
    asked = []

    def length(words: tuple[str, ...]) -> int:
        asked.append(words)
        return len(words)

    recent = Recent(length, 3)
    one, other = tuple(["x"]), tuple(["x"])  # noqa: C409 - two objects, which a literal would not be
    assert [recent(one), recent(other), recent(one)] == [1, 1, 1]
    assert len(asked) == 2
    for size in range(10):
        assert recent(("x",) * size) == size
        assert len(recent) <= 3
    assert recent(one) == 1
    assert len(asked) == 13
