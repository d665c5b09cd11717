"""YAML inventories: what is read, and that every mistake is told with its line and field."""

import hashlib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from auditor.inventory import InventoryError, read_inventory
from auditor.inventory.settings import CREDENTIAL, POLICY, SETTINGS
from auditor.inventory.target import TARGET
from auditor.model.inventory import CredentialRef, Inventory, Settings, Target
from auditor.model.policy import Policy

Read = Callable[..., Inventory]
Refuse = Callable[..., InventoryError]

FULL = """\
version: 1
settings:
  target_level: 2
  roots: [roots.pem]
  dns_servers: ["192.0.2.53", "192.0.2.54:5353", "2001:db8::53", "[2001:DB8::54]:54"]
  hosts_at_once: 5
  snmp: off
  snmp_community: other
  question_seconds: 2.5
  host_seconds: 60
policy:
  ssh_at_level_4: forbidden
  http_redirect_only: allowed
  vcs_verify_mode: off
  feedback_http_level: 1
  minimum_key_bits: 1024
  expiry_warning_days: 30
  clock_tolerance_seconds: 10
  require_revocation_check: yes
credentials:
  codec: {username: admin, password_env: CODEC_PASSWORD}
  other: {username: root, password_file: codec.password}
tms:
  - {name: tms, hostname: tms.example.test, address: 192.0.2.10, roots: [roots.pem]}
systems:
  - name: rm204
    product: mxp
    hostname: rm204.example.test
    address: 192.0.2.21
    ports: {https: 8443, telnet-challenge: 57}
    credentials: codec
    roots: [roots.pem]
    saved_config: rm204.txt
    tms: tms
    target_level: 4
    site: oslo
    tags: [boardroom, boardroom, third floor]
  - name: border
    product: auto
    address: 1:2:3:4:5:6:7:8
"""


def test_every_field_of_the_contract_is_read(read: Read, folder: Path) -> None:
    """A full inventory comes back as the model's values, paths resolved against its own folder."""
    inventory = read(FULL)
    tms, rm204, border = inventory.targets
    assert (tms.product, tms.hostname, tms.target_level, tms.roots[0].path) == (
        "tms",
        "tms.example.test",
        2,
        "roots.pem",
    )
    assert rm204 == Target(
        name="rm204", product="mxp", hostname="rm204.example.test", address="192.0.2.21",
        ports={"https": 8443, "telnet-challenge": 57}, credentials="codec", roots=tms.roots,
        saved_config=folder / "rm204.txt", tms="tms", target_level=4, site="oslo", tags=("boardroom", "third floor"),
    )  # fmt: skip
    assert (border.product, border.address, border.target_level, border.hostname) == (
        "auto",
        "1:2:3:4:5:6:7:8",
        2,
        None,
    )
    assert inventory.settings == Settings(
        target_level=2, roots=tms.roots, hosts_at_once=5, snmp=False, snmp_community="other", question_seconds=2.5,
        dns_servers=("192.0.2.53:53", "192.0.2.54:5353", "[2001:db8::53]:53", "[2001:db8::54]:54"), host_seconds=60.0,
    )  # fmt: skip
    assert inventory.policy == Policy(
        ssh_at_level_4="forbidden", http_redirect_only="allowed", vcs_verify_mode="off", feedback_http_level=1,
        minimum_key_bits=1024, expiry_warning_days=30, clock_tolerance_seconds=10, require_revocation_check=True,
    )  # fmt: skip
    assert inventory.credentials == (
        CredentialRef(name="codec", username="admin", password_env="CODEC_PASSWORD"),  # noqa: S106 - a variable's name
        CredentialRef(name="other", username="root", password_file=folder / "codec.password"),
    )
    assert [der[:2].hex() for der in tms.roots[0].certificates] == ["3005", "3005"]


def test_digest_and_source_tell_which_file_it_was(read: Read, folder: Path) -> None:
    """The digest is the SHA-256 of the bytes, and the clock is left to the caller."""
    inventory = read(FULL)
    assert inventory.digest == hashlib.sha256(FULL.encode()).hexdigest()
    assert (inventory.source, inventory.taken_at) == (str(folder / "fleet.yaml"), None)


def test_what_is_left_out_gets_the_models_defaults(read: Read) -> None:
    """The shortest inventory has one host, level 3 and the default policy; empty sections count as left out."""
    inventory = read(
        "version: 1\nsettings:\npolicy:\ncredentials:\ntms: []\nsystems: [{name: a, product: mxp, address: 192.0.2.1}]"
    )
    assert inventory.targets == (Target(name="a", product="mxp", address="192.0.2.1"),)
    assert (inventory.settings, inventory.policy, inventory.credentials) == (Settings(), Policy(), ())


