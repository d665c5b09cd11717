"""Attestations: what is read, that every mistake is told with its line and field, and that the document must match."""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.inventory import InventoryError, Problem, read_inventory
from auditor.model.inventory import Attestation, Inventory

Read = Callable[[str | bytes], Inventory]
Refuse = Callable[[str | bytes], InventoryError]

PRODUCTS = ("mxp", "vcs", "tms")
STATEMENTS = {
    "mxp": ("server-dns", "software-version"),
    "vcs": (),
    "tms": ("secure-only", "verify-certificates", "server-dns", "software-version"),
}
FLEET = """\
version: 1
settings: {attestations: [stated.yaml]}
tms: [{name: manager, hostname: tms.example.test}]
systems:
  - {name: codec, product: mxp, address: 192.0.2.1}
  - {name: border, product: vcs, address: 192.0.2.2}
  - {name: stranger, product: auto, address: 192.0.2.3}
"""
DOCUMENT = b"Secure-Only mode: On\n"
DIGEST = hashlib.sha256(DOCUMENT).hexdigest()
GOOD = {
    "host": "manager",
    "statement": "secure-only",
    "value": "yes",
    "by": "Kari Nordmann",
    "on": "2026-10-01",
    "expires": "2027-09-30T23:59:00+02:00",
    "evidence": f"{{file: settings.txt, sha256: {DIGEST}}}",
}


def stated(*changes: Mapping[str, str | None]) -> str:
    """Write a file with one good attestation for each change, changed; None leaves a field out. Eight lines each."""
    lines = ["version: 1", "attestations:"]
    for change in changes:
        fields = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
        lines += [
            f"  {'-' if number == 0 else ' '} {key}: {value}" for number, (key, value) in enumerate(fields.items())
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with an inventory and the document that backs its attestations."""
    (tmp_path / "fleet.yaml").write_text(FLEET, encoding="utf-8")
    (tmp_path / "settings.txt").write_bytes(DOCUMENT)
    return tmp_path


def read_fleet(path: Path) -> Inventory:
    """Read an inventory with the statements of these tests."""
    services = dict.fromkeys(PRODUCTS, ("https",))
    return read_inventory(path, families=PRODUCTS, services=services, statements=STATEMENTS)


@pytest.fixture
def read(place: Path) -> Read:
    """Return a function that writes the file of attestations and reads the inventory that names it."""

    def read(content: str | bytes) -> Inventory:
        (place / "stated.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_fleet(place / "fleet.yaml")

    return read


@pytest.fixture
def refuse(read: Read) -> Refuse:
    """Return a function that reads attestations which must be refused, and returns the error."""

    def refuse(content: str | bytes) -> InventoryError:
        with pytest.raises(InventoryError) as caught:
            read(content)
        return caught.value

    return refuse


def test_every_field_is_read(read: Read) -> None:
    """All fields come back, times in UTC, the digest in small letters."""
    note = {"note": "seen on screen", "evidence": f"{{file: settings.txt, sha256: {DIGEST.upper()}}}"}
    assert read(stated(note)).attestations == (
        Attestation(
            host="manager", statement="secure-only", value="yes", by="Kari Nordmann",
            on=datetime(2026, 10, 1, tzinfo=UTC), expires=datetime(2027, 9, 30, 21, 59, tzinfo=UTC),
            document="settings.txt", document_sha256=DIGEST, note="seen on screen",
        ),
    )  # fmt: skip


def test_without_the_key_there_are_none(place: Path) -> None:
    """An inventory that names no file has no attestations, and neither has one that names an empty list."""
    path = place / "fleet.yaml"
    path.write_text(FLEET.replace("[stated.yaml]", "[]"), encoding="utf-8")
    assert read_fleet(path).attestations == ()
    (place / "stated.yaml").write_text("version: 1\nattestations: []\n", encoding="utf-8")
    path.write_text(FLEET, encoding="utf-8")
    assert read_fleet(path).attestations == ()


def test_paths_are_against_the_file_that_names_them(place: Path) -> None:
    """The file of attestations is found beside the inventory, the document beside the file of attestations."""
    (place / "signed").mkdir()
    (place / "signed" / "stated.yaml").write_text(stated({}), encoding="utf-8")
    (place / "settings.txt").rename(place / "signed" / "settings.txt")
    (place / "fleet.yaml").write_text(FLEET.replace("stated.yaml", "signed/stated.yaml"), encoding="utf-8")
    assert [a.document for a in read_fleet(place / "fleet.yaml").attestations] == ["settings.txt"]


def test_a_table_names_them_in_its_settings_file(place: Path) -> None:
    """A CSV inventory has them too."""
    (place / "fleet.csv").write_text("name,product,address\nmanager,tms,192.0.2.9\n", encoding="utf-8")
    (place / "fleet.settings.yaml").write_text("settings: {attestations: [stated.yaml]}\n", encoding="utf-8")
    (place / "stated.yaml").write_text(stated({}), encoding="utf-8")
    assert [a.host for a in read_fleet(place / "fleet.csv").attestations] == ["manager"]


@pytest.mark.parametrize(
    ("written", "value"),
    [("yes", "yes"), ("Yes", "yes"), ("true", "yes"), ("on", "yes"), ('"yes"', "yes"),
     ("no", "no"), ("False", "no"), ("off", "no"), ("'NO'", "no")],
)  # fmt: skip
def test_yes_and_no_in_all_their_forms(read: Read, written: str, value: str) -> None:
    """YAML's words for true and false, quoted or not, become yes and no."""
    assert read(stated({"value": written})).attestations[0].value == value


@pytest.mark.parametrize("written", ["11.9.1", "12.10", "F7.1 PAL", "no", "14"])
def test_a_release_stays_as_it_is_written(read: Read, written: str) -> None:
    """`12.10` is no number, whatever YAML takes it for."""
    assert read(stated({"statement": "software-version", "value": written})).attestations[0].value == written


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-10-01", datetime(2026, 10, 1, tzinfo=UTC)),
        ("'2026-10-01'", datetime(2026, 10, 1, tzinfo=UTC)),
        ("2026-10-01T08:30Z", datetime(2026, 10, 1, 8, 30, tzinfo=UTC)),
        ("2026-10-01t08:30:05.25z", datetime(2026, 10, 1, 8, 30, 5, 250_000, tzinfo=UTC)),
        ("2026-10-01 08:30:00-05:00", datetime(2026, 10, 1, 13, 30, tzinfo=UTC)),
    ],
)
def test_instants_become_utc(read: Read, written: str, instant: datetime) -> None:
    """A date is the start of that day in UTC."""
    assert read(stated({"on": written})).attestations[0].on == instant


