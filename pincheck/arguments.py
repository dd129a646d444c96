"""argv -> what the user asks for."""

import argparse
import os
from collections.abc import Sequence
from datetime import date
from typing import Any

from pincheck import __version__, shards
from pincheck.errors import UsageError

FORMATS = ("terminal", "json", "sarif", "github", "markdown")
SHARD = "shard"
"""The format of a report that `merge` takes; only `check` writes it."""
FAIL_ON = ("error", "warning", "note", "never")
LEVELS = ("error", "warning", "note", "off")
VERBS = ("check", "fix", "pins", "pin", "advise", "merge", "ca", "explain", "schema", "demo")

DECLARATIONS = (
    "android-nsc", "okhttp", "okhttp-java", "ios-ats", "trustkit", "trustkit-swift", "ktor-darwin",
    "rn-ssl-public-key-pinning", "rn-ssl-pinning", "expo", "flutter", "libcurl", "dotnet", "wultra", "pincheck",
)  # fmt: skip
"""The formats of ``declare``, named here so that help does not load it."""

_ABOUT = """\
Find the TLS pins that a mobile app declares, and what is wrong with them, before its users are
locked out. Nothing of the repository is executed, and no host is asked unless you say so.

  pincheck                              check this folder
  pincheck check --live                 ask the pinned hosts too, and name the day of lock-out
  pincheck check --base main            what this branch changes
  pincheck fix --diff                   show what can be mended without guessing at a key
  pincheck pins                         list every pin with its file, line and hosts
  pincheck pin api.shop.example         the pins of a host, a certificate or a key
  pincheck ca lookup PIN                whose key a pin is of
  pincheck advise --live                whether each pinned host is worth its pins
  pincheck merge shards/*.shard         one report of many runs with --shard
  pincheck explain missing-backup-pin   what a rule means and what to do
  pincheck schema config                the JSON Schema of .pincheck.yml
  pincheck demo                         watch a key rotation lock users out, on this machine alone
  pincheck check --help                 all options, and the exit codes
"""

_CHECK = """\
examples:
  pincheck check --fail-on warning                        stricter
  pincheck check --rule missing-expiry=off                without one rule
  pincheck check --format sarif --output pincheck.sarif   for code scanning
  pincheck check --format terminal --format json --output report.json
                                                          read one, keep the other
  pincheck check --today 2027-06-01                       what will be wrong by then
  pincheck check --live --record seen.json                ask the hosts, and keep what they serve
  pincheck check --recorded seen.json                     judge by that, without the network
  pincheck check --base main                              what this branch does to the pins
  pincheck check app-a app-b app-c                        several repositories, each by its own configuration
  pincheck check --shard 3/16 --format shard --output 3.shard org/*
                                                          every 16th of them, for `pincheck merge`
  pincheck check --live --shard 3/16 --record 3.json      a 16th of the hosts, for `pincheck merge`

exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage or configuration;
3 pincheck itself failed
"""

_MERGE = """\
examples:
  pincheck merge shards/*.shard                           the report of all repositories
  pincheck merge shards/*.shard --format sarif --output pincheck.sarif
  pincheck merge seen-*.json --output seen.json           one recording, for `check --recorded seen.json`

exit codes: those that one run over everything would end with; see `pincheck check --help`
"""

_FIX = """\
examples:
  pincheck fix --diff             show what would be changed
  pincheck fix                    change it
  pincheck fix --diff | git apply
                                  the same, by git

exit codes: 0 done, or nothing to do; with --diff 1 if there is something to do; 2 wrong usage or
configuration, or a file that had to be left as it is; 3 pincheck itself failed
"""