def test_the_fields_are_those_of_the_model() -> None:
    """A field added to the model cannot be forgotten here."""
    elsewhere = {"attestations", "waivers", "maintenance_windows"}
    assert set(SETTINGS) == {field.name for field in fields(Settings)} | elsewhere
    assert set(POLICY) == {field.name for field in fields(Policy)}
    assert set(TARGET) == {field.name for field in fields(Target)} | {"system_list_columns"}
    assert {"name", *CREDENTIAL} == {field.name for field in fields(CredentialRef)}


def test_five_different_mistakes_are_told_at_once(refuse: Refuse, folder: Path) -> None:
    """An unknown key, a bad level, an unreadable file, a duplicate name and a missing TMS: all five, in order."""
    error = refuse(
        "version: 1\n"
        "settings: {target_levle: 3}\n"
        "systems:\n"
        "  - {name: a, product: mxp, address: 192.0.2.1, target_level: 5}\n"
        "  - name: b\n"
        "    product: mps\n"
        "    address: 192.0.2.2\n"
        "    roots: [missing.pem]\n"
        "  - name: a\n"
        "    product: vcs\n"
        "    address: 192.0.2.3\n"
        "    tms: nowhere\n"
    )
    assert [(p.line, p.field) for p in error.problems] == [
        (2, "settings.target_levle"),
        (4, "systems[0].target_level"),
        (8, "systems[1].roots[0]"),
        (9, "systems[2].name"),
        (12, "systems[2].tms"),
    ]
    printed = str(error).splitlines()
    assert len(printed) == 5
    assert printed[0].startswith(f"{folder / 'fleet.yaml'}:2: settings.target_levle: ")
    assert printed[0].endswith("Did you mean 'target_level'?")
    assert str(folder / "missing.pem") in printed[2]


HEAD = "version: 1\nsystems:\n  - name: a\n    product: mxp\n    address: 192.0.2.1\n"
"""A good inventory of five lines, ending inside `systems[0]`."""

