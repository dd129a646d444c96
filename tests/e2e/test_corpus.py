"""Real declarations of public apps, scored against truth that people checked by hand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"
SCORE = SHARED / "tools" / "score.py"


pytestmark = pytest.mark.skipif(
    not SCORE.exists(), reason=f"no corpus of public apps beside the project ({SCORE.parent.name}/)"
)


def scored(*options: str) -> tuple[str, int, int]:
    """What the scorer says of the data files, the records with hosts, and those whose hosts are all right."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, SCORE, "--files", SHARED / "corpus" / "files", *options],
        capture_output=True, text=True, env=environment, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    hosts = re.search(r"hosts of found records: \{'with hosts': (\d+), 'all hosts right': (\d+)", done.stdout)
    assert hosts is not None
    return done.stdout, int(hosts[1]), int(hosts[2])


def test_every_declaration_of_the_declarative_formats_is_found():
    mechanisms = "android-nsc,ios-ats,trustkit-plist"
    _, with_hosts, right = scored(
        "--mechanisms", mechanisms, "--need-recall", "0.99", "--need-precision", "0.99"
    )
    assert right == with_hosts >= 64


def test_every_declaration_in_a_data_file_is_found():
    said, with_hosts, right = scored("--need-recall", "0.98", "--need-precision", "0.98")
    assert "MISSES\nFALSE\nmechanism" in said
    assert with_hosts >= 170
    assert right >= 0.95 * with_hosts  # what is left is given its host by code, which is not among the files
