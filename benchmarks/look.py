"""One survey, as its own process, for ``live.py``: look at hosts, and say in JSON what it took.

    python benchmarks/look.py fetch|pins|paths HOSTS --to ADDRESS:PORT [--trust-anchors FILE]

HOSTS has a name first in each line; every one is asked at the same place. ``fetch`` only gets the served
chains, ``pins`` reads the pin of every certificate, ``paths`` builds the verified paths of every chain too.
"""

import argparse
import json
import time
from collections import Counter
from ipaddress import ip_network
from pathlib import Path

from pincheck.model.chains import Observation, Target
from pincheck.probe import survey
from pincheck.probe.options import Options, Redirect


def main() -> None:
    """Print one line of JSON."""
    options = _arguments()
    hosts = [line.split()[0] for line in Path(options.hosts).read_text().splitlines()]
    began = time.process_time(), time.perf_counter()
    seen = survey.survey([Target(host) for host in hosts], _how(options, len(hosts))).observations
    good = {"fetch": _fetched, "pins": _pinned, "paths": _verified}[options.what](seen, options.trust_anchors)
    ended = time.process_time(), time.perf_counter()
    print(
        json.dumps(
            {
                "hosts": len(hosts),
                "good": good,
                "shown": Counter(each.offer for each in seen if not each.failure),
                "failed": Counter(each.failure.kind for each in seen if each.failure),
                "cpu": ended[0] - began[0],
                "wall": ended[1] - began[1],
            }
        )
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fetch", "pins", "paths"))
    parser.add_argument("hosts")
    parser.add_argument("--to", required=True)
    parser.add_argument("--trust-anchors")
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--timeout", type=float, default=10)
    parser.add_argument("--deployments", choices=("one", "all"), default="one")
    return parser.parse_args()


def _how(options: argparse.Namespace, hosts: int) -> Options:
    address, port = options.to.split(":")
    chosen = Options(
        timeout_seconds=options.timeout,
        jobs=options.jobs,
        max_hosts=hosts,
        allowed=(ip_network("127.0.0.0/8"),),
        connect_to=(Redirect("", 0, address, int(port)),),
    )
    return chosen if options.deployments == "all" else chosen._replace(offers=("default",))


def _fetched(seen: tuple[Observation, ...], _: str | None) -> int:
    return sum(each.offer == "default" and bool(each.served) for each in seen)


def _pinned(seen: tuple[Observation, ...], _: str | None) -> int:
    from pincheck.pki import certificates

    good = 0
    for each in seen:
        found = [certificates.parse(der) for der in each.served]
        good += each.offer == "default" and bool(found) and all(one and one.spki.base64 for one in found)
    return good


def _verified(seen: tuple[Observation, ...], anchors: str | None) -> int:
    from pincheck.pki import paths, trust

    extra = trust.anchors_of(anchors, Path(anchors).read_bytes()) if anchors else ()
    trusted = trust.load(extra)
    good = 0
    for each in seen:
        if each.served:
            built = paths.build(each.served, each.target.host, each.at, trusted)
            pins = [[one.spki.base64 for one in path.certificates] for path in built.paths]
            good += each.offer == "default" and bool(pins)
    return good


if __name__ == "__main__":
    main()
