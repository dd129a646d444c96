"""Real declarations of public apps, scored against truth that people checked by hand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"
SCORE = SHARED / "tools" / "score.py"


@pytest.mark.skipif(
    not SCORE.exists(), reason=f"no corpus of public apps beside the project ({SCORE.parent.name}/)"
)
def test_every_declaration_of_the_declarative_formats_is_found():
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, SCORE, "--files", SHARED / "corpus" / "files", "--mechanisms", "android-nsc,ios-ats,trustkit-plist",
         "--need-recall", "0.99", "--need-precision", "0.99"],
        capture_output=True, text=True, env=environment, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    hosts = re.search(r"hosts of found records: \{'with hosts': (\d+), 'all hosts right': (\d+)", done.stdout)
    assert hosts is not None
    assert hosts[1] == hosts[2]
    assert int(hosts[1]) >= 64
