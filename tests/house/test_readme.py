"""What the README shows is what happens."""

import re
import subprocess
import sys
from pathlib import Path

from pincheck import config

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NSC = "android/app/src/main/res/xml/network_security_config.xml"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_bad_config_is_the_sample_app_s():
    shown = [line.strip() for line in blocks("xml")[0].splitlines()]
    sample = [line.strip() for line in (ROOT / "examples/shop" / NSC).read_text().splitlines()]
    start = sample.index(shown[1]) - 1
    assert sample[start : start + len(shown)] == shown


def test_the_output_is_what_pincheck_says_of_it():
    done = subprocess.run(
        [sys.executable, "-m", "pincheck", "check", "--today", "2026-11-23"],
        cwd=ROOT / "examples/shop",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    findings = done.stdout.split("\n\n")
    shown = blocks("text")[1].strip().split("\n\n")
    assert shown == [one for one in findings if "malformed-pin" in one]


def test_the_configuration_is_valid(tmp_path):
    (shown,) = [block for block in blocks("yaml") if block.startswith("version: 1")]
    (tmp_path / ".pincheck.yml").write_text(shown)
    policy = config.load(str(tmp_path / ".pincheck.yml"), ".pincheck.yml")
    assert [host.pattern for host in policy.hosts] == ["api.shop.example"]


def test_it_fits_a_screen_and_a_bit():
    assert len(README.splitlines()) <= 130