MISTAKES = {
    "no version": ("systems: [{name: a, product: mxp, address: 192.0.2.1}]", 1, "version", "version: 1"),
    "other version": (HEAD.replace("1", "2", 1), 1, "version", "'2'"),
    "no host": ("version: 1\nsystems: []\n", 2, "systems", "no host"),
    "unknown section": (HEAD + "setings: {}\n", 6, "setings", "Did you mean 'settings'?"),
    "a list as the file": ("- 1\n", 1, "", "table of keys"),
    "systems as a table": ("version: 1\nsystems: {a: 1}\n", 2, "systems", "list of hosts"),
    "a host as text": (HEAD + "  - b\n", 6, "systems[1]", "table of keys"),
    "settings as text": (HEAD + "settings: fast\n", 6, "settings", "table of keys"),
    "level 0": (HEAD + "settings: {target_level: 0}\n", 6, "settings.target_level", "from 1 to 4"),
    "octal number": (HEAD + "settings: {hosts_at_once: 010}\n", 6, "settings.hosts_at_once", "'010'"),
    "list for a number": (HEAD + "settings:\n  hosts_at_once:\n    - 1\n", 7, "settings.hosts_at_once", "not a list"),
    "snmp in quotes": (HEAD + 'settings: {snmp: "no"}\n', 6, "settings.snmp", "without quotes"),
    "negative time": (HEAD + "settings: {question_seconds: -1}\n", 6, "settings.question_seconds", "above 0"),
    "infinite time": (HEAD + "settings: {host_seconds: .inf}\n", 6, "settings.host_seconds", "above 0"),
    "name server by name": (
        HEAD + "settings:\n  dns_servers:\n    - 192.0.2.53\n    - dns.example.test\n",
        9, "settings.dns_servers[1]", "IP"),
    "name server's port": (HEAD + "settings: {dns_servers: ['192.0.2.53:0']}\n", 6, "settings.dns_servers[0]", "65535"),
    "policy value": (HEAD + "policy:\n  vcs_verify_mode: true\n", 7, "policy.vcs_verify_mode", "on, off"),
    "policy number": (HEAD + "policy: {feedback_http_level: 3}\n", 6, "policy.feedback_http_level", "1, 2"),
    "policy key": (HEAD + "policy: {ssh_at_level4: allowed}\n", 6, "policy.ssh_at_level4", "'ssh_at_level_4'"),
    "policy empty value": (HEAD + "policy: {minimum_key_bits: }\n", 6, "policy.minimum_key_bits", "no value"),
    "literal password": (
        HEAD + "credentials:\n  c:\n    username: u\n    password: hunter2\n",
        9, "credentials.c.password", "password_env"),
    "password elsewhere": (HEAD + "    password: hunter2\n", 6, "systems[0].password", "may not stand"),
    "no username": (HEAD + "credentials:\n  c: {password_env: A}\n", 7, "credentials.c.username", "needs a username"),
    "no password": (HEAD + "credentials:\n  c: {username: u}\n", 7, "credentials.c.password_env", "exactly one"),
    "two passwords": (
        HEAD + "credentials:\n  c:\n    username: u\n    password_env: A\n    password_file: codec.password\n",
        10, "credentials.c.password_file", "exactly one"),
    "password as variable": (
        HEAD + "credentials:\n  c: {username: u, password_env: 'hunter2!'}\n",
        7, "credentials.c.password_env", "variable"),
    "number as variable": (
        HEAD + "credentials:\n  c: {username: u, password_env: 20080101}\n",
        7, "credentials.c.password_env", "this value"),
    "credential as text": (HEAD + "credentials:\n  c: hunter2\n", 7, "credentials.c", "table of keys"),
    "no such password file": (
        HEAD + "credentials:\n  c: {username: u, password_file: nix}\n",
        7, "credentials.c.password_file", "No such file"),
    "unknown credentials": (HEAD + "    credentials: codec\n", 6, "systems[0].credentials", "'codec'"),
    "no name": ("version: 1\nsystems:\n  - product: mxp\n    address: 192.0.2.1\n", 3, "systems[0].name", "missing"),
    "long name": (HEAD.replace("a\n", "a" * 65 + "\n", 1), 3, "systems[0].name", "64"),
    "name that hides": (HEAD.replace("name: a", 'name: "a\\u202e"'), 3, "systems[0].name", "\\u202e"),
    "name with blanks": (HEAD.replace("name: a", 'name: " a"'), 3, "systems[0].name", "blanks"),
    "empty name": (HEAD.replace("name: a", 'name: ""'), 3, "systems[0].name", "no value"),
    "name is a number": (HEAD.replace("name: a", "name: 204"), 3, "systems[0].name", "a whole number"),
    "no product": ("version: 1\nsystems:\n  - name: a\n    address: 192.0.2.1\n", 3, "systems[0].product", "missing"),
    "unknown product": (HEAD.replace("mxp", "mpx"), 4, "systems[0].product", "Did you mean 'mxp'?"),
    "product in capitals": (HEAD.replace("mxp", "VCS"), 4, "systems[0].product", "Did you mean 'vcs'?"),
    "no way to the host": (
        "version: 1\nsystems:\n  - name: a\n    product: mxp\n", 3, "systems[0].hostname", "address"),
    "bad address": (HEAD.replace("2.1\n", "2.256\n"), 5, "systems[0].address", "not an IP address"),
    "address of nobody": (HEAD.replace("192.0.2.1", "0" + ".0" * 3), 5, "systems[0].address", "one host"),
    "bad hostname": (HEAD + "    hostname: http://a\n", 6, "systems[0].hostname", "not a hostname"),
    "address as hostname": (HEAD + "    hostname: 192.0.2.1\n", 6, "systems[0].hostname", "'address'"),
    "port 0": (HEAD + "    ports:\n      https: 443\n      http: 0\n", 8, "systems[0].ports.http", "65535"),
    "port 65536": (HEAD + "    ports: {https: 65536}\n", 6, "systems[0].ports.https", "65535"),
    "port with a colon": (HEAD + "    ports: {https: 4:43}\n", 6, "systems[0].ports.https", "'4:43'"),
    "unknown service": (HEAD + "    ports: {htps: 443}\n", 6, "systems[0].ports.htps", "Did you mean 'https'?"),
    "other product's service": (
        HEAD.replace("mxp", "vcs") + "    ports: {ftp: 21}\n", 6, "systems[0].ports.ftp", "no service"),
    "ports as a list": (HEAD + "    ports: [443]\n", 6, "systems[0].ports", "table of keys"),
    "roots as text": (HEAD + "    roots: roots.pem\n", 6, "systems[0].roots", "[one, two]"),
    "folder as roots": (HEAD + "    roots: ['.']\n", 6, "systems[0].roots[0]", "not a file"),
    "no certificate": (HEAD + "    roots: [rm204.txt]\n", 6, "systems[0].roots[0]", "no certificate"),
    "no saved configuration": (HEAD + "    saved_config: nix.txt\n", 6, "systems[0].saved_config", "No such file"),
    "unknown tms": (HEAD + "    tms: tms2\ntms: [{name: tms, address: 192.0.2.9}]\n", 6, "systems[0].tms", "'tms'?"),
    "system as tms": (HEAD + "    tms: a\n", 6, "systems[0].tms", "'a'"),
    "product of a tms": (
        HEAD + "tms:\n- name: t\n  product: tms\n  address: 192.0.2.9\n", 8, "tms[0].product", "has no product"),
    "tms of a tms": (HEAD + "tms:\n- name: t\n  tms: t\n  address: 192.0.2.9\n", 8, "tms[0].tms", "no such field"),
    "name used by both": (HEAD + "tms:\n- {name: a, address: 192.0.2.9}\n", 3, "systems[0].name", "first in line 7"),
    "site no": (
        HEAD + "    site: no\n", 6, "systems[0].site", "'no' as false, not as text. Put it in quotation marks."),
    "tags with on": (HEAD + "    tags:\n      - a\n      - on\n", 8, "systems[0].tags[1]", "'on' as true"),
    "tags as text": (HEAD + "    tags: a\n", 6, "systems[0].tags", "list is expected"),
    "field twice": (HEAD + "    name: b\n", 6, "systems[0].name", "twice (first in line 3)"),
    "unknown field": (HEAD + "    adress: x\n", 6, "systems[0].adress", "Did you mean 'address'?"),
    "not yaml": (HEAD + "    site: [oslo\n", 7, "", "not YAML"),
    "tab": (HEAD + "\tsite: oslo\n", 6, "", "not YAML"),
    "two documents": (HEAD + "---\nversion: 1\n", 6, "", "second document"),
    "control character": (HEAD + "    site: o\x07slo\n", 6, "", "U+0007"),
    "not utf-8": (HEAD.encode() + b"    site: \xe5s\n", 6, "", "UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "line", "field", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_one_mistake_gives_one_problem(refuse: Refuse, content: str | bytes, line: int, field: str, words: str) -> None:
    """Each mistake alone is one problem, at its line and field, in words that help, and no password is repeated."""
    error = refuse(content)
    assert [(p.line, p.field) for p in error.problems] == [(line, field)], str(error)
    assert words in str(error)
    assert "hunter2" not in str(error)
    assert "20080101" not in str(error)


def test_the_head_of_the_table_is_a_good_inventory(read: Read) -> None:
    """What the table of mistakes builds on is itself accepted, so each problem comes from its mistake."""
    assert [target.name for target in read(HEAD).targets] == ["a"]


@pytest.mark.parametrize(("name", "words"), [("fleet.yaml", "No such file"), ("fleet.txt", ".csv"), ("fleet", ".yaml")])
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(tmp_path: Path, name: str, words: str) -> None:
    """A missing file and an unknown suffix are problems without a line."""
    with pytest.raises(InventoryError, match=words) as caught:
        read_inventory(tmp_path / name, families=(), services={})
    assert [(p.file, p.line) for p in caught.value.problems] == [(str(tmp_path / name), 0)]


def test_a_folder_is_no_inventory(tmp_path: Path) -> None:
    """A folder with the right suffix is refused, not opened."""
    (tmp_path / "fleet.yaml").mkdir()
    with pytest.raises(InventoryError, match="is not a file"):
        read_inventory(tmp_path / "fleet.yaml", families=(), services={})


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """A file beyond the limit is refused by its size."""
    with (tmp_path / "fleet.yaml").open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    with pytest.raises(InventoryError, match="larger than"):
        read_inventory(tmp_path / "fleet.yaml", families=(), services={})


def test_a_literal_password_is_told_beside_the_other_problems(refuse: Refuse) -> None:
    """The refusal of a password does not hide what else is wrong with the credential."""
    error = refuse(HEAD + "credentials:\n  c:\n    Password: hunter2\n    user: x\n")
    assert [p.field for p in error.problems] == [
        "credentials.c.username",
        "credentials.c.Password",
        "credentials.c.user",
    ]
    assert "hunter2" not in str(error)


def test_the_repr_of_an_inventory_shows_no_community(read: Read) -> None:
    """The SNMP community is kept out of logs."""
    assert "sesame" not in repr(read(HEAD + "settings: {snmp_community: sesame}\n"))


def test_a_tms_may_stand_among_the_systems(read: Read) -> None:
    """A system whose product is the management server can be referred to like one of the section."""
    inventory = read(HEAD + "    tms: t\n  - {name: t, product: tms, hostname: t.example.test}\n")
    assert [(target.name, target.tms) for target in inventory.targets] == [("a", "t"), ("t", None)]
