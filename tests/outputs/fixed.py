"""The reports that the tests of the outputs draw."""

from datetime import UTC, date, datetime
from hashlib import sha256

from pincheck.model import (
    DeclaredPin,
    Expiry,
    Fault,
    Finding,
    Gap,
    HostPattern,
    Location,
    NotChecked,
    Pin,
    PinnedFile,
    PinSet,
    Project,
    Report,
    Semantics,
    Suppression,
)
from pincheck.model.chains import (
    Certificate,
    Failure,
    Lockout,
    Look,
    Observation,
    Release,
    Survey,
    Target,
    Verdict,
    Verification,
)
from pincheck.model.changes import DeclarationChange, Hidden, Since
from pincheck.registry import Rule

NSC = "app/src/main/res/xml/network_security_config.xml"
PLIST = "ios/Shop/Info.plist"
ANDROID = Semantics(client="Android", platform="android", expiry="unpinned")
ATS = Semantics(client="App Transport Security", platform="ios")

PAGE = """A pin set holds fewer than two distinct keys.

When that one key is lost, or the CA replaces it, every installed app is locked out until its user
updates.

Bad:

```xml title="network_security_config.xml"
<pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
```

Sources: RFC 7469 §4.3.
"""


def rules() -> tuple[Rule, ...]:
    """Rules whose pages the approved files hold, so that editing a real page changes none of them."""
    return (
        Rule("missing-backup-pin", PinSet, "error", lambda subject, context: iter(()), PAGE),
        Rule("pin-set-expires-soon", PinSet, "warning", lambda subject, context: iter(()), PAGE),
    )


def pin(text: str) -> Pin:
    return Pin("spki", "sha256", sha256(text.encode()).digest())


def finding(
    rule: str, at: Location, message: str, severity: str = "error", remedy: str = "", **more: object
) -> Finding:
    plain = Finding(
        rule, severity, message, remedy, at, (), "", (), "production", sha256(repr((rule, at)).encode()).hexdigest()[:32]
    )  # type: ignore[arg-type]  # fmt: skip
    return plain._replace(**more)


_KEY = pin("first key")
_PIN_LINE = f'\t\t\t<pin digest="SHA-256">{_KEY.base64}</pin>'
_PIN_AT = Location(NSC, 8, 26, 8, 70, _PIN_LINE)
_SET_AT = Location(NSC, 7, 7, 9, 17, '      <pin-set expiration="2026-12-24">')
_LONG = '{"配置": {"pins": [' + ", ".join(f'"{pin(str(n)).base64}"' for n in range(7)) + "]}}"
_ATS_AT = Location(PLIST, 12, 9, 12, 23, "    <key>NSPinnedDomains</key>")

_ANDROID_SET = PinSet(
    "android-nsc",
    _SET_AT,
    (
        HostPattern("api.shop.example", Location(NSC, 5, 15, 5, 31), "api.shop.example", "any"),
        HostPattern("pay.shop.example", Location(NSC, 6, 15, 6, 31), "pay.shop.example", "exact"),
    ),
    (DeclaredPin(_KEY.base64, _PIN_AT, _KEY),),
    ANDROID,
    "production",
    "src/main",
    Expiry("2026-12-24", Location(NSC, 7, 28, 7, 38), date(2026, 12, 24)),
)
_ATS_SET = PinSet(
    "ios-ats",
    _ATS_AT,
    (
        HostPattern(
            "https://cdn.shop.example", Location(PLIST, 13, 14, 13, 38), "https://cdn.shop.example", "one", True,
            Fault("is a URL", "App Transport Security compares host names only", "write cdn.shop.example"),
        ),
    ),
    (
        DeclaredPin("A" * 43 + "=", Location(PLIST, 20, 17, 20, 61), None, None, "one repeated byte"),
        DeclaredPin("c2hvcnQ=", Location(PLIST, 24, 17, 24, 25), None, Fault("decodes to 5 bytes instead of 32", "never matches")),
        DeclaredPin(pin("third").base64, Location(PLIST, 28, 17, 28, 61), pin("third"), certificate_file="ios/certs/cdn.der"),
    ),
    ATS,
    "production",
    "",
)  # fmt: skip
_TEST_SET = _ANDROID_SET._replace(
    at=_SET_AT._replace(path="app/src/test/res/xml/pins.xml"),
    pins=(DeclaredPin(_KEY.base64, _PIN_AT._replace(path="app/src/test/res/xml/pins.xml"), _KEY),),
    context="test",
    variant="src/test",
    expires=Expiry("soon", _SET_AT, None),
)
_COMMENT = Suppression(Location(PLIST, 11, 5, 11, 60), ("missing-backup-pin",), "second key ordered")
_GAP = Gap(
    "trustkit-plist",
    Location("ios/Shop/TrustKit.plist", 31, 13, 31, 34, "            <string>$(BACKUP_PIN)</string>"),
    "the pin is the build setting BACKUP_PIN",
    ("www.shop.example",),
    "$(BACKUP_PIN)",
)

