"""What is shipped: sdist and wheel, looked into, installed, and run from an empty folder by an ordinary user."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib.metadata import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
SHIPPED = ("auditor", "checks", "report_templates")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source distribution of this tree."""
    return _built(ROOT, tmp_path_factory.mktemp("sdist"), "--sdist", "*.tar.gz")


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built from the source distribution, and from nothing else."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    [source] = folder.iterdir()
    return _built(source, tmp_path_factory.mktemp("wheel"), "--wheel", "*.whl")


def _built(source: Path, folder: Path, kind: str, pattern: str) -> Path:
    # The build backend is one of the developer's packages, so that nothing is fetched here.
    command = [sys.executable, "-m", "build", "--no-isolation", kind, "--outdir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = folder.glob(pattern)
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it, which every user of this machine can run.

    The libraries are those of the tests: beside it where everybody can read them, else as hard links or copies.
    """
    folder = tmp_path_factory.mktemp("installed")
    _open_to_all(folder)
    environment = folder / "env"
    subprocess.run([_interpreter(), "-m", "venv", "--without-pip", str(environment)], check=True, timeout=120)
    [packages] = environment.glob("lib/python3*/site-packages")
    libraries = [Path(p) for p in dict.fromkeys(sys.path) if p.endswith("site-packages")]
    if any(not _open(place) for place in libraries):
        libraries = [_copied(place, folder / f"libraries-{number}") for number, place in enumerate(libraries)]
    (packages / "libraries.pth").write_text("".join(f"{place}\n" for place in libraries))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(environment / "bin/python"),
        "install",
        "--quiet",
        "--no-compile",
    ]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, timeout=120)
    return environment


def _interpreter() -> str:
    """Return a Python of the tests' version that every user may run."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (Path(sys.executable).resolve(), Path("/usr/local/bin") / version, Path("/usr/bin") / version):
        if path.exists() and _open(path):
            return str(path)
    pytest.skip(f"no {version} here that an ordinary user may run")


def _open(path: Path) -> bool:
    """Tell whether every user can reach and read a path."""
    real = path.resolve()
    return bool(real.stat().st_mode & 0o004) and all(parent.stat().st_mode & 0o001 for parent in real.parents)


def _copied(place: Path, to: Path) -> Path:
    def link_or_copy(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)

    shutil.copytree(place, to, copy_function=link_or_copy, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def _open_to_all(folder: Path) -> None:
    """Let every user reach a folder of the tests."""
    for place in (folder, *folder.parents):
        if place.stat().st_uid != os.getuid() or place == Path(tempfile.gettempdir()):
            break
        place.chmod(place.stat().st_mode | 0o055)


def test_the_wheel_holds_the_three_packages_and_their_data(wheel: Path) -> None:
    """Exactly those, with every file of theirs that is in the tree; no test, no sample."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not re.search(r"\.(dist-info|data)$", name)} == set(SHIPPED)
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in SHIPPED
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted == {name for name in names if name.partition("/")[0] in SHIPPED}


def test_the_wheel_brings_manual_page_and_completions(wheel: Path) -> None:
    """They land below share/ of the environment."""
    with zipfile.ZipFile(wheel) as archive:
        shared = {name.partition(".data/data/")[2] for name in archive.namelist() if ".data/data/" in name}
    assert shared == {
        "share/man/man1/auditor.1",
        "share/bash-completion/completions/auditor",
        "share/zsh/site-functions/_auditor",
        "share/fish/vendor_completions.d/auditor.fish",
    }


def test_the_source_distribution_is_enough_to_test_with(sdist: Path) -> None:
    """Tests, samples, documents and the Makefile are in it."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"tests/peers.py", "samples/inventory.yaml", "Makefile", "mkdocs.yml", "docs/index.md"} <= names
    assert not {name for name in names if name.startswith((".git/", ".venv", "build/"))}


def test_no_copyleft_library_is_required() -> None:
    """No dependency of the program itself declares a licence of the GPL family (LGPL, for optional parts only)."""
    needed = [Requirement(text) for text in metadata("vc-fleet-auditor").get_all("Requires-Dist") or ()]
    plain = [each.name for each in needed if each.marker is None or "extra" not in str(each.marker)]
    assert len(plain) > 10
    for name in plain:
        about = metadata(name)
        words = [*(about.get_all("License-Expression") or ()), *(about.get_all("Classifier") or ())]
        assert not [w for w in words if re.search(r"\bA?GPL", w) or "GNU General" in w or "GNU Affero" in w], name


@pytest.mark.skipif(os.name != "posix", reason="users of a POSIX system")
def test_an_ordinary_user_runs_the_demonstration_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    """As installed, from nothing: the bundle is whole, and verification finds nothing wrong with it."""
    home = tmp_path / "home"
    home.mkdir()
    _open_to_all(tmp_path)
    become: list[str] = []
    if os.getuid() == 0:
        shutil.chown(home, "nobody")
        become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    environment = {"PATH": f"{installed}/bin:/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home)}

    def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*become, str(installed / "bin" / program), *words],
            cwd=home, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    where = run("python", "-c", "import auditor, os; print(os.getuid(), auditor.__file__)")
    uid, _, file = where.stdout.strip().partition(" ")
    assert uid not in {"", "0"} and file.startswith(str(installed)), where.stdout + where.stderr  # noqa: PT018

    done = run("auditor", "demo", "--outside", "--format", "json,html,ocsf,csv")
    assert done.returncode == 0, done.stderr
    bundle = home / "demo-audit"
    audit = json.loads((bundle / "audit.json").read_text())
    assert audit["audit"]["complete"] is True
    assert audit["fleet"]["hosts"] >= 60
    assert (bundle / "report.html").stat().st_size > 100_000
    checked = run("auditor", "verify", "demo-audit")
    assert checked.returncode == 0, checked.stdout + checked.stderr
