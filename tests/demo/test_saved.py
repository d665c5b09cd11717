"""Saved configurations and passwords that a fleet writes for its inventory."""

import asyncio
import stat
from datetime import UTC, datetime
from pathlib import Path

import yaml

from auditor.demo.fleet import FLEET, start_fleet
from auditor.dialects.certificate_list import read_certificates
from auditor.dialects.saved import read_saved
from auditor.inventory.reader import read_inventory
from auditor.profiles import load_profiles

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHOSEN = [spec for spec in FLEET if spec.name in {"rm101", "rm103", "rm104", "mps5", "vcs5", "tms", "far2"}]


def test_nothing_is_written_unless_it_is_asked_for(tmp_path: Path) -> None:
    """The usual inventory names neither passwords nor saved configurations."""

    async def run() -> None:
        async with start_fleet(tmp_path, specs=CHOSEN[:2], now=NOW) as fleet:
            document = yaml.safe_load(fleet.inventory_path.read_text())
            assert "credentials" not in document
            assert not any({"credentials", "saved_config"} & set(row) for row in document["systems"])
            assert fleet.password_files == {}
            assert not (tmp_path / "passwords").exists()
            assert not (tmp_path / "saved").exists()

    asyncio.run(run())


def test_the_inventory_names_passwords_and_saved_configurations(tmp_path: Path) -> None:
    """It is valid, every device that answers has a password of its own in a private file, the inventory holds none."""

    async def run() -> None:
        async with start_fleet(tmp_path, specs=CHOSEN, now=NOW, with_credentials=True, with_saved=True) as fleet:
            written = fleet.inventory_path.read_text()
            assert not any(canary in written for canary in fleet.canaries)
            services = {name: [s.name for s in p.services] for name, p in load_profiles().items()}
            inventory = read_inventory(fleet.inventory_path, families=tuple(services), services=services)
            targets = {target.name: target for target in inventory.targets}
            references = {reference.name: reference for reference in inventory.credentials}
            for spec in CHOSEN:
                if spec.name in {"tms", "far2"}:
                    assert targets[spec.name].credentials is None
                    continue
                reference = references[targets[spec.name].credentials or ""]
                assert reference.username == "admin"
                assert reference.password_file is not None
                assert reference.password_file.read_text() == fleet.devices[spec.name].password
                assert stat.S_IMODE(reference.password_file.stat().st_mode) == 0o600
                assert (targets[spec.name].saved_config is not None) == bool(spec.saved)
            assert len({path.read_text() for path in fleet.password_files.values()}) == len(CHOSEN) - 2

    asyncio.run(run())


def test_saved_configurations_say_what_the_device_would(tmp_path: Path) -> None:
    """A kept session tells settings, status and roots; a document tells settings alone."""

    async def run() -> None:
        async with start_fleet(tmp_path, specs=CHOSEN, now=NOW, with_saved=True) as fleet:
            for spec in (spec for spec in CHOSEN if spec.saved):
                suffix = "txt" if spec.saved == "text" else "xml"
                data = (tmp_path / "saved" / f"{spec.name}.{suffix}").read_bytes()
                reading = read_saved(data, load_profiles()[spec.product])
                device = fleet.devices[spec.name]
                for path, found in reading.settings.items():
                    value = getattr(getattr(found, "fact", None), "value", None)
                    assert value == device.get(path), path
                assert (reading.feedback is not None) == (reading.time is not None) == (spec.saved == "text")
                if spec.saved == "text":
                    listed = data[data.index(b"certificate list root") :]
                    assert len(read_certificates(listed).certificates) == (spec.roots != "none")

    asyncio.run(run())
    assert {spec.saved for spec in CHOSEN} == {"", "text", "xml"}
