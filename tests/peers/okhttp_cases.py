"""Host patterns and pin texts to ask OkHttp about: picked ones, and a source of random ones."""

import base64
import hashlib
import random

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pki import DER, certificate

# hosts -----------------------------------------------------------------------

HOSTS = (
    "com", "test", "localhost", "localhost.", "a.test", "a.test.", "x.a.test", "x.y.a.test", "shop.example",
    "xn--bcher-kva.test", "strasse.test", "xn--strae-oqa.test", "1.2.3.4", "::1", "2001:db8::1", "https", "http",
)  # fmt: skip

PATTERNS = (
    "", " ", ".", "..", "*", "**", "*.", "**.", "*.*", "*.com", "**.com", "*.localhost", "*.com.", "a.test", "a.test.",
    "a.test..", ".a.test", "a..test", "*.a.test", "**.a.test", "***.a.test", "*.*.test", "*a.test", "a*.test", "*.A.Test",
    "x.*.test", "x.**.test", "**.*.test", "*.**.test", "A.TEST", "a_b.test", "-a.test", "a.test-", "@string/host",
    "https://a.test", "http://a.test", "HTTPS://a.test/", "*.https://a.test", "http:a.test", "ftp://a.test", "//a.test",
    "\\\\a.test", "a.test:443", "a.test:", "a.test:0", "a.test:00080", "a.test:+80", "a.test:-80", "a.test:65535",
    "a.test:65536", "a.test:8443/v1", "a.test::1", "a.test: 80", "a.test:8_0", "a.test:٨٠", "a.test/", "a.test/v1?q#f",
    "a.test?q", "a.test#f", "a.test\\b", "a.test/:80", "user@a.test", "user:word@a.test", "u@v@a.test", "@a.test", "a.test@",
    "a.test/@b", " a.test", "a.test ", "\ta.test", "a.test\n", "a.test\x0c", "a.test\x0b", "a.test\xa0", "a .test", "a\ttest",
    "%61.test", "a%2etest", "a%2Ftest", "a%test", "a%4.test", "a.test%", "%C3%BC.test", "%ff.test", "%2a.test", "a%00.test",
    "1.2.3.4", "01.2.3.4", "1.2.3", "0x7f.1", "*.2.3.4", "[1.2.3.4]", "::1", "[::1]", "[::1]:443", "*.[::1]", "**.::1",
    "[::1", "::1]", "[]", "[:]", "[::]", "::", ":::", "::1::", "2001:DB8::1", "2001:db8:0:0:0:0:0:1", "[2001:db8::0.0.0.1]",
    "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7::8", "1:2:3:4::5:6:7:8", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9",
    "1:0:0:2:0:0:0:3", "0:0:1:0:0:1:0:0", "::ffff:1.2.3.4", "[::FFFF:102:304]", "::1.2.3.4", "::1.2.3.04", "::1.2.3.256",
    "::1.2.3", "::1.2.3.4.5", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "fe80::1%eth0", "[fe80::1%25eth0]", "::00001",
    "::g", "1.2.3.4::", "::1.2.3.4:5", "bücher.test", "BÜCHER.test", "*.bücher.test", "**.bücher.test", "straße.test",
    "STRASSE.test", "ẞ.test", "faß.ΣΊΣΥΦΟΣ", "почта.рф", "日本語.jp", "a。test", "a．test", "a｡test", "。", "a.test。", "*。test",
    "＊.a.test", "**．a.test", "＊＊.a.test", "ａ.test", "①.test", "⒈.test", "½.test", "℡.test", "ﬁ.test", "a\xad.test", "\xad.test",
    "a\u200db.test", "a\u200bb.test", "a\ufe0fb.test", "\u202ea.test", "אב.test", "א1.test", "אa.test", "İ.test", "ı.test",
    "e\u0301.test", "é.test", "\u0301a.test", "😀.test", "\ue000.test", "\ufffd.test", "xn--.test", "xn--a.test", "xn--a-.test",
    "XN--BCHER-KVA.test", "xn--bücher.test", "xn--abc-.test", "xn--zz!.test", "xn--zzzzzzzzzz.test", "xn--*.test", "xn--e-xbb.test",
    "a" * 63 + ".test", "a" * 64 + ".test", "*." + "a" * 64, "**." + "a" * 63, "ü" * 40 + ".test", "ü" * 58 + ".test",
    "ü" * 59 + ".test", ".".join(["a" * 49] * 5) + ".cd", ".".join(["a" * 49] * 5) + ".cde", ".".join(["a" * 49] * 5) + ".cdef",
    ".".join(["a" * 49] * 5) + ".cde.", "*." + ".".join(["a" * 49] * 5) + ".a", "xn--a-." * 126 + "a", "a." * 600 + "test",
    "a.test/" + "a" * 600, "a@" * 300 + "a.test", "a.test" + " " * 600, "a.test:" + "0" * 600 + "1",
)  # fmt: skip

