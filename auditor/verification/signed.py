"""The detached signature of the manifest, against a key that was given. A key inside the bundle would prove nothing."""

from auditor.reports.bundle import MANIFEST, SIGNATURE
from auditor.signing.keys import PublicKey
from auditor.signing.lines import LONGEST_FILE, SigningError
from auditor.signing.signature import Signature
from auditor.verification.folder import BundleFolder, OddFileError
from auditor.verification.outcome import Check, State, failed, not_checked

NAME = "signature"


def check_signature(folder: BundleFolder, manifest: bytes | None, key: PublicKey | None) -> Check:
    """Check `manifest.json.minisig` against the key. Without a key only its form is looked at."""
    if SIGNATURE not in folder.kinds():
        missing = failed(NAME, f"a key was given, and {SIGNATURE} is missing")
        return missing if key else not_checked(NAME, "no key given, and the bundle is not signed")
    try:
        found = Signature.parse(folder.read(SIGNATURE, LONGEST_FILE))
    except (SigningError, OddFileError) as error:
        return failed(NAME, str(error))
    if key is None:
        return not_checked(NAME, f"no key given (the signature says that it is of key {found.key_name})")
    problem = "it cannot be read" if manifest is None else found.problem(manifest, key)
    if problem is not None:
        return failed(NAME, f"not a signature of key {key.name} over this {MANIFEST}: {problem}")
    return Check(NAME, State.PASSED, f"{MANIFEST} is signed by key {key.name} ({found.trusted_comment!r})")
