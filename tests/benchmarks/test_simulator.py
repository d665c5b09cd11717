"""The load simulator tells every system by its number alone, and what it lets the auditor read is a valid inventory."""

from pathlib import Path

import pytest
from cryptography import x509

from auditor.cli.options import checked_inventory, load_assembly
from benchmarks.simulator.keys import Authority, key_of, pairs, pool
from benchmarks.simulator.systems import SERVICES, SILENT_OFFSET, System, inventory, system_at


@pytest.mark.parametrize("number", [0, 1, 249, 250, 9_999, 62_499, 62_500])
def test_an_address_leads_back_to_its_system(number: int) -> None:
    """Both sides know a system by its address, without a list."""
    assert system_at(System(number).address) == System(number)


def test_addresses_of_a_large_fleet_are_all_different() -> None:
    """No two systems share one."""
    assert len({System(number).address for number in range(10_000)}) == 10_000


def test_keys_out_of_a_pool_are_different_and_sign() -> None:
    """Each pair of primes is a key that makes a certificate which can be verified."""
    primes = pool(6)
    keys = [key_of(p, q) for p, q in pairs(primes)]
    assert len({key.private_numbers().d for key in keys}) == len(keys) >= 6
    pem = Authority().chain_and_key(System(0), keys[0])
    leaf, issuer = x509.load_pem_x509_certificates(pem)
    leaf.verify_directly_issued_by(issuer)
    assert leaf.public_key() == keys[0].public_key()


def test_a_share_of_the_inventory_is_absent(tmp_path: Path) -> None:
    """Three in ten systems stand on the ports where nothing answers."""
    (tmp_path / "root.pem").write_bytes(Authority().root)
    (tmp_path / "inventory.yaml").write_text("\n".join(inventory(100, absent=0.3)), encoding="utf-8")
    fleet = checked_inventory(tmp_path / "inventory.yaml", load_assembly())
    silent = [target for target in fleet.targets if target.ports["ssh"] == SILENT_OFFSET + SERVICES["ssh"]]
    assert (len(fleet.targets), len(silent)) == (100, 30)