BEFORE = (*[""] * 18, "https://", "http:", "//", " ", "u@", "u:p@", "[", "@", "*")
WILDCARDS = (*[""] * 5, *["*."] * 4, *["**."] * 4, "*", "***.", "a*.", "*.*.", "＊.")
LABELS = (
    "a", "b", "x", "test", "example", "com", "A", "Shop", "a-b", "a_b", "1", "xn--bcher-kva", "bücher", "Straße", "ПОЧТА",
    "日本", "ﬁ", "é", "σς", "%61", "%2e", "xn--q", "xn--abc-", "", "*", "a" * 63, "a" * 64, "😀", "a b", "a,b", "a!b", "~",
)  # fmt: skip
COMMON_LABELS = LABELS[:10]
DOTS = (*["."] * 30, "。", "．", "..", ":")
AFTER = (
    *[""] * 16,
    ".",
    ":443",
    ":0",
    ":99999",
    ":",
    "/",
    "/p?q#f",
    "?q",
    "#f",
    "\\",
    " ",
    "\n",
    "]",
    "..",
    "@b",
)
GROUPS = ("0", "0", "0", "1", "db8", "FFFF", "ffff", "00a", "1.2.3.4", "", "12345", "g")
NOISE = "aA.*:/[]1%@ \\?#-_xn0é＊。\t"


def random_pattern(source: random.Random) -> str:
    """Mostly a name with a wildcard and something amiss, at times an address or mere noise."""
    kind = source.random()
    if kind < 0.08:
        return "".join(source.choices(NOISE, k=source.randint(1, 9)))
    if kind < 0.2:
        address = ":".join(source.choices(GROUPS, k=source.randint(2, 9)))
        return source.choice(["{}", "[{}]", "*.{}", "[{}]:1", "::{}", "{}::1", "[::ffff:{}]"]).format(address)
    count = source.choice((1, 2, 2, 3, 4))
    labels = [source.choice(COMMON_LABELS if source.random() < 0.75 else LABELS) for _ in range(count)]
    name = labels[0] + "".join(source.choice(DOTS) + label for label in labels[1:])
    return source.choice(BEFORE) + source.choice(WILDCARDS) + name + source.choice(AFTER)


# pins ------------------------------------------------------------------------


def _spellings(private: ec.EllipticCurvePrivateKey) -> tuple[str, str]:
    spki = private.public_key().public_bytes(DER, PublicFormat.SubjectPublicKeyInfo)
    return (
        "sha256/" + base64.b64encode(hashlib.sha256(spki).digest()).decode(),
        "sha1/" + base64.b64encode(hashlib.sha1(spki).digest()).decode(),
    )


KEYS = [ec.derive_private_key(secret, ec.SECP256R1()) for secret in (7, 11, 2026)]
CERTIFICATES = {certificate(key).public_bytes(Encoding.DER): _spellings(key) for key in KEYS}
"""Each certificate in DER, and the pins that it meets."""
REAL = [text for spellings in CERTIFICATES.values() for text in spellings]
SHA256, SHA1 = REAL[0], REAL[1]
BODY = SHA256.removeprefix("sha256/")

