"""Objective-C as its grammar can read it: macros and directives that break it, taken out before it is read.

What is taken out is replaced by as many spaces, so that everything else keeps its place.
"""

import re

_TOKEN = rb"""(?xms)
    (?P<skip> //[^\n]* | /\*.*?\*/ | @?"(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
  | (?P<directive> ^[ \t]*\#[ \t]*(?:if|ifdef|ifndef|elif|else|endif|pragma)\b(?:\\\r?\n|[^\n])* )
  | (?P<method> \b(?:RCT_EXPORT_METHOD|RCT_REMAP_METHOD)[ \t]*\( )
  | (?P<macro> \bNS_(?:ASSUME_NONNULL_(?:BEGIN|END)|DESIGNATED_INITIALIZER|UNAVAILABLE|REQUIRES_SUPER)\b
             | \b(?:NS_SWIFT_NAME|API_AVAILABLE|__attribute__|NS_AVAILABLE_IOS|RCT_EXPORT_MODULE)\([^()\n]{0,200}
               (?:\([^()\n]{0,200}\))?[^()\n]{0,200}\);? )
  | (?P<open> [\[(] | @\{ ) | (?P<close> [\])] ) | (?P<brace> \{ ) | (?P<unbrace> \} )
"""
_LITERAL, _BLOCK, _METHOD = b"[", b"{", b"m"


def readable(data: bytes, directives: bool = False) -> bytes:
    """Return the code without them; the result is as long, and has the same lines.

    Directives are kept but inside brackets, unless ``directives`` is set.
    """
    out = bytearray(data)
    open_ones: list[bytes] = []
    for match in re.finditer(_TOKEN, data):
        kind, (start, end) = match.lastgroup, match.span()
        if kind == "macro" or (
            kind == "directive" and (directives or (open_ones and open_ones[-1] == _LITERAL))
        ):
            _blank(out, start, end)
        elif kind == "method":
            _as_method(out, start, end, data)
            open_ones.append(_METHOD)
        elif kind == "open":
            open_ones.append(_LITERAL)
        elif kind == "brace":
            open_ones.append(_BLOCK)
        elif kind in ("close", "unbrace") and open_ones and open_ones.pop() == _METHOD:
            _blank(out, start, end)
    return bytes(out)


def _blank(out: bytearray, start: int, end: int) -> None:
    out[start:end] = re.sub(rb"[^\r\n]", b" ", bytes(out[start:end]))


def _as_method(out: bytearray, start: int, end: int, data: bytes) -> None:
    """``RCT_EXPORT_METHOD(name:…)`` is ``- (void)name:…``; of the other, the name for scripts goes first."""
    out[start:end] = b"- (void)".ljust(end - start)
    if data.startswith(b"RCT_REMAP", start):
        name = re.compile(rb"\s*\w{1,100}\s*,").match(data, end)
        if name:
            _blank(out, end, name.end())