REPORT = Report(
    today=date(2026, 11, 23),
    findings=(
        finding(
            "missing-backup-pin", _SET_AT,
            f"api.shop.example, pay.shop.example: {_KEY.base64[:12]}… is the only key; when the host changes it,"
            " Android refuses every connection",
            remedy="add the pin of a spare key, kept offline or at another CA",
            hosts=("api.shop.example", "pay.shop.example"), pin=_KEY.base64,
            related=((_ATS_AT, "iOS pins another host"),),
        ),
        finding(
            "pin-set-expires-soon", Location(NSC, 7, 28, 7, 38, _SET_AT.text),
            "api.shop.example: the pin set expires on 2026-12-24, in 31 days; from then on Android goes on unpinned",
            "warning", "set a later date and release the app before", hosts=("api.shop.example",),
        ),
        finding(
            "retired-ca-key", _PIN_AT, f"{_KEY.base64[:12]}… is the key of a CA that no store trusts any more",
            "warning", hosts=("api.shop.example",), pin=_KEY.base64, context="production",
        ),
        finding(
            "missing-backup-pin", _SET_AT._replace(path="app/src/test/res/xml/pins.xml"), "one key only",
            "note", "add the pin of a spare key", context="test",
        ),
        finding(
            "malformed-pin", Location("config/servers.json", 1, 70, 1, 114, _LONG), "never matches",
            "note", "write base64", hosts=("例え.example",),
        ),
        finding(
            "missing-backup-pin", _ATS_AT, "cdn.shop.example: one key only", suppressed="second key ordered",
            hosts=("cdn.shop.example",),
        ),
        finding(
            "host-never-matches", Location(PLIST, 1, 1, 1, 1), "https://cdn.shop.example is a URL",
            "error", "write cdn.shop.example", suppressed="moves to another team",
        ),
    ),
    project=Project(
        pin_sets=(_ANDROID_SET, _TEST_SET, _ATS_SET), gaps=(_GAP,), suppressions=(_COMMENT,)
    ),
    not_checked=(
        *(NotChecked(f"assets/{n}.plist", "is no property list") for n in range(1, 6)),
        NotChecked("big.json", "over 5 MB"),
    ),
    files_seen=1204,
    files_read=9,
    files_skipped=2,
    config=".pincheck.yml",
)  # fmt: skip

_AT = datetime(2026, 11, 22, 23, 4, 5, tzinfo=UTC)


def certificate(name: str, until: int, issuer: str = "") -> Certificate:
    """The facts of a certificate; its bytes are never drawn."""
    end = datetime(until, 2, 1, tzinfo=UTC)
    return Certificate(
        b"", pin(name), f"CN={name}", f"CN={issuer or name}", _AT, end, is_ca=bool(not issuer), key="EC P-256"
    )


_CHAIN = (certificate("api.shop.example", 2027, "Issuing CA"), certificate("Issuing CA", 2031, "Root"))
_PATH = (*_CHAIN, certificate("Root", 2040))
_SEEN = Observation(
    Target("api.shop.example"), _AT, "203.0.113.7", "default", (b"leaf", b"issuer"), "TLSv1.3"
)
_ABSENT = _SEEN._replace(
    offer="rsa",
    served=(),
    protocol="",
    failure=Failure("absent", "the server has no certificate of that kind"),
)
_DOWN = Observation(
    Target("pay.shop.example", 8443),
    _AT,
    "2001:db8::7",
    failure=Failure("unreachable", "nothing answered within 10 s"),
)
LIVE = REPORT._replace(
    survey=Survey(
        (_SEEN, _ABSENT, _DOWN),
        (
            Verification(
                "api.shop.example",
                (_ANDROID_SET,),
                (
                    Look(
                        _SEEN,
                        (
                            Verdict(Release("android", "13"), "refused", (), _PATH, "does not trust Root"),
                            Verdict(Release("android", "14"), "match", (_PATH[0].spki,), _PATH),
                        ),
                        chain=_CHAIN,
                    ),
                    Look(_ABSENT, ()),
                ),
                Lockout(date(2027, 2, 1), "the host's leaf certificate ends", False, "closed"),
            ),
            Verification(
                "api.shop.example", (_ATS_SET,), (), Lockout(None, "never", True, "closed"), complete=False
            ),
            Verification("pay.shop.example", (_ANDROID_SET,), (Look(_DOWN, ()),)),
        ),
    ),
)

BY_FILE = _ATS_SET._replace(
    mechanism="cert-file",
    pins=(),
    files=(PinnedFile("cdn", _ATS_AT, ("ios/certs/cdn.der",)), PinnedFile("", _ATS_AT)),
)
ONLY_FILES = Report(date(2026, 11, 23), project=Project(pin_sets=(BY_FILE,)), files_seen=1204)