def test_expired_and_coming_statements_are_kept(read: Read) -> None:
    """Reading has no clock: a statement of the past and one of the future both stay, in their order."""
    past = {"on": "2001-01-01", "expires": "2002-01-01T00:00Z"}
    future = {"on": "2091-01-01", "expires": "2092-01-01T00:00Z"}
    assert [a.on.year for a in read(stated(past, future)).attestations] == [2001, 2091]


def test_old_and_new_statements_may_overlap(read: Read) -> None:
    """A renewed statement stands beside the one that it renews."""
    assert len(read(stated({}, {"on": "2026-12-01"})).attestations) == 2


def test_five_mistakes_are_told_at_once(refuse: Refuse, place: Path) -> None:
    """An unknown host, a bare date, a wrong digest, an unknown field and a statement of another product, in order."""
    error = refuse(
        stated(
            {"host": "managr"},
            {"on": "2026-10-02", "expires": "2027-09-30"},
            {"on": "2026-10-03", "evidence": f"{{file: settings.txt, sha256: {'0' * 64}}}"},
            {"on": "2026-10-04", "comment": "x"},
            {"host": "codec"},
        )
    )
    assert [(p.line, p.field) for p in error.problems] == [
        (3, "attestations[0].host"),
        (15, "attestations[1].expires"),
        (23, "attestations[2].evidence.sha256"),
        (31, "attestations[3].comment"),
        (33, "attestations[4].statement"),
    ]
    assert {p.file for p in error.problems} == {str(place / "stated.yaml")}
    assert error.problems[0].hint == "Did you mean 'manager'?"
    assert "date alone" in error.problems[1].message
    assert DIGEST in error.problems[2].message


def test_problems_of_both_files_come_together(place: Path, read: Read) -> None:
    """A mistake in the inventory does not hide one in the attestations."""
    (place / "fleet.yaml").write_text(FLEET.replace("192.0.2.2}", "192.0.2.256}"), encoding="utf-8")
    with pytest.raises(InventoryError) as caught:
        read(stated({"value": "maybe"}))
    assert [(Path(p.file).name, p.field) for p in caught.value.problems] == [
        ("fleet.yaml", "systems[1].address"),
        ("stated.yaml", "attestations[0].value"),
    ]


