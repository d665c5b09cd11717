"""The offline checker of OCSF and ECS, run as a person would: another process, other code than ours."""

import subprocess
import sys
from pathlib import Path

CHECKER = Path(__file__).parents[1] / "tools" / "ocsf_validate.py"


def judge(content: bytes, folder: Path, *options: str) -> str:
    """Return what the strict checker says of a document; fail where it finds anything."""
    path = folder / "document.ndjson"
    path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, str(CHECKER), "--strict", *options, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout
