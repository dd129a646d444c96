"""One program in every language comes to the same nouns."""

import re
import time
from contextlib import suppress

import pace
import pytest
from code_ import definitions, module, short
from hypothesis import given
from hypothesis import strategies as st

from pincheck.model import SourceFile
from pincheck.readers import syntax
from pincheck.readers.unreadable import Unreadable

PROGRAMS = {
    "A.kt": """
        object Pins { const val HOST = "api." + "x.com"; val PINS = listOf("a", "b")
          val MAP = mapOf("h" to "p"); val T = "s/${HOST}t$PINS"; val C = if (BuildConfig.DEBUG) "d" else "r" }
        fun f(h: String) { b.add(h, "q\\n\\u0041") }
    """,
    "A.java": """
        class Pins { static final String HOST = "api." + "x.com"; static String[] PINS = {"a", "b"};
          static String T = "s/" + HOST + "t" + PINS; String C = BuildConfig.DEBUG ? "d" : "r";
          void f(String h) { b.add(h, "q\\n\\u0041"); } }
    """,
    "A.swift": """
        struct Pins { static let HOST = "api." + "x.com"; static let PINS = ["a", "b"]
          static let MAP = ["h": "p"]
          static let T = "s/\\(HOST)t\\(PINS)"
          let C = BuildConfig.DEBUG ? "d" : "r"
          func f(_ h: String) { b.add(h, "q\\n\\u{41}") } }
    """,
    "A.m": """
        static NSString *const HOST = @"api." @"x.com";
        @implementation Pins
        - (void)f:(NSString *)h { NSArray *PINS = @[@"a", @"b"]; NSDictionary *MAP = @{@"h": @"p"};
          NSString *C = BuildConfig.DEBUG ? @"d" : @"r"; }
        @end
    """,
    "a.dart": """
        class Pins { static const HOST = 'api.' 'x.com'; static const PINS = ['a', "b"];
          static const MAP = {'h': 'p'}; static final T = 's/${HOST}t$PINS'; final C = BuildConfig.DEBUG ? 'd' : 'r';
          void f(String h) { b.add(h, 'q\\n\\u{41}'); } }
    """,
    "a.ts": """
        export const HOST: string = 'api.' + "x.com"; const PINS = ["a", 'b']; const MAP = { h: 'p' };
        const T = `s/${HOST}t${PINS}`; const C = BuildConfig.DEBUG ? 'd' : 'r';
        function f(h: string) { b.add(h, 'q\\n\\u0041'); }
    """,
    "A.cs": """
        class Pins { const string HOST = "api." + "x.com"; static string[] PINS = { "a", "b" };
          Dictionary<string, string> MAP = new() { ["h"] = "p" }; string T = $"s/{HOST}t{PINS}";
          string C = BuildConfig.DEBUG ? "d" : "r"; void f(string h) { b.add(h, "q\\n\\u0041"); } }
    """,
    "a.gradle": """
        def HOST = "api." + "x.com"
        def PINS = ["a", 'b']
        def MAP = [h: "p"]
        def T = "s/${HOST}t$PINS"
        def C = BuildConfig.DEBUG ? "d" : "r"
    """,
    "a.cpp": """
        const char *HOST = "api." "x.com"; std::vector<std::string> PINS = {"a", "b"};
        std::string C = DEBUG ? "d" : "r"; void f(char *h) { b.add(h, "q\\n\\x41"); }
    """,
}
EXPECTED = {
    "HOST": "'api.' + 'x.com'",
    "PINS": ("['a', 'b']", "listOf('a', 'b')"),
    "MAP": ("{'h': 'p'}", "mapOf('h'.to('p'))"),
    "T": "'s/' + HOST + 't' + PINS",
    "C": (
        "(BuildConfig.DEBUG ? 'd' | else ? 'r')",
        "(BuildConfig.DEBUG ? 'd' | !BuildConfig.DEBUG ? 'r')",
        "(DEBUG ? 'd' | else ? 'r')",
    ),
}


@pytest.mark.parametrize("path", PROGRAMS)
def test_every_language_has_the_same_nouns(path: str) -> None:
    read = module(path, PROGRAMS[path])
    found = definitions(read)
    assert read.errors == ()
    for name, wanted in EXPECTED.items():
        if name in found:
            assert found[name] in (wanted if isinstance(wanted, tuple) else (wanted,)), name
    assert {"HOST", "PINS", "C"} <= found.keys()
    for call, frame in read.calls.get("add", ()):
        assert short(call) == "b.add(h, 'q\\nA')"
        assert frame.outward()[0].kind == "function"
        assert frame.outward()[-1].name == path


