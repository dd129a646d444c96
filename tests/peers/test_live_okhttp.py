"""pincheck's verdict for OkHttp on the JVM is what the real one does, for every server and every pin."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import builders
import pytest
from live.cases import Case, case_of, pairs, serving
from live.servers import Server
from live_okhttp import VERSIONS, Answer, Ask, Question, talking
from scanning import TODAY
from worlds import DER

from pincheck.match import match
from pincheck.model import Policy, Project
from pincheck.model.chains import Observation, Target, Verdict
from pincheck.pki.trust import Trust, anchors
from pincheck.probe.options import Options, Redirect
from pincheck.probe.survey import survey

pytestmark = pytest.mark.peer

JVM = builders.OKHTTP._replace(platform="jvm")
STATES = {"connected": ("match",), "pinning": ("mismatch",), "uncleaned": ("refused",)}
"""What each answer of OkHttp's is called; any other is a certificate that is refused."""


@pytest.fixture(scope="module")
def asks() -> Iterator[dict[str, Ask]]:
    """One Java machine for each version, all the while."""
    from contextlib import ExitStack

    with ExitStack() as exits:
        yield {version: exits.enter_context(talking(version)) for version in VERSIONS}


@pytest.mark.parametrize(("name", "kind"), pairs())
def test_the_verdict_is_what_okhttp_does(tmp_path: Path, asks: dict[str, Ask], name: str, kind: str) -> None:
    case = case_of(name)
    with serving(kind, tmp_path, case) as running:
        for address, server in running.items():
            compare(case, server, asks, f"{name} at {address}")
            if case.rotated and kind != "s_server":
                server.rotate(case.rotated)
                compare(case, server, asks, f"{name} at {address}, rotated")


def compare(case: Case, server: Server, asks: dict[str, Ask], what: str) -> None:
    """Ask both about each pin alone."""
    seen = observed(case, server)
    verdicts = {role: verdict(case, pin, seen) for role, pin in case.pins.items()}
    for version, ask in asks.items():
        questions = [
            Question(case.host, server.port, server.address, case.roots_pem, [pin])
            for pin in case.pins.values()
        ]
        answers = dict(zip(case.pins, ask(questions), strict=True))
        if what.startswith("root-that-may-sign-leaves-only"):  # the versions themselves differ
            assert not any(verdict.certain for verdict in verdicts.values())
            continue
        wrong = {
            role: (verdicts[role].state, answer)
            for role, answer in answers.items()
            if differs(verdicts[role].state, answer)
        }
        assert wrong == {}, f"{what}, OkHttp {version}"


def differs(state: str, answer: Answer) -> bool:
    uncleaned = answer.word == "unclean" or (answer.word == "pinning" and not answer.chain)
    return state not in STATES.get("uncleaned" if uncleaned else answer.word, ("refused", "unknown"))


def observed(case: Case, server: Server) -> tuple[Observation, ...]:
    """What a live look sees with the default offer."""
    options = Options(
        timeout_seconds=5,
        allowed=(ip_network("127.0.0.0/8"),),
        connect_to=(Redirect("", 0, server.address, server.port),),
        offers=("default",),
    )
    seen = survey([Target(case.host)], options).observations
    assert [each.failure for each in seen] == [None]
    return seen


def verdict(case: Case, pin: str, seen: tuple[Observation, ...]) -> Verdict:
    """pincheck's verdict on one pin of a JVM that trusts the case's roots."""
    host = builders.pin_set(f"sha256/{pin}", hosts=(case.host,), semantics=JVM)
    trust = Trust(anchors(root.public_bytes(DER) for root in case.roots))
    survey_ = match(Project(pin_sets=(host,)), seen, trust, Policy(), TODAY)
    ((look,),) = [each.looks for each in survey_.verifications]
    (only,) = look.verdicts
    return only
