"""OkHttp's pins as real code declares them: through constants, builds, loops, wrappers and branches."""

import pytest
from code_ import gaps, pins, scanned
from scanning import KEY_A, KEY_B, KEY_C

A, B, C = f"sha256/{KEY_A}", f"sha256/{KEY_B}", f"sha256/{KEY_C}"
HOST = "api.shop.example"
USED = "val client = OkHttpClient.Builder().certificatePinner(pinner).build()\n"

BOTH = [((HOST,), A), ((HOST,), B)]
BARE = [((HOST,), KEY_A), ((HOST,), KEY_B)]


def kotlin(body: str, **others: str) -> dict[str, str]:
    return {"app/src/main/java/Net.kt": "import okhttp3.CertificatePinner\n" + USED + body, **others}


CASES = {
    "literals": (kotlin(f'val pinner = CertificatePinner.Builder().add("{HOST}", "{A}", "{B}").build()'), BOTH),
    "named arguments": (
        kotlin(f'val p = CertificatePinner.Builder().add(pattern = "{HOST}", pins = arrayOf("{A}", "{B}"))'), BOTH,
    ),
    "constants of a companion": (
        kotlin(f'class N {{ companion object {{ const val H = "{HOST}"\nprivate const val P = "{A}"\n}}\n'
               f'fun p() = CertificatePinner.Builder().add(H, P).add(H, Q).build()\n}}\n'
               f'val Q get() = "{B}"'),
        [((HOST,), A), ((HOST,), B)],
    ),
    "constants of another file": (
        kotlin("val p = CertificatePinner.Builder().add(Hosts.API, *Pins.ALL).build()",
               **{"core/Pins.kt": f'object Pins {{\nval ALL = arrayOf("{A}", "{B}")\n}}\nobject Hosts {{\nconst val API = "{HOST}"\n}}'}),
        BOTH,
    ),
    "a template over bare keys": (
        kotlin(f'val keys = listOf("{KEY_A}", "{KEY_B}")\nval p = CertificatePinner.Builder()'
               f'.add("{HOST}", *keys.map {{ "sha256/$it" }}.toTypedArray())'),
        BARE,
    ),
    "a loop over a map": (
        kotlin(f'val m = mapOf("{HOST}" to listOf("{A}", "{B}"), "b.example" to listOf("{C}"))\n'
               "fun f(b: CertificatePinner.Builder) { for ((host, pins) in m) { pins.forEach { b.add(host, it) } } }"),
        [*BOTH, (("b.example",), C)],
    ),
    "apply and an extension function": (
        kotlin(f'fun CertificatePinner.Builder.ours(h: String, vararg p: String) = apply {{ p.forEach {{ add(h, it) }} }}\n'
               f'val p = CertificatePinner.Builder().ours("{HOST}", "{A}", "{B}").build()'),
        BOTH,
    ),
    "a wrapper in another file": (
        kotlin("fun pin(host: String, pins: List<String>) = CertificatePinner.Builder().apply { pins.forEach { p -> add(host, p) } }.build()",
               **{"app/Main.kt": f'val x = pin("{HOST}", listOf("{A}", "{B}"))'}),
        BOTH,
    ),
    "data classes": (
        kotlin("fun f(b: CertificatePinner.Builder) = Config.ALL.forEach { c -> b.add(c.host, c.primary, c.backup) }",
               **{"Config.kt": 'data class PinConfig(val host: String, val primary: String, val backup: String)\n'
                               f'object Config {{ val ALL = listOf(PinConfig("{HOST}", "{A}", backup = "{B}")) }}'}),
        BOTH,
    ),
    "an enum's arguments": (
        kotlin('enum class Env(val host: String, val pin: String) { PROD("' + HOST + f'", "{A}"),\nTEST("t.example", "{B}")\n}}\n'
               "class N(private val env: Env) {\nfun p() = CertificatePinner.Builder().add(env.host, env.pin).build()\n}"),
        [((HOST,), A), (("t.example",), B)],
    ),
    "the host of a URL": (
        kotlin(f'const val BASE = "https://{HOST}/v1/"\n'
               f'val p = CertificatePinner.Builder().add(URI(BASE).host, "{A}").add(BASE.toHttpUrl().host, "{B}")'),
        BOTH,
    ),
    "fields of a build": (
        kotlin("val p = CertificatePinner.Builder().add(BuildConfig.HOST, BuildConfig.PIN_A, BuildConfig.PIN_B)",
               **{"app/build.gradle": f"""android {{ defaultConfig {{
                    buildConfigField "String", "HOST", "\\"{HOST}\\""
                    buildConfigField 'String', 'PIN_A', '"{A}"'
                    buildConfigField("String", "PIN_B", "\\"{B}\\"") }} }}"""}),
        BOTH,
    ),
    "fields of a Kotlin build, from properties": (
        kotlin("val p = CertificatePinner.Builder().add(BuildConfig.HOST, BuildConfig.PIN)",
               **{"app/build.gradle.kts": 'android { defaultConfig { buildConfigField("String", "HOST", "\\"' + HOST + '\\"")\n'
                                          'buildConfigField("String", "PIN", "\\"${project.findProperty("PIN_A")}\\"") } }',
                  "gradle.properties": f"PIN_A={A}\n"}),
        [((HOST,), A)],
    ),
    "string resources": (
        kotlin('val p = CertificatePinner.Builder().add(context.getString(R.string.host), "sha256/" + getString(R.string.key_1))',
               **{"app/src/main/res/values/strings.xml":
                  f'<resources><string name="host">{HOST}</string><string name="key_1">{KEY_A}</string></resources>'}),
        [((HOST,), KEY_A)],
    ),
    "a format": (kotlin(f'val p = CertificatePinner.Builder().add("{HOST}", String.format("sha256/%s", "{KEY_A}"))'), BARE[:1]),
    "a list that is filled": (
        kotlin(f'fun f(b: CertificatePinner.Builder) {{ val l = mutableListOf<String>()\nl.add("{A}")\nl += "{B}"\n'
               f'b.add("{HOST}", *l.toTypedArray()) }}'),
        BOTH,
    ),
    "a native key": (
        kotlin(f'object Keys {{ external fun backendKey(): String }}\nval p = CertificatePinner.Builder().add("{HOST}", "sha256/${{Keys.backendKey()}}")',
               **{"app/src/main/cpp/k.cpp": f'extern "C" JNIEXPORT jstring JNICALL Java_a_b_Keys_backendKey(JNIEnv *env, jobject o) {{ return env->NewStringUTF("{KEY_A}"); }}'}),
        [((HOST,), KEY_A)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_pins_are_followed(name: str) -> None:
    files, expected = CASES[name]
    assert sorted(pins(files)) == sorted(expected)
    assert gaps(files) == []


JAVA = {
    "a constructor's arguments": f"""class P {{ final String host; final String[] pins; P(String host, String... pins) {{ this.host = host; this.pins = pins; }} }}
        class N {{ CertificatePinner f() {{ CertificatePinner.Builder b = new CertificatePinner.Builder();
          for (P p : Arrays.asList(new P("{HOST}", "{A}", "{B}"))) {{ b.add(p.host, p.pins); }} return b.build(); }} }}""",
    "a map that is filled": f"""class N {{ static final Map<String, List<String>> M = new HashMap<>();
        static {{ M.put("{HOST}", Arrays.asList("{A}", "{B}")); }}
        void f(CertificatePinner.Builder b) {{ for (Map.Entry<String, List<String>> e : M.entrySet()) {{ for (String p : e.getValue()) {{ b.add(e.getKey(), p); }} }} }} }}""",
    "a switch in a function": f"""class N {{ static String[] pins(String host) {{ switch (host) {{ case "{HOST}": return new String[] {{"{A}", "{B}"}}; default: return null; }} }}
        void f() {{ new CertificatePinner.Builder().add("{HOST}", pins("{HOST}")); }} }}""",
    "a static import": f"""import static a.K.HOST; class N {{ void f() {{ new CertificatePinner.Builder().add(HOST, "{A}", "{B}"); }} }} class K {{ static final String HOST = "{HOST}"; }}""",
}  # fmt: skip


@pytest.mark.parametrize("name", JAVA)
def test_pins_are_followed_in_java(name: str) -> None:
    assert sorted(pins({"a/N.java": "import okhttp3.*;\n" + JAVA[name]})) == sorted(BOTH)


def test_branches_stand_for_themselves_and_debug_is_told() -> None:
    files = kotlin(
        f'val pin = if (BuildConfig.DEBUG) "{B}" else "{A}"\nval p = CertificatePinner.Builder().add("{HOST}", pin)'
    )
    assert [(s.context, [p.text for p in s.pins]) for s in scanned(files).project.pin_sets] == [
        ("debug", [B]), ("production", [A]),
    ]  # fmt: skip


def test_what_cannot_be_followed_is_said_where_it_stands() -> None:
    files = kotlin(f'val p = CertificatePinner.Builder()\n  .add("{HOST}", remote.fetchPin())')
    (gap,) = scanned(files).project.gaps
    assert (gap.at.line, gap.hosts, gap.reason) == (
        4, (HOST,), "the pin cannot be followed: fetchPin() is not followed",
    )  # fmt: skip


def test_a_constant_that_means_itself_ends() -> None:
    files = kotlin(f'val X = Y\nval Y = X\nval p = CertificatePinner.Builder().add("{HOST}", X)')
    assert len(gaps(files)) == 1


def test_the_version_decides_what_two_stars_mean() -> None:
    files = kotlin(f'val p = CertificatePinner.Builder().add("**.shop.example", "{A}", "{B}")')
    (new,) = scanned(
        {**files, "build.gradle": "implementation 'com.squareup.okhttp3:okhttp:4.12.0'"}
    ).project.pin_sets
    (old,) = scanned({**files, "gradle/libs.versions.toml": 'okhttp = "3.14.9"\n'}).project.pin_sets
    assert (new.hosts[0].fault, bool(old.hosts[0].fault)) == (None, True)


def test_a_pinner_that_nobody_installs_is_said() -> None:
    files = kotlin(f'val p = CertificatePinner.Builder().add("{HOST}", "{A}", "{B}").build()')
    assert [d.kind for d in scanned(files).project.defects] == []
    lone = {path: text.replace(USED, "") for path, text in files.items()}
    assert [d.kind for d in scanned(lone).project.defects] == ["unenforced"]


def test_other_builders_add_no_pins() -> None:
    assert (
        pins(kotlin('val l = mutableListOf<String>()\nfun f() { l.add(0, "x"); urls.add("a", "b") }')) == []
    )


def test_ktors_engine_for_apple_is_handed_its_pinner() -> None:
    head = "import io.ktor.client.engine.darwin.certificates.CertificatePinner\n"
    add = f'val b = CertificatePinner.Builder().apply {{ add("{HOST}", "{A}", "{B}") }}\n'
    engine = "HttpClient(Darwin) {{ engine {{ {}{} }} }}"
    used = scanned({"P.kt": head + engine.format(add, "handleChallenge(b.build())")}).project
    unused = scanned({"P.kt": head + engine.format(add, "")}).project
    assert [each.mechanism for each in used.pin_sets] == ["ktor-darwin"]
    assert [each.kind for each in used.defects] == []
    assert [each.kind for each in unused.defects] == ["unenforced"]


def test_a_generated_pinner_is_installed_by_its_package() -> None:
    text = f"""package com.criticalblue.reactnative;
        public class GeneratedCertificatePinner {{ public static CertificatePinner instance() {{
          return new CertificatePinner.Builder().add("{HOST}", "{A}").add("{HOST}", "{B}").build(); }} }}"""
    path = "android/app/src/main/java/com/criticalblue/reactnative/GeneratedCertificatePinner.java"
    assert scanned({path: text}).project.defects == ()


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("", ["unenforced"]),
        ("throw new CertificateException();", []),
        ("inner.checkServerTrusted(c, a);", []),
    ],
)
def test_a_trust_manager_that_accepts_everything_matters_where_pins_are(body: str, kinds: list[str]) -> None:
    manager = f"""class T implements X509TrustManager {{
        public void checkServerTrusted(X509Certificate[] c, String a) {{ {body} }}
        public void checkClientTrusted(X509Certificate[] c, String a) {{ }} }}"""
    pinned = kotlin(f'val pinner = CertificatePinner.Builder().add("{HOST}", "{A}", "{B}").build()')
    assert [d.kind for d in scanned({**pinned, "a/T.java": manager}).project.defects] == kinds
    assert scanned({"a/T.java": manager}).project.defects == ()
