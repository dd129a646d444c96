"""How each kind of client reads a pin's text."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scanning import KEY_A, KEY_B

from pincheck.model import Location, Pin, PinCodec, Semantics, Text
from pincheck.parsers import _okhttp_client, libcurl
from pincheck.readers.pin_text import pin_fault, read_pin
from pincheck.readers.placeholders import placeholder

AT = Location("a", 1, 1, 1, 2)
DIGEST = base64.b64decode(KEY_B)
CRASH = "the app crashes"

ANDROID = PinCodec(foreign="skipped", blanks="skipped", padding="optional")
OKHTTP = _okhttp_client.OKHTTP.codec
STRICT = PinCodec()
APPLE = PinCodec(length_checked=False)
CURL = libcurl.SEMANTICS.codec
LENIENT = PinCodec(prefix="optional")
TEXTUAL = _okhttp_client.KTOR_DARWIN.codec


def read(text: str, codec: PinCodec):
    return read_pin(Text(text, AT), Semantics("Client", "any", codec=codec, refused_pin=CRASH))


def fault(text: str, codec: PinCodec) -> tuple[str, str] | None:
    found = read(text, codec).fault
    return (found.what, found.effect) if found else None


@pytest.mark.parametrize("codec", [ANDROID, STRICT, APPLE])
def test_the_standard_spelling_is_read(codec):
    pin = read(KEY_B, codec)
    assert (pin.fault, pin.pin, pin.placeholder, pin.suspicion) == (
        None,
        Pin("spki", "sha256", DIGEST),
        "",
        "",
    )


@pytest.mark.parametrize("text", [f"sha256/{KEY_B}", f"sha256/{KEY_B[:-1]}", f"sha256/ {KEY_B}",
                                  "sha256/" + KEY_B.replace("/", "_").replace("+", "-"), f"sha256/{KEY_B}= =\n",
                                  "sha256/" + "\t\r\n ".join(KEY_B) + " " * 300])  # fmt: skip
def test_okhttp_reads_both_alphabets_and_needs_no_padding(text):
    pin = read(text, OKHTTP)
    assert (pin.fault, pin.pin) == (None, Pin("spki", "sha256", DIGEST))


SHORT = "AbCdEfGhIjKlMnOpQrSt"


@pytest.mark.parametrize(
    ("text", "codec", "what", "effect"),
    [
        (KEY_B, OKHTTP, "does not start with sha256/", CRASH),
        (f"SHA256/{KEY_B}", OKHTTP, "does not start with sha256/", CRASH),
        (f"sha512/{KEY_B}", OKHTTP, "does not start with sha256/", CRASH),
        ("sha256/!!!!", OKHTTP, "holds !, no base64", CRASH),
        (f"sha256/{SHORT}", OKHTTP, "decodes to 15 bytes instead of 32", "never matches"),
        (f"sha256/={KEY_B}", OKHTTP, "holds =, no base64", CRASH),
        (f'sha256/"{KEY_B}"', OKHTTP, 'holds " and =, no base64', CRASH),
        (f"sha256/{KEY_B}\xa0", OKHTTP, "holds = and white space, no base64", CRASH),
        ("sha256/AAAAA", OKHTTP, "has 5 base64 digits, which is no whole number of bytes", CRASH),
        ("sha256/", OKHTTP, "decodes to 0 bytes instead of 32", "never matches"),
        ("sha256/" + "ab" * 32, OKHTTP, "is hexadecimal, where base64 is read: 48 bytes instead of 32", "never matches"),
        ("sha256/" + "ab" * 32 + "=", OKHTTP, "is hexadecimal, where base64 is read: 48 bytes instead of 32", "never matches"),
        ("ab" * 32 + "=", STRICT, "is hexadecimal and ends in =, which only base64 does", CRASH),
        (f"sha1/{SHORT}", OKHTTP, "decodes to 15 bytes instead of 20", "never matches"),
        (f"sha256/{KEY_B}", STRICT, "starts with sha256/, which is read as part of the key: 37 bytes instead of 32", CRASH),
        (KEY_B[:-1], STRICT, "ends in 0 = instead of 1", CRASH),
        (f" {KEY_B}", STRICT, "holds white space, no base64", CRASH),
        (KEY_B.replace("/", "_"), STRICT, "holds _, no base64", CRASH),
        (SHORT, APPLE, "decodes to 15 bytes instead of 32", "never matches"),
        (SHORT + "A", ANDROID, "has 21 base64 digits, which is no whole number of bytes", CRASH),
        (KEY_B, TEXTUAL, "does not start with sha256/", CRASH),
        ("sha256/AAAAA", TEXTUAL, "has 5 base64 digits, which is no whole number of bytes", "never matches"),
        ("sha256/!!!!", TEXTUAL, "holds !, no base64", "never matches"),
        (f"sha256/{KEY_B} ", TEXTUAL, "holds white space, no base64", "never matches"),
        (f"sha256/{KEY_B[:-1]}", TEXTUAL,
         "is not the standard spelling of its key, and the text itself is compared", "never matches"),
    ],
)  # fmt: skip
def test_what_a_client_cannot_use(text, codec, what, effect):
    assert fault(text, codec) == (what, effect)


@pytest.mark.parametrize("text", [f"sha256/{KEY_B}", KEY_B[:-1], DIGEST.hex(), DIGEST.hex() + "=", DIGEST.hex(":").upper(), DIGEST.hex(" "),
                                  KEY_B.replace("/", "_").replace("+", "-"), f"pin-sha256={KEY_B}", f"sha256//{KEY_B}"])  # fmt: skip
def test_the_key_that_is_meant_is_known_even_if_the_client_cannot_use_it(text):
    assert read(text, STRICT).pin == Pin("spki", "sha256", DIGEST)


@pytest.mark.parametrize(
    ("text", "codec", "found"),
    [
        pytest.param(f"sha256//{KEY_B}", CURL, None, id="two slashes"),
        pytest.param(f"sha256/{KEY_B}", CURL, ("does not start with sha256//", CRASH), id="one slash"),
        pytest.param(f"sha256//{KEY_B}", LENIENT, None, id="two slashes where any prefix is read"),
        pytest.param(f"sha256//{KEY_B[1:]}", LENIENT, None, id="a digit that is a slash"),
        pytest.param(f"sha256//{KEY_B[1:]}", OKHTTP, None, id="a digit that is a slash, in OkHttp"),
    ],
)
def test_libcurl_writes_two_slashes(text, codec, found):
    assert fault(text, codec) == found


def test_spare_bits_are_suspicious():
    assert read(KEY_A[:-2] + "N=", ANDROID).suspicion == (
        "ends in N, which no encoder writes there: a character is mistyped or lost"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A" * 43 + "=", "one repeated byte"),
        ("B" * 43 + "=", "one letter, B, repeated"),
        ("sha256/" + "Y" * 50 + "=", "one letter, Y, repeated"),
        ("ABCDEF" * 7 + "A", "only 6 different characters"),
        ("YOUR_PIN_HERE", "a placeholder"),
        ("sha256/REPLACE_WITH_PRIMARY_SPKI_SHA256_BASE64==", "a placeholder"),
        ("sha256/" + "x" * 43 + "=", "one letter, x, repeated"),
        ("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "the hash of empty input: the command that made it read no key"),
        (base64.b64encode(hashlib.sha256(b"test").digest()).decode(), "the hash of the text 'test'"),
        (base64.b64encode(b"this is my public key, 32 bytes!").decode(),
         "it decodes to the text 'this is my public key, 32 bytes!'"),
        ("BackupPin" + KEY_B[9:], "it spells Backup"),
        ("7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3Y=", "the sample pin of Android's documentation"),
        ("00" * 32, "one repeated byte"),
        (KEY_A, ""),
        (KEY_B, ""),
    ],
)  # fmt: skip
def test_placeholders_are_told_apart(text, why):
    assert read(text, STRICT).placeholder == why


@given(st.binary(min_size=32, max_size=32))
def test_random_keys_are_read_by_all_and_are_no_placeholders(digest):
    text = base64.b64encode(digest).decode()
    pin = Pin("spki", "sha256", digest)
    for codec, written in (
        (ANDROID, text),
        (STRICT, text),
        (OKHTTP, "sha256/" + text),
        (TEXTUAL, "sha256/" + text),
    ):
        read_back = read(written, codec)
        assert (read_back.pin, read_back.fault, read_back.suspicion) == (pin, None, "")
    assert pin.base64 == text


@given(st.text(max_size=120), st.sampled_from([ANDROID, OKHTTP, STRICT, APPLE, TEXTUAL]))
def test_any_text_is_read_or_faulted(text, codec):
    pin = read(text, codec)
    assert pin.pin or pin.fault or pin.placeholder
    assert isinstance(placeholder(text, pin.pin), str)


@given(
    st.text(st.sampled_from("AEQkw+/-_= \n!9"), max_size=60), st.sampled_from(["sha256/", "sha1/", "SHA1/"])
)
def test_a_client_that_compares_texts_refuses_only_the_prefix(body, prefix):
    semantics = _okhttp_client.KTOR_DARWIN
    found = pin_fault(prefix + body, semantics)
    assert (found is not None and found.effect == semantics.refused_pin) == (prefix == "SHA1/")


@given(st.binary(min_size=20, max_size=20))
def test_a_client_that_compares_texts_takes_the_standard_spelling(digest):
    text = "sha1/" + base64.b64encode(digest).decode()
    assert pin_fault(text, _okhttp_client.KTOR_DARWIN) is None
