"""certificate-hash-pin: hashes of whole certificates."""

from builders import HOST, KEYS, LEAF_HASH, START, at, check, pin, pin_set, said

from pincheck.model import Problem


def test_a_client_that_knows_nothing_else_makes_it_a_warning() -> None:
    assert check("certificate-hash-pin", pin_set(KEYS[0], semantics=LEAF_HASH)) == [
        Problem(
            at(2),
            f"{HOST}, pin {START}: a certificate hash, as Wultra knows no other; it stops matching at the next"
            " renewal, even with the same key",
            remedy="release the hash of the next certificate before the host uses it",
            hosts=(HOST,),
            pin=KEYS[0],
            severity="warning",
        )
    ]


def test_a_client_that_could_pin_the_key_makes_it_an_error() -> None:
    semantics = LEAF_HASH._replace(client="Alamofire", certificate_only=False)
    [problem] = check("certificate-hash-pin", pin_set(KEYS[0], semantics=semantics))
    assert (problem.severity, problem.remedy) == ("error", "pin the SPKI instead")
    assert problem.message == (
        f"{HOST}, pin {START}: a certificate hash; Alamofire stops matching it at the next renewal,"
        " even with the same key"
    )


def test_the_hash_of_a_file_in_the_tree_never_matches_a_key() -> None:
    declared = pin(certificate_file="certs/api.pem")
    assert said("certificate-hash-pin", pin_set(declared, KEYS[1])) == [
        f"{HOST}, pin {START}: the hash of the whole certificate certs/api.pem; Android compares keys,"
        " so it never matches"
    ]


def test_what_is_known_by_its_shape_is_a_warning() -> None:
    hashes = LEAF_HASH._replace(client="the app", certificate_only=False)
    by_form, by_file = (
        check("certificate-hash-pin", pin_set(KEYS[0], semantics=hashes, inferred=True)),
        check("certificate-hash-pin", pin_set(pin(certificate_file="certs/api.pem"), inferred=True)),
    )
    assert [(each.severity, each.message) for each in by_form + by_file] == [
        (
            "warning",
            f"{HOST}, pin {START}: a certificate hash, by its form; if it is, the app stops matching it at the"
            " next renewal",
        ),
        (
            "warning",
            f"{HOST}, pin {START}: the hash of the whole certificate certs/api.pem; if Android compares keys,"
            " it never matches",
        ),
    ]


def test_key_pins_and_placeholders_are_none() -> None:
    assert said("certificate-hash-pin", pin_set(*KEYS)) == []
    assert said("certificate-hash-pin", pin_set("A" * 43 + "=", semantics=LEAF_HASH)) == []