MISTAKES: dict[str, tuple[str | bytes, int, str, str]] = {
    "no version": ("attestations: []\n", 1, "version", "missing"),
    "other version": ("version: 2\nattestations: []\n", 1, "version", "'2' is not a version of attestations"),
    "no list": ("version: 1\n", 1, "attestations", "missing"),
    "a table": ("version: 1\nattestations: {a: 1}\n", 2, "attestations", "not a table"),
    "empty key": ("version: 1\nattestations:\n", 2, "attestations", "attestations: []"),
    "a text as entry": ("version: 1\nattestations:\n  - yes\n", 3, "attestations[0]", "table of keys"),
    "unknown section": ("version: 1\nattestation: []\nattestations: []\n", 2, "attestation", "Did you mean"),
    "a list as the file": ("- 1\n", 1, "", "table of keys"),
    "not yaml": ("version: 1\nattestations: [\n", 3, "", "not YAML"),
    "not utf-8": (b"version: 1\n# \xe5\nattestations: []\n", 2, "", "UTF-8"),
    "no host": (stated({"host": None}), 3, "attestations[0].host", "missing"),
    "host without value": (stated({"host": ""}), 3, "attestations[0].host", "no value"),
    "no statement": (stated({"statement": None}), 3, "attestations[0].statement", "missing"),
    "unknown statement": (
        stated({"statement": "secure-onyl"}), 4, "attestations[0].statement", "Did you mean 'secure-only'?"),
    "nothing to attest": (stated({"host": "border"}), 4, "attestations[0].statement", "Nothing can be attested"),
    "no value": (stated({"value": None}), 3, "attestations[0].value", "missing"),
    "neither yes nor no": (stated({"value": "maybe"}), 5, "attestations[0].value", "neither yes nor no"),
    "number for yes": (stated({"value": "1"}), 5, "attestations[0].value", "neither yes nor no"),
    "list for yes": (stated({"value": "[yes]"}), 5, "attestations[0].value", "not a list"),
    "long release": (
        stated({"statement": "software-version", "value": "1" * 61}), 5, "attestations[0].value", "60 characters"),
    "no name": (stated({"by": None}), 3, "attestations[0].by", "missing"),
    "name that hides": (stated({"by": '"K\\u202eari"'}), 6, "attestations[0].by", "printed"),
    "no date": (stated({"on": None}), 3, "attestations[0].on", "missing"),
    "no such day": (stated({"on": "2026-02-30"}), 7, "attestations[0].on", "not an instant"),
    "no zone": (stated({"on": "2026-10-01T12:00"}), 7, "attestations[0].on", "no zone"),
    "week date": (stated({"on": "2026-W40-1"}), 7, "attestations[0].on", "not an instant"),
    "words": (stated({"expires": "next year"}), 8, "attestations[0].expires", "not an instant"),
    "out of the calendar": (stated({"on": "'0001-01-01T00:00+23:59'"}), 7, "attestations[0].on", "not an instant"),
    "no expiry": (stated({"expires": None}), 3, "attestations[0].expires", "missing"),
    "bare date": (stated({"expires": "2027-09-30"}), 8, "attestations[0].expires", "date alone"),
    "local expiry": (stated({"expires": "2027-09-30 12:00:00"}), 8, "attestations[0].expires", "no zone"),
    "expires before": (stated({"expires": "2026-09-30T00:00Z"}), 8, "attestations[0].expires", "before it was made"),
    "no evidence": (stated({"evidence": None}), 3, "attestations[0].evidence", "missing"),
    "evidence as text": (stated({"evidence": "settings.txt"}), 9, "attestations[0].evidence", "table of keys"),
    "no file": (stated({"evidence": f"{{sha256: {DIGEST}}}"}), 9, "attestations[0].evidence.file", "missing"),
    "no digest": (stated({"evidence": "{file: settings.txt}"}), 9, "attestations[0].evidence.sha256", "missing"),
    "short digest": (
        stated({"evidence": "{file: settings.txt, sha256: 123}"}), 9, "attestations[0].evidence.sha256", "sha256sum"),
    "no such document": (
        stated({"evidence": f"{{file: nix.pdf, sha256: {DIGEST}}}"}), 9, "attestations[0].evidence.file", "No such"),
    "folder as document": (
        stated({"evidence": f"{{file: ., sha256: {DIGEST}}}"}), 9, "attestations[0].evidence.file", "not a file"),
    "long note": (stated({"note": "x" * 1001}), 10, "attestations[0].note", "1000"),
    "given twice": (stated({}, {}), 11, "attestations[1].statement", "twice (first in"),
    "field twice": (stated({}) + "    by: Ola\n", 10, "attestations[0].by", "twice"),
    "password": (stated({"password": "hunter2"}), 10, "attestations[0].password", "may not stand"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "line", "field", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_one_mistake_gives_one_problem(refuse: Refuse, content: str | bytes, line: int, field: str, words: str) -> None:
    """Each mistake alone is one problem, at its line and field, in words that help."""
    error = refuse(content)
    assert [(p.line, p.field) for p in error.problems] == [(line, field)], str(error)
    assert words in str(error)
    assert "hunter2" not in str(error)


def test_two_entries_on_one_line_are_told_apart(refuse: Refuse) -> None:
    """A statement given twice is found in the short form of YAML too."""
    entry = "{" + ", ".join(f"{key}: {value}" for key, value in GOOD.items()) + "}"
    error = refuse(f"version: 1\nattestations: [{entry}, {entry}]\n")
    assert [(p.line, p.field) for p in error.problems] == [(2, "attestations[1].statement")]


def test_a_file_named_twice_is_found(place: Path) -> None:
    """Two spellings of one path give each statement twice, which is refused."""
    (place / "stated.yaml").write_text(stated({}), encoding="utf-8")
    (place / "fleet.yaml").write_text(FLEET.replace("[stated.yaml]", "[stated.yaml, ./stated.yaml]"), encoding="utf-8")
    with pytest.raises(InventoryError, match=r"given twice \(first in") as caught:
        read_fleet(place / "fleet.yaml")
    assert len(caught.value.problems) == 1


def test_a_missing_file_is_a_problem_of_the_inventory(place: Path) -> None:
    """It is told at the line of the inventory that names it."""
    with pytest.raises(InventoryError) as caught:
        read_fleet(place / "fleet.yaml")
    assert [(p.file, p.line, p.field) for p in caught.value.problems] == [
        (str(place / "fleet.yaml"), 2, "settings.attestations[0]")
    ]


def test_a_document_that_was_changed_later_is_found(read: Read, place: Path) -> None:
    """One byte more, and the attestation is refused."""
    assert read(stated({})).attestations
    (place / "settings.txt").write_bytes(DOCUMENT + b" ")
    with pytest.raises(InventoryError, match="not the one that was attested"):
        read(stated({}))


def test_a_host_whose_product_is_not_known_may_be_attested_of(read: Read) -> None:
    """Any product's statement is accepted for `auto`."""
    assert read(stated({"host": "stranger"})).attestations[0].host == "stranger"


def test_the_sample_is_accepted_where_the_inventory_names_it(tmp_path: Path) -> None:
    """The commented line of both sample inventories works, and the sample's document is the one that it names."""
    samples = Path(__file__).parents[2] / "samples"
    for file in samples.iterdir():
        if file.is_file():
            content = file.read_bytes().replace(b"# attestations: [", b"attestations: [")
            (tmp_path / file.name).write_bytes(file.read_bytes() if file.name == "attestations.yaml" else content)
    every = ("secure-only", "verify-certificates", "override-dns-off", "fqdn-configured", "snmp-scan-off",
             "systems-by-hostname", "open-tickets")  # fmt: skip
    families = ("mxp", "mps", "vcs", "tms")
    for name in ("inventory.yaml", "inventory.csv"):
        inventory = read_inventory(
            tmp_path / name, families=families, services=dict.fromkeys(families, ("http", "https")),
            statements={"tms": every},
        )  # fmt: skip
        assert tuple(a.statement for a in inventory.attestations) == every
        assert {a.host for a in inventory.attestations} == {"tms"}


WORDS = (
    *GOOD, *(v for v in GOOD.values() if "{" not in v), "version", "attestations", "file", "sha256", DIGEST, "codec",
    "settings.txt", "software-version", "2026", "1", ".", "/dev/zero", "password", "2027-01-01T25:61Z",
)  # fmt: skip
GLUE = (": ", ":\n  ", "\n", "\n- ", "\n  - ", ", ", "{", "}", "[", "]", "&a ", "*a", "!!x ", "'", '"', "~")
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.dates()
    | st.datetimes()
    | st.sampled_from(WORDS)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=12,
)
ENTRIES = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys((*GOOD, "note"), ANYTHING)), max_size=3)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.binary(max_size=200)
    | st.lists(st.sampled_from(WORDS + GLUE), max_size=40).map(lambda parts: "".join(parts).encode())
    | ENTRIES.map(lambda entries: yaml.safe_dump({"version": 1, "attestations": entries}).encode())
)
def test_whatever_the_file_holds_there_is_an_inventory_or_a_refusal(data: bytes) -> None:
    """Any bytes, words and shapes: only the typed error, each problem with a sentence that can be printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.yaml"
        path.write_text(FLEET, encoding="utf-8")
        (Path(folder) / "settings.txt").write_bytes(DOCUMENT)
        (Path(folder) / "stated.yaml").write_bytes(data)
        made: tuple[Attestation, ...] = ()
        problems: tuple[Problem, ...] = ()
        try:
            made = read_fleet(path).attestations
        except InventoryError as error:
            problems = error.problems or (Problem("", 0, "", "", "no problem told"),)
    assert all(a.document_sha256 == DIGEST and a.on < a.expires and a.value for a in made)
    assert all(problem.message and str(problem).isprintable() for problem in problems)
