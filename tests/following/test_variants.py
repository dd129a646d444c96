"""An app is built in one variant at a time: the host of one never meets the pins of another."""

import pytest
from code_ import gaps, scanned
from scanning import KEY_A, KEY_B, KEY_C

A, B, C = f"sha256/{KEY_A}", f"sha256/{KEY_B}", f"sha256/{KEY_C}"
DEV, PROD = "dev.shop.example", "api.shop.example"
USE = """import okhttp3.CertificatePinner
fun use(context: Context) {
  val p = CertificatePinner.Builder().add(%s, %s).build()
  OkHttpClient.Builder().certificatePinner(p).build() }
"""
MAIN = "app/src/main/java/Net.kt"
FIELDS = {MAIN: USE % ("BuildConfig.HOST", "BuildConfig.PIN")}


def field(name: str, value: str, brackets: bool = False) -> str:
    given = f'"String", "{name}", "\\"{value}\\""'
    return f"buildConfigField({given})" if brackets else f"buildConfigField {given}"


def blocks(kind: str, **of: tuple[str, str]) -> str:
    inside = "\n".join(
        f"{name} {{\n{field('HOST', host)}\n{field('PIN', pin)}\n}}" for name, (host, pin) in of.items()
    )
    return f"android {{ {kind} {{ {inside} }} }}"


RESOURCE = "<resources><string name='host'>{}</string><string name='pin'>{}</string></resources>"
CASES = {
    "flavours": (
        {**FIELDS, "app/build.gradle": blocks("productFlavors", dev=(DEV, A), prod=(PROD, B))},
        [("dev", "production", DEV, A), ("prod", "production", PROD, B)],
    ),
    "build types in Kotlin": (
        {**FIELDS, "app/build.gradle.kts": f"""android {{ buildTypes {{
            getByName("debug") {{ {field("HOST", DEV, True)}; {field("PIN", A, True)} }}
            release {{ {field("HOST", PROD, True)}; {field("PIN", B, True)} }} }} }}"""},
        [("debug", "debug", DEV, A), ("release", "production", PROD, B)],
    ),
    "source sets": (
        {MAIN: USE % ("Config.HOST", "Config.PIN"),
         "app/src/dev/java/Config.kt": f'object Config {{ const val HOST = "{DEV}"; const val PIN = "{A}" }}',
         "app/src/prod/java/Config.kt": f'object Config {{ const val HOST = "{PROD}"; const val PIN = "{B}" }}'},
        [("dev", "production", DEV, A), ("prod", "production", PROD, B)],
    ),
    "resources": (
        {MAIN: USE % ("context.getString(R.string.host)", "context.getString(R.string.pin)"),
         "app/src/dev/res/values/strings.xml": RESOURCE.format(DEV, A),
         "app/src/prod/res/values/strings.xml": RESOURCE.format(PROD, B)},
        [("dev", "production", DEV, A), ("prod", "production", PROD, B)],
    ),
    "one host for all": (
        {**FIELDS, "app/build.gradle": f"""android {{ defaultConfig {{ {field("HOST", PROD)} }}
            productFlavors {{ dev {{ {field("PIN", A)} }}
            prod {{ {field("PIN", B)} }} }} }}"""},
        [("dev", "production", PROD, A), ("prod", "production", PROD, B)],
    ),
    "two dimensions": (
        {**FIELDS, "app/build.gradle": f"""android {{
            productFlavors {{ dev {{ {field("HOST", DEV)} }}
            prod {{ {field("HOST", PROD)} }} }}
            buildTypes {{ beta {{ {field("PIN", A)} }}
            release {{ {field("PIN", B)} }} }} }}"""},
        [("dev, beta", "production", DEV, A), ("dev, release", "production", DEV, B),
         ("prod, beta", "production", PROD, A), ("prod, release", "production", PROD, B)],
    ),
    "a default that one flavour replaces": (
        {**FIELDS, "app/build.gradle": f"""android {{
            defaultConfig {{ {field("HOST", PROD)}
            {field("PIN", B)} }}
            productFlavors {{ dev {{ {field("HOST", DEV)}
            {field("PIN", A)} }} }} }}"""},
        [("", "production", PROD, B), ("dev", "production", DEV, A)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_variant_has_its_own_pins(name: str) -> None:
    files, expected = CASES[name]
    found = [
        (each.variant, each.context, host.text, pin.text)
        for each in scanned(files).project.pin_sets
        for host in each.hosts
        for pin in each.pins
    ]
    assert sorted(found) == sorted(expected)
    assert gaps(files) == []


def test_a_variant_without_pins_is_no_gap() -> None:
    files = {
        MAIN: 'import okhttp3.CertificatePinner\nval p = CertificatePinner.Builder().apply {'
        " BuildConfig.PINS.forEach { add(BuildConfig.HOST, it) } }.build()",
        "app/build.gradle": f"""android {{ productFlavors {{
            dev {{ {field("HOST", DEV)}
              buildConfigField "String[]", "PINS", '{{}}' }}
            prod {{ {field("HOST", PROD)}
              buildConfigField "String[]", "PINS", '{{"{A}", "{B}"}}' }} }} }}""",
    }  # fmt: skip
    (pin_set,) = scanned(files).project.pin_sets
    assert (pin_set.variant, pin_set.host_names, [pin.text for pin in pin_set.pins]) == (
        "prod",
        (PROD,),
        [A, B],
    )
    assert gaps(files) == []