_PIN = """\
examples:
  pincheck pin api.shop.example                            every key from leaf to trust anchor
  pincheck pin api.shop.example spare.csr --as android-nsc lines for the declaration, spare key included
  pincheck pin --role anchor api.shop.example --as okhttp  only the trust anchor
"""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the options; argparse exits by itself for help, version and wrong usage (code 2)."""
    words = list(argv)
    if not words or (words[0] not in VERBS and words[0] not in ("-h", "--help", "--version")):
        _expect_path(words)
        words.insert(0, "check")
    options = _parser().parse_args(words)
    if options.verb in ("check", "merge"):
        options.outputs = _paired(options.wanted)
    if options.verb == "check":
        _expect_base(options)
    if options.verb in ("check", "advise", "fix"):
        _expect_live(options)
    return options


def _expect_base(options: argparse.Namespace) -> None:
    """Tell a base that names nothing, and what counts with one only."""
    if options.base == "":
        raise UsageError("--base: names no revision")
    if options.fail_on_new is not None and options.base is None:
        raise UsageError(f"--{'' if options.fail_on_new else 'no-'}fail-on-new counts with --base only")


def _expect_live(options: argparse.Namespace) -> None:
    """Tell options that would be without effect, as one whose variable is empty would be."""
    for name, value in (("--record", options.record), ("--recorded", options.recorded)):
        if value == "":
            raise UsageError(f"{name}: names no file")
    asks = {
        "--record": options.record,
        "--connect-to": options.connect_to,
        "--resolve": options.resolve,
        "--proxy-resolves": options.proxy_resolves,
        "--allow-address": options.allow_address,
    }
    judges = {
        "--trust-anchors": options.trust_anchors,
        "--fail-on-unchecked": options.fail_on_unchecked,
        "--ct": options.ct,
    }
    idle = [] if options.live else [name for name, value in asks.items() if value]
    if not options.live and not options.recorded:
        idle += [name for name, value in judges.items() if value]
    if idle:
        needed = "--live or --recorded" if idle[0] in judges else "--live"
        raise UsageError(f"{idle[0]} counts with {needed} only")


def _expect_path(words: Sequence[str]) -> None:
    """Tell a misspelt verb before it is taken for a path."""
    first = words[0] if words else ""
    if first and not first.startswith("-") and not os.path.exists(first):
        from difflib import get_close_matches

        if meant := get_close_matches(first, VERBS, 1):
            raise UsageError(f'{first}: no such file or folder; did you mean "{meant[0]}"?')


def _page(prog: str) -> argparse.HelpFormatter:
    """Keep the examples as they are written; a fixed width spares loading what asks the terminal."""
    return argparse.RawDescriptionHelpFormatter(prog, width=100)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pincheck", description=_ABOUT, formatter_class=_page)
    parser.add_argument("--version", action="version", version=f"pincheck {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, prog="pincheck")
    _add_check(verbs)
    _add_fix(verbs)
    _add_pins(verbs)
    _add_pin(verbs)
    _add_advise(verbs)
    _add_merge(verbs)
    _add_ca(verbs)
    explain = verbs.add_parser("explain", help="say what a rule means and what to do", formatter_class=_page)
    explain.add_argument("rule", nargs="?", metavar="RULE", help="without it, the list of rules")
    schema = verbs.add_parser("schema", help="print a JSON Schema", formatter_class=_page)
    schema.add_argument(
        "which",
        choices=("config", "report", "recording"),
        help="of what: .pincheck.yml, --format json, --record",
    )
    verbs.add_parser(
        "demo",
        help="show a key rotation that locks users out, on this machine alone",
        description="Check a sample app against a TLS server on this machine: in order, after a key rotation that locks"
        " users out, and mended. Takes a second, needs no network, and leaves nothing behind.",
        formatter_class=_page,
    )
    return parser


def _add_check(verbs: Any) -> None:
    check = verbs.add_parser(
        "check",
        help="check the pins of a tree (the default verb)",
        epilog=_CHECK,
        formatter_class=_page,
    )
    _add_sources(check)
    _add_outputs(check, (*FORMATS, SHARD))
    check.add_argument(
        "--shard", type=_shard, metavar="K/N",
        help="do the K-th of N parts: of the repositories if several are named, else of the hosts to look at",
    )  # fmt: skip
    check.add_argument(
        "--rule", dest="rules", action="append", default=[], type=_level, metavar="NAME=LEVEL",
        help="set a rule to error, warning, note or off; may be repeated",
    )  # fmt: skip
    check.add_argument("--today", type=_day, metavar="DATE", help="judge as of this day, YYYY-MM-DD")
    volume = check.add_mutually_exclusive_group()
    volume.add_argument(
        "--quiet",
        action="store_const",
        dest="detail",
        const="quiet",
        help="errors and warnings only, one line each",
    )
    volume.add_argument(
        "--verbose",
        action="store_const",
        dest="detail",
        const="verbose",
        help="also what is suppressed, and notes on tests, examples and debug builds",
    )
    add_live(check)
    change = check.add_argument_group("a change")
    change.add_argument(
        "--base", metavar="REV",
        help="compare with where this branch left REV (a branch, tag or commit): what is new, what is mended",
    )  # fmt: skip
    change.add_argument(
        "--fail-on-new", action=argparse.BooleanOptionalAction, default=None,
        help="with --base, exit with 1 for new findings only (default: yes)",
    )  # fmt: skip
    check.set_defaults(detail="normal", wanted=[])


def _add_outputs(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    """Add how to report, where to, and when that fails."""
    parser.add_argument(
        "--format", dest="wanted", action=_Append, choices=formats,
        help="how to report (default: terminal); may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--output", dest="wanted", action=_Append, metavar="FILE",
        help="write the --format before it to FILE instead of standard output",
    )  # fmt: skip
    parser.add_argument(
        "--fail-on",
        choices=FAIL_ON,
        help="exit with 1 from this severity on (default: the configuration's, else error)",
    )


def _add_fix(verbs: Any) -> None:
    fix = verbs.add_parser(
        "fix",
        help="mend what can be mended without guessing at a key",
        epilog=_FIX,
        formatter_class=_page,
    )
    _add_sources(fix)
    fix.add_argument(
        "--diff", action="store_true", help="show the changes as a diff, and change nothing"
    )  # fmt: skip
    fix.add_argument("--today", type=_day, metavar="DATE", help="judge as of this day, YYYY-MM-DD")
    add_live(fix)
    fix.set_defaults(rules=[], fail_on=None, detail="normal")


def add_live(parser: argparse.ArgumentParser) -> None:
    """Add the options of live checks; ``probe.options.read`` judges their texts."""
    live = parser.add_argument_group("live hosts")
    source = live.add_mutually_exclusive_group()
    source.add_argument("--live", action="store_true", help="ask the pinned hosts what they serve")
    source.add_argument(
        "--recorded", metavar="FILE", help="judge against what --record saved, without the network"
    )
    live.add_argument("--record", metavar="FILE", help="save what the hosts serve, for --recorded")
    _add_looking(live)
    live.add_argument(
        "--fail-on-unchecked", action="store_true", help="exit with 1 if a host could not be checked"
    )  # fmt: skip
    live.add_argument(
        "--ct", action="store_true",
        help="also ask public certificate logs (Cert Spotter, crt.sh) for certificates that no pin matches",
    )  # fmt: skip


def _add_looking(live: Any) -> None:
    """Add the options of every verb that looks at hosts."""
    live.add_argument(
        "--connect-to", action="append", default=[], metavar="HOST:PORT:ADDRESS:PORT",
        help="connect there instead, as curl does; parts may be empty; may be repeated",
    )  # fmt: skip
    live.add_argument(
        "--resolve", action="append", default=[], metavar="HOST:PORT:ADDRESS[,...]",
        help="use these addresses instead of a look-up, as curl does; may be repeated",
    )  # fmt: skip
    live.add_argument(
        "--timeout", type=_seconds, default=10.0, metavar="SECONDS",
        help="for a look-up, a connection and a handshake, each (default: 10)",
    )  # fmt: skip
    live.add_argument(
        "--jobs", type=_count, default=50, metavar="N", help="handshakes at once (default: 50)"
    )  # fmt: skip
    live.add_argument(
        "--max-hosts", type=_count, default=500, metavar="N", help="hosts in one run (default: 500)"
    )  # fmt: skip
    live.add_argument(
        "--proxy-resolves", action="store_true",
        help="let the proxy of HTTPS_PROXY look names up; their addresses are then not checked here",
    )  # fmt: skip
    live.add_argument(
        "--allow-address", action="append", default=[], metavar="CIDR",
        help="ask these addresses although they are not public; may be repeated",
    )  # fmt: skip
    live.add_argument(
        "--trust-anchors", action="append", default=[], metavar="FILE",
        help="PEM certificates that every platform trusts besides its own; may be repeated",
    )  # fmt: skip


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r}: write seconds, up to 3600")
    return seconds


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 7 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number, from 1 to 999999")
    return int(text)


def _add_pins(verbs: Any) -> None:
    pins = verbs.add_parser("pins", help="list every pin that is declared", formatter_class=_page)
    _add_sources(pins)
    pins.add_argument("--format", choices=("terminal", "json"), default="terminal", help="a table, or JSON")
    pins.set_defaults(rules=[], fail_on=None, today=None, detail="normal")


def _add_pin(verbs: Any) -> None:
    pin = verbs.add_parser(
        "pin",
        help="the pins of hosts, certificates, requests and keys",
        epilog=_PIN,
        formatter_class=_page,
    )
    pin.add_argument("targets", nargs="+", metavar="TARGET", help="HOST, HOST:PORT, https://HOST/ or a file")
    pin.add_argument("--format", choices=("terminal", "json"), default="terminal", help="a table, or JSON")
    pin.add_argument(
        "--as", dest="declaration", choices=DECLARATIONS, metavar="FORMAT",
        help=f"print lines for a declaration instead: {', '.join(DECLARATIONS)}",
    )  # fmt: skip
    pin.add_argument(
        "--role", dest="roles", type=_roles, default=(), metavar="ROLE[,...]",
        help="which pins --as takes: leaf, intermediate, anchor (default: leaf and the CA above it)",
    )  # fmt: skip
    pin.add_argument(
        "--passphrase-file", default="", metavar="FILE",
        help="opens encrypted keys; the variable PINCHECK_PASSPHRASE does too",
    )  # fmt: skip
    _add_looking(pin.add_argument_group("live hosts"))


def _add_advise(verbs: Any) -> None:
    advise = verbs.add_parser(
        "advise", help="say whether each pinned host is worth its pins, and why", formatter_class=_page
    )
    advise.add_argument("hosts", nargs="*", metavar="HOST", help="only these (default: every pinned host)")
    advise.add_argument(
        "--format", choices=("terminal", "markdown", "json"), default="terminal", help="how to say it"
    )
    _add_settings(advise)
    add_live(advise)
    advise.set_defaults(paths=[], rules=[], fail_on=None, today=None, detail="normal")


def _add_merge(verbs: Any) -> None:
    merge = verbs.add_parser(
        "merge",
        help="join what all shards of a check have saved",
        epilog=_MERGE,
        formatter_class=_page,
    )
    merge.add_argument(
        "files", nargs="+", metavar="FILE", help="of --format shard, or of --record with --shard; all shards"
    )
    _add_outputs(merge, FORMATS)
    merge.add_argument(
        "--fail-on-unchecked", action="store_true", help="exit with 1 if a host could not be checked"
    )  # fmt: skip
    merge.set_defaults(wanted=[])


def _add_ca(verbs: Any) -> None:
    ca = verbs.add_parser("ca", help="whose key a pin is of, by the table of CA keys", formatter_class=_page)
    does = ca.add_subparsers(dest="does", metavar="VERB", required=True)
    lookup = does.add_parser("lookup", help="name the CA of each pin", formatter_class=_page)
    lookup.add_argument("pins", nargs="+", metavar="PIN", help="in base64 or hex, with or without sha256/")
    lookup.add_argument("--ca-data", default="", metavar="FILE", help=_CA_DATA)
    update = does.add_parser(
        "update", help="fetch a newer table from the CCADB's public reports", formatter_class=_page
    )
    update.add_argument(
        "--source", default="", metavar="URL", help="where the reports are, if not at the CCADB"
    )


_CA_DATA = "the table of CA keys (default: the newer of pincheck's own and that of `ca update`)"


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folder or file (default: this folder)")
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ca-data", default="", metavar="FILE", help=_CA_DATA)
    parser.add_argument(
        "--config", metavar="FILE", help="the configuration (default: the nearest .pincheck.yml)"
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help="leave these paths out; may be repeated",
    )


class _Append(argparse.Action):
    """Collects --format and --output in the order they were given."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: str | None = None) -> None:
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), (str(option), str(values))])


