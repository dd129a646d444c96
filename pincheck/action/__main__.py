"""The Action's entry: what the runner gives -> the mode for it, and an exit code."""

import os
import sys

from pincheck.action import events, inputs, log, modes
from pincheck.action.step import Step, Token
from pincheck.errors import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, PincheckError, UsageError


def main() -> int:
    """Run the Action; return 0 clean, 1 findings, 2 wrong inputs or configuration, 3 a bug, 130 interrupted."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    given = os.environ.pop("PINCHECK_TOKEN", "")  # before anything else is run, so that no child inherits it
    try:
        environment = dict(os.environ)
        step = Step(inputs.read(environment), events.read(environment), environment, _token(given))
        return modes.run(step)
    except PincheckError as error:
        log.say("error", str(error))
        return EXIT_USAGE
    except KeyboardInterrupt:
        log.say("error", "interrupted before all was checked")
        return EXIT_INTERRUPTED
    except Exception:  # noqa: BLE001 - an uncaught exception would exit with 1, which means findings
        import traceback

        log.show(traceback.format_exc())
        log.say("error", "pincheck failed; this is a bug in pincheck, not in what it read")
        return EXIT_FAILED


def _token(given: str) -> Token:
    """The token, which goes into a header; a wrong one is not shown, as part of it may be right."""
    token = given.strip()
    if not all("!" <= character <= "~" for character in token):
        raise UsageError("token: holds blanks or characters that no token has")
    return Token(token)


if __name__ == "__main__":
    sys.exit(main())