def test_columns_count_code_points() -> None:
    read = module("a.kt", 'val ä = "ö"; val b = "pin"')
    at = next(each.value.at for each in read.definitions if each.name == "b")
    assert (at.line, at.column, at.end_column, at.text) == (1, 23, 26, 'val ä = "ö"; val b = "pin"')


def test_branches_are_frames() -> None:
    read = module("a.swift", '#if DEBUG\nx.add("a")\n#else\nx.add("b")\n#endif\nx.add("c")\n')
    assert [[f.name for f in frame.outward() if f.kind == "branch"] for _, frame in read.calls["add"]] == [
        ["DEBUG"], ["!DEBUG"], [],
    ]  # fmt: skip


def test_what_is_intact_around_an_error_is_read() -> None:
    read = module("a.kt", 'object A { val X = "one"; val ( }\nobject B { val Y = "two" }')
    assert read.errors
    assert definitions(read) == {"X": "'one'"}
    assert [short(each.value) for each in read.statements] == ["A", "[{'X': 'one'}, {'Y': 'two'}]"]


def test_a_text_that_is_no_utf_8_is_read_as_latin_1() -> None:
    read = module("a.java", 'class A { /* \xe4 */ String x = "y"; }'.encode("latin-1"))
    assert definitions(read) == {"x": "'y'"}


def test_a_very_large_file_is_refused() -> None:
    with pytest.raises(Unreadable, match="too large for source code"):
        module("a.js", "x" * (syntax.MAX_BYTES + 1))


HOSTILE = {
    "brackets": "[" * 50_000,
    "calls": "a" + ".b()" * 50_000,
    "sums": "x = " + " + ".join(['"a"'] * 50_000),
    "array": "x = [" + ",".join(['"C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M="'] * 20_000) + "]",
    "quotes": '"' * 100_000,
    "nested": "f(" * 5_000 + ")" * 5_000,
    "ternaries": "x = " + "a ? b : " * 20_000 + "c",
    "lambdas": "a(() => " * 3_000 + "1" + ")" * 3_000,
}
HOSTILE |= {
    f"{name} in lines": re.sub(r"(.{15000,15100}?[,+.:(\[ ])", r"\1\n", HOSTILE[name])
    for name in HOSTILE
    if name != "quotes"
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "path", ["a.kt", "a.java", "a.swift", "a.m", "a.dart", "a.ts", "a.cs", "a.gradle", "a.cpp", "a.js"]
)
def test_hostile_files_end_soon(name: str, path: str) -> None:
    started = time.process_time()
    with suppress(Unreadable):
        syntax.read.__wrapped__(SourceFile(path, HOSTILE[name].encode()))
    assert time.process_time() - started < pace.allowed(4)  # two seconds, and as many for a busy machine


@given(st.sampled_from(sorted(PROGRAMS)), st.data())
def test_a_program_cut_and_mixed_anywhere_is_read(path: str, data: st.DataObject) -> None:
    text = PROGRAMS[path]
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    middle = data.draw(st.text(max_size=20))
    module(path, text[:start] + middle + text[end:])


def test_elements_of_dart_literals() -> None:
    read = module(
        "a.dart",
        "var a = {Uri.parse(x).host: 'b', if (c) 'd': e.f(), 'l': ['s/${E.p}', if (c.d()) F(1) else G(), for (final x in y.z) H(x)]};",
    )
    assert definitions(read)["a"] == (
        "{Uri.parse(x).host: 'b', 'd': e.f(), 'l': ['s/' + E.p, (c.d() ? F(1) | else ? G()), *y.z.map((x) -> H(x))]}"
    )


def test_a_negated_call_of_swift_is_a_call() -> None:
    read = module("a.swift", "func f() { if !a.b.check(c) { d() } }")
    assert [short(placed.call) for placed in read.calls["check"]] == ["a.b.check(c)"]


def test_a_table_that_nobody_wrote_is_refused_at_once() -> None:
    text = "val hosts = arrayOf(" + ",\n".join(f'"h{n}"' for n in range(100_000)) + ")"
    start = time.process_time()
    with pytest.raises(Unreadable, match="more than 30,000 texts: generated code"):
        module("A.kt", text)
    assert time.process_time() - start < pace.allowed(2)