PREFIXES = (
    "", "sha256/", "sha1/", "SHA256/", "Sha1/", "sha-256/", "sha256:", "sha256=", "sha256//", "sha256/ ", " sha256/",
    'sha256/"', "pin-sha256=", "sha512/", "md5/", "sha384/", "sha256/sha256/", "sha1/sha1/", "sha256", "sha1", "ѕha256/",
)  # fmt: skip
BLANKS = (
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "   ",
    "\x0b",
    "\x0c",
    "\xa0",
    "\u2003",
    "\ufeff",
    "\u200b",
    "\x00",
    "\x1c",
)
STRANGERS = ("!", "é", ".", ":", ",", "*", '"', "'", "%2B", "$", "\\", "＋", "Ａ", "😀")

PINS = (
    "", "sha256/", "sha1/", "sha256/=", "sha256/ ", "sha256/====", "sha256/A", "sha256/AA", "sha256/AAA", "sha256/AAAA",
    "sha256/AAAAA", "sha256/!!!!", "sha256/A=AA", "sha256/AA=A", "sha256/AA==AA==", "sha256/" + "A" * 43 + "=",
    "sha256/REPLACE_ME", "sha256/YOUR_PIN_HERE=", "sha256/<pin>", "sha256/TODO", "sha256/{{PIN}}", "REPLACE_ME",
    *REAL, *(text.rstrip("=") for text in REAL), *(text + "=" for text in REAL), *(text + "==\n= " for text in REAL),
    *(prefix + BODY for prefix in PREFIXES), *(f"sha256/{BODY[:9]}{blank}{BODY[9:]}" for blank in BLANKS),
    *(SHA256 + blank for blank in BLANKS), *(f"sha256/{blank}{BODY}" for blank in BLANKS), *(f"{blank}{SHA256}" for blank in BLANKS),
    *(f"sha256/{BODY[:9]}{stranger}{BODY[9:]}" for stranger in STRANGERS), *(SHA256 + stranger for stranger in STRANGERS),
    "sha1/" + BODY, "sha256/" + SHA1.removeprefix("sha1/"), "sha256/" + base64.b64decode(BODY).hex(), SHA256[:-2] + "=", SHA256[:-2],
    "sha256/" + base64.b64decode(BODY).hex(":").upper(), "sha256/" + BODY * 2, "sha256/" + "\n".join(BODY) + "\n", SHA256.swapcase(),
    SHA256 + " " * 500, "sha256/" + " " * 500 + BODY, SHA256 + "=" * 500, "sha256/" + "A" * 5000,
)  # fmt: skip


def random_pin(source: random.Random) -> str:
    """The pin of a real key, changed in up to three ways."""
    prefix, _, body = source.choice(REAL).partition("/")
    if source.random() < 0.4:
        body = body.replace("+", "-").replace("/", "_")
    for _ in range(source.choice((0, 1, 1, 2, 3))):
        body = _changed(body, source)
    return (prefix + "/" if source.random() < 0.9 else source.choice(PREFIXES)) + body


def _changed(body: str, source: random.Random) -> str:
    at = source.randint(0, len(body))
    kind = source.randrange(9)
    if kind == 0:
        return body.rstrip("=")
    if kind == 1:
        return body + source.choice(("=", "==", " =", "=\n", "= = "))
    if kind == 2:
        return body[:at] + source.choice(("=", "==")) + body[at:]
    if kind in (3, 4):
        return body[:at] + source.choice(BLANKS[:6] if source.random() < 0.7 else BLANKS) + body[at:]
    if kind == 5:
        return body[:at] + source.choice(STRANGERS) + body[at:]
    if kind == 6:
        return body[:at] + body[at + source.randint(1, 3) :]
    if kind == 7:
        return body[:at] + source.choice("ABCxyz019+/-_") + body[at + source.randint(0, 1) :]
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bare = body.rstrip("=")
    if not bare or bare[-1] not in digits:
        return body[::-1]
    spare = digits[digits.index(bare[-1]) ^ source.randint(0, 3)]  # bits that no encoder sets
    return bare[:-1] + spare + body[len(bare) :]
