"""The configuration files: what is wrong in one ends the command, with the field."""

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from auditor.sites.settings import SettingsError, read_centre, read_collector

COLLECTOR = """
database = "host=/run/postgresql dbname=fleet user=auditor_site_oslo"
networks = ["10.1.0.0/16"]
spool = "spool"
dns_servers = ["10.9.0.53"]
[credentials.codec]
username = "admin"
password_env = "CODEC"
"""
CENTRE = """
database = "host=/run/postgresql dbname=fleet user=auditor_centre"
inventory = "fleet.yaml"
state = "state"
bundles = "/var/bundles"
[sites.oslo]
called = ["Oslo HQ", "Oslo Annex"]
[sites.bergen]
deadline_minutes = 30
"""
FAR = "host=db.example.test dbname=fleet user=x"
VERIFIED = f"{FAR} sslmode=verify-full sslrootcert=/ca.pem sslcert=/x.crt sslkey=/x.key"


def written(folder: Path, text: str) -> Path:
    """Write a file."""
    path = folder / "settings.toml"
    path.write_text(text)
    return path


def test_a_collector(tmp_path: Path) -> None:
    """Paths are relative to the file; the fence is made of networks and resolvers; the line is kept lively."""
    settings = read_collector(written(tmp_path, COLLECTOR), "oslo")
    assert settings.spool == tmp_path / "spool"
    fence = settings.fence()
    assert fence.refusal("10.1.2.3") is None
    assert fence.refusal("10.9.0.53", 53, "dns") is None
    assert fence.refusal("10.9.0.54", 53, "dns")
    assert fence.refusal("10.9.0.53", 443, "tls")
    (codec,) = settings.references()
    assert (codec.name, codec.username, codec.password_env) == ("codec", "admin", "CODEC")
    assert conninfo_to_dict(settings.database)["tcp_user_timeout"] == "30000"


def test_a_centre(tmp_path: Path) -> None:
    """Names of the inventory lead to sites of the database."""
    settings = read_centre(written(tmp_path, CENTRE))
    assert settings.called() == {"Oslo HQ": "oslo", "Oslo Annex": "oslo", "bergen": "bergen"}
    assert (settings.inventory, settings.bundles) == (tmp_path / "fleet.yaml", Path("/var/bundles"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('networks = ["10.1.0.0/16"]', "networks = []", "networks"),
        ('networks = ["10.1.0.0/16"]', 'networks = ["10.1.0.1/16"]', "host bits"),
        ('networks = ["10.1.0.0/16"]', "", "networks"),
        ('"10.9.0.53"', '"resolver"', "resolver"),
        ("spool =", "spol =", "spol"),
        ('password_env = "CODEC"', "", "exactly one source"),
        ('password_env = "CODEC"', 'password_env = "CODEC"\npassword = "x"', "unknown field `password`"),
        ('password_env = "CODEC"', 'password_env = "CODEC"\npassword_file = "x"', "exactly one source"),
        ("host=/run/postgresql ", "host=/run/postgresql password=x ", "holds a password"),
        ("host=/run/postgresql ", "", "its host"),
        ("host=/run/postgresql ", "service=fleet ", "its host"),
        ("host=/run/postgresql dbname=fleet user=auditor_site_oslo", FAR, "verify-full"),
        ("host=/run/postgresql ", "host=127.0.0.1 hostaddr=10.0.0.9 ", "verify-full"),
        ("host=/run/postgresql ", "host=/run/postgresql,db.example.test ", "verify-full"),
        ("host=/run/postgresql dbname=fleet user=auditor_site_oslo", VERIFIED.replace("-full", "-ca"), "verify-full"),
        ("host=/run/postgresql dbname=fleet user=auditor_site_oslo", "mysql://x", "database"),
        ("[credentials.codec]", "[credentials.codec", "line"),
    ],
)
def test_a_collector_that_would_be_unsafe_or_wrong_does_not_start(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    """Among them every way of reaching a far database without knowing that it is the right one."""
    assert old in COLLECTOR
    with pytest.raises(SettingsError, match=words):
        read_collector(written(tmp_path, COLLECTOR.replace(old, new)), "oslo")


def test_a_far_database_with_its_certificates_is_taken(tmp_path: Path) -> None:
    """TLS that proves both sides."""
    text = COLLECTOR.replace("host=/run/postgresql dbname=fleet user=auditor_site_oslo", VERIFIED)
    assert "sslmode=verify-full" in read_collector(written(tmp_path, text), "oslo").database


@pytest.mark.parametrize("site", ["", "Oslo", "(centre)", "a" * 49, "oslo;"])
def test_a_name_that_cannot_be_a_sites(tmp_path: Path, site: str) -> None:
    """It would be no role's name, or somebody else's queue."""
    with pytest.raises(SettingsError, match="cannot be a site"):
        read_collector(written(tmp_path, COLLECTOR), site)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('called = ["Oslo HQ", "Oslo Annex"]', 'called = ["bergen"]', "called the same"),
        ("[sites.bergen]", "[sites.Bergen]", "cannot be a site"),
        ('state = "state"', 'state = "state"\nhosts_without_site = "moon"', "hosts_without_site"),
        ('state = "state"', 'state = "state"\nhosts_per_job = 0', "hosts_per_job"),
        ('state = "state"', 'state = "state"\nattempts = 99', "attempts"),
        ('state = "state"', "", "state"),
    ],
)
def test_a_centre_that_is_wrong_does_not_start(tmp_path: Path, old: str, new: str, words: str) -> None:
    """Each with the field."""
    assert old in CENTRE
    with pytest.raises(SettingsError, match=words):
        read_centre(written(tmp_path, CENTRE.replace(old, new)))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It says which."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        read_centre(tmp_path / "nowhere.toml")


def test_a_path_that_is_no_text(tmp_path: Path) -> None:
    """A sentence with the file's name, not a trace of the program."""
    with pytest.raises(SettingsError, match=r"settings\.toml: a path is a text in quotes, not 7"):
        read_collector(written(tmp_path, COLLECTOR.replace('spool = "spool"', "spool = 7")), "oslo")
