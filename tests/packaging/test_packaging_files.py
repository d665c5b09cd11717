"""The files for packagers say the same as the program and the Makefile."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from scripts.reference.files import generated

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", sorted(generated()))
def test_what_is_written_from_the_code_is_current(name: str) -> None:
    """After a change of a command, a control or the schema: `make reference`."""
    assert (ROOT / name).read_text(encoding="utf-8") == generated()[name], "run `make reference`"


def test_the_manual_page_is_sound() -> None:
    """Every command is in it, and groff has nothing to say against it."""
    page = ROOT / "packaging/man/auditor.1"
    text = page.read_text()
    for command in ("audit", "demo", "verify", "inventory check", "controls show"):
        assert f".SS auditor {command}" in text.replace("\\-", "-")
    if groff := shutil.which("groff"):
        check = [groff, "-Kutf8", "-man", "-Tutf8", "-ww", "-z", str(page)]
        done = subprocess.run(check, capture_output=True, text=True, timeout=60, check=True)
        assert done.stderr == ""


def test_the_container_installs_the_same_libraries_as_the_makefile() -> None:
    """WeasyPrint's libraries stand in both places."""
    [wanted] = re.findall(r"^LIBRARIES := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    container = (ROOT / "packaging/container/Containerfile").read_text()
    assert f"--no-install-recommends {wanted} " in container
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", container, re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists(), name
    ignored = (ROOT / "packaging/container/Containerfile.containerignore").read_text().split()
    assert not set(ignored) & set(" ".join(re.findall(r"^COPY (?!--from)(.+) \S+$", container, re.MULTILINE)).split())


def test_the_container_runs_as_a_numbered_user_of_its_own() -> None:
    """Kubernetes takes `runAsNonRoot` only where the image's user is a number, and the documents name that number."""
    container = (ROOT / "packaging/container/Containerfile").read_text()
    [(user, group)] = re.findall(r"^USER ([1-9]\d*):([1-9]\d*)$", container, re.MULTILINE)
    assert f"groupadd --gid {group} " in container
    assert f"useradd --uid {user} --gid {group} " in container
    assert f"The image's own user is {user}," in (ROOT / "docs/how-to/container.md").read_text()


def test_the_extras_named_for_the_container_exist() -> None:
    """A build argument with a name that pip does not know would be a warning, not a failure."""
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for name in ("packaging/container/Containerfile", "docs/how-to/container.md"):
        [extras] = re.findall(r"--build-arg EXTRAS=([\w,]+)", (ROOT / name).read_text())
        assert set(extras.split(",")) <= set(known), name


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """`systemd-analyze verify` has nothing against them once the program is where they expect it."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not on this machine")
    for name in ("auditor.service", "auditor.timer"):
        text = (ROOT / "packaging/systemd" / name).read_text()
        (tmp_path / name).write_text(text.replace("/opt/auditor/bin/auditor", "/bin/true"))
    units = [str(tmp_path / name) for name in ("auditor.service", "auditor.timer")]
    done = subprocess.run(
        [analyze, "verify", "--man=no", *units], capture_output=True, text=True, timeout=60, check=False
    )
    about_ours = [line for line in done.stderr.splitlines() if "auditor" in line]
    assert about_ours == []


def test_the_service_runs_a_command_that_exists() -> None:
    """Its options are options of the program, and its exit codes are those of results."""
    unit = (ROOT / "packaging/systemd/auditor.service").read_text()
    [command] = re.findall(r"^ExecStart=/opt/auditor/bin/(.+)$", unit, re.MULTILINE)
    page = (ROOT / "docs/reference/commands.md").read_text()
    section = page.partition("## auditor audit\n")[2].partition("\n## ")[0]
    for option in re.findall(r"--[a-z-]+", command):
        assert option in section
    assert "SuccessExitStatus=1 3\n" in unit