_BEFORE_AT = Location(NSC, 9, 26, 9, 70, f'\t\t\t<pin digest="SHA-256">{pin("backup").base64}</pin>')
_REMOVED = finding(
    "backup-pin-removed", _BEFORE_AT,
    f"api.shop.example: this change removes the pin {pin('backup').base64[:12]}…, which was its backup",
    "warning", "keep a second pin", hosts=("api.shop.example",), pin=pin("backup").base64, gone=True,
    related=((_SET_AT, "what is left"),),
)  # fmt: skip
_OLD_SET = _ANDROID_SET._replace(
    pins=(*_ANDROID_SET.pins, DeclaredPin(pin("backup").base64, _BEFORE_AT, pin("backup"))), expires=None
)
COMPARED = REPORT._replace(
    findings=(*REPORT.findings, _REMOVED),
    since=Since(
        "main",
        frozenset({REPORT.findings[0].fingerprint, _REMOVED.fingerprint}),
        (finding("weak-digest", _PIN_AT, "api.shop.example: SHA-1"),),
        (
            DeclarationChange("changed", _OLD_SET, _ANDROID_SET, pins_removed=_OLD_SET.pins[1:]),
            DeclarationChange("removed", _ATS_SET, None),
            DeclarationChange("added", None, _TEST_SET),
        ),
        (
            Hidden(REPORT.findings[5]._replace(suppressed=None), "a new comment silences it", _COMMENT.at),
            Hidden(_REMOVED, "the configuration now makes it a note", counts=False),
        ),
    ),
)
UNCHANGED = COMPARED._replace(
    findings=REPORT.findings, since=Since("release/1.2", fixed=COMPARED.since.fixed if COMPARED.since else ())
)

NOTHING = Report(today=date(2026, 11, 23), files_seen=1204)

HOSTILE_TEXTS = (
    "line\nbreak",
    "carriage\rreturn",
    "\x1b[31mred\x1b]8;;https://evil.example\x07link",
    "\x9b31m",
    "::set-output name=x::y",
    "  ::add-mask::x",
    "\n::error file=x::y",
    "##[add-mask]x",
    "%0A::warning::x",
    "a|b\\|c\\\\|d",
    "`code` ``two`` ```",
    "<img src=x onerror=alert(1)>",
    "</code><script>alert(1)</script>",
    "[link](https://evil.example) ![image](https://evil.example/i.png)",
    "https://evil.example www.evil.example @octocat octo/repo#1 mail@evil.example",
    "# heading",
    "*bold* _underlined_ ~~struck~~ $math$",
    "&lt;b&gt; &#60;",
    "\u202etxt.exe\u2066\u2069",
    "\u2028line\u2029separator\x85next",
    "\udcff\ud800",
    "{0} {host}",
    "tab\there \0 null",
    "x" * 10_000,
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----",
)


def hostile(text: str) -> Report:
    """A report that holds the text wherever the repository's own text goes."""
    at = Location(text, 3, 1, 3, 2, text)
    fault = Fault(text, text, text)
    host = HostPattern(text, at, text, "any", True, fault)
    declared = DeclaredPin(text, at, None, fault, suspicion=text, certificate_file=text)
    semantics = ANDROID
    return Report(
        today=date(2026, 11, 23),
        findings=(
            *(
                finding(
                    "malformed-pin", at, text, severity, text, hosts=(text,), pin=text, related=((at, text),)
                )
                for severity in ("error", "warning", "note")
            ),
            finding("malformed-pin", at, text, "error", text, suppressed=text),
            finding("malformed-pin", at, text, "note", text, context="test"),
        ),
        project=Project(
            pin_sets=(
                PinSet(
                    text,
                    at,
                    (host,),
                    (declared,),
                    semantics,
                    "test",
                    text,
                    Expiry(text, at, None),
                    read=False,
                ),
            ),
            gaps=(Gap(text, at, text, (text,), text),),
        ),
        not_checked=(NotChecked(text, text),),
        files_seen=3,
        config=text,
    )


def compared(text: str) -> Report:
    """The same beside an earlier state, with the text in all that is told of that."""
    plain = hostile(text)
    (pin_set,) = plain.project.pin_sets
    new = finding(
        "malformed-pin", pin_set.at, text, "warning", text, hosts=(text,), gone=True, fingerprint="0" * 32
    )
    changed = DeclarationChange(
        "changed", pin_set, pin_set._replace(expires=None), pin_set.pins, pin_set.pins, (text,), (text,)
    )
    return plain._replace(
        findings=(new, *plain.findings),
        since=Since(
            text,
            frozenset({new.fingerprint}),
            (new,),
            (changed, DeclarationChange("added", None, pin_set)),
            (Hidden(new, text, pin_set.at), Hidden(new, text, None, False)),
        ),
    )