def _paired(wanted: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Formats and the file each goes to, or an empty string for standard output.

    An --output belongs to the --format before it, or, where there is none, to the next.
    """
    pairs: list[list[str]] = []
    early: list[str] = []
    for option, value in wanted:
        if option == "--format":
            pairs.append([value, early.pop(0) if early else ""])
        elif pairs and not pairs[-1][1]:
            pairs[-1][1] = value
        else:
            early.append(value)
    if not pairs:
        pairs.append(["terminal", early.pop(0) if early else ""])
    if early:
        raise UsageError(f"--output {early[0]}: no --format is left for it")
    return [(name, target) for name, target in pairs]


def _day(text: str) -> date:
    try:
        if len(text) != len("2027-06-01"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from None


def _roles(text: str) -> tuple[str, ...]:
    roles = tuple(dict.fromkeys(text.split(",")))
    if not set(roles) <= {"leaf", "intermediate", "anchor"}:
        raise argparse.ArgumentTypeError(f"{text!r}: write leaf, intermediate or anchor, commas between them")
    return roles


def _shard(text: str) -> shards.Shard:
    try:
        return shards.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


def _level(text: str) -> tuple[str, str]:
    name, equals, level = text.partition("=")
    if not equals or level not in LEVELS:
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME={'|'.join(LEVELS)}")
    return name, level
