"""Two states of a tree given as text, and what a change between them does."""

from collections.abc import Mapping, Sequence

from scanning import TODAY
from served import Served, observer

from pincheck import changes, registry, scan
from pincheck.model import Context, Finding, Policy, Report, SourceFile
from pincheck.model.changes import Earlier

KEY_D = "O/Phoy+imsiFYXjhVth8vHBp3+R453LmLQChhyy7SGI="
NSC = "app/src/main/res/xml/network_security_config.xml"
CODE = "app/src/main/java/shop/Client.kt"
PLIST = "ios/App/Info.plist"
RULES = ("backup-pin-removed", "last-matching-pin-removed", "pinning-removed", "whole-set-replaced")
Files = Mapping[str, str | bytes]


def config(*keys: str, host: str = "api.shop.example", below: bool = False, inside: str = "") -> str:
    """A ``domain-config`` of Android's network security configuration, one line for each of its parts."""
    flag = ' includeSubdomains="true"' if below else ""
    pins = "".join(f'\n<pin digest="SHA-256">{key}</pin>' for key in keys)
    return (
        f"<domain-config>\n<domain{flag}>{host}</domain>\n"
        f'<pin-set expiration="2027-03-01">{pins}\n</pin-set>{inside}\n</domain-config>\n'
    )


def nsc(*configs: str) -> str:
    """A whole file."""
    return f"<network-security-config>\n{''.join(configs)}</network-security-config>\n"


def okhttp(*keys: str, host: str = "api.shop.example") -> str:
    """A client in Kotlin."""
    adds = "".join(f'.add("{host}", "sha256/{key}")' for key in keys)
    return f"val client = OkHttpClient.Builder().certificatePinner(CertificatePinner.Builder(){adds}.build()).build()\n"


def ats(*keys: str, host: str = "api.shop.example", identities: str = "Leaf") -> str:
    """An ``Info.plist`` with pinned domains."""
    pins = "".join(f"<dict><key>SPKI-SHA256-BASE64</key><string>{key}</string></dict>" for key in keys)
    return (
        '<plist version="1.0"><dict><key>NSAppTransportSecurity</key><dict><key>NSPinnedDomains</key><dict>\n'
        f"<key>{host}</key><dict><key>NSPinned{identities}Identities</key><array>{pins}</array></dict>\n"
        "</dict></dict></dict></plist>\n"
    )


def state(
    files: Files, earlier: Earlier | None = None, hosts: Sequence[Served] = (), policy: Policy = Policy()
) -> Report:
    """The report on one state."""
    sources = [
        SourceFile(path, content.encode() if isinstance(content, str) else content)
        for path, content in sorted(files.items())
    ]
    eyes = observer(*hosts) if hosts else None
    return scan.scan(sources, registry.parsers(), Context(TODAY, policy), eyes, earlier=earlier)


def findings(
    before: Files,
    after: Files,
    renamed: Mapping[str, str] | None = None,
    hosts: Sequence[Served] = (),
    policy: Policy = Policy(),
) -> list[Finding]:
    """What the rules on changes say."""
    was = state(before, hosts=hosts, policy=policy)
    report = state(after, Earlier(was.project, was.survey, renamed or {}), hosts, policy)
    return [finding for finding in report.findings if finding.rule in RULES]


def said(before: Files, after: Files, renamed: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Rule and message."""
    return [(finding.rule, finding.message) for finding in findings(before, after, renamed)]


def compared(
    before: Files,
    after: Files,
    renamed: Mapping[str, str] | None = None,
    strange: bool = False,
    policies: tuple[Policy, Policy] = (Policy(), Policy()),
) -> Report:
    """The report on the state after, beside that on the state before, as a run makes it."""
    was = state(before, policy=policies[0])
    earlier = Earlier(was.project, None, renamed or {})
    now = state(after, earlier, policy=policies[0 if strange else 1])
    other = None
    if policies[0] != policies[1]:
        other = state(after, earlier, policy=policies[1 if strange else 0])
    return changes.since("main", was, now, renamed or {}, strange, changes.Otherwise(other, policies))
