"""What pincheck raises when it is misused, and how a run ends; failures of the world are values (see ``model``)."""

EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_FAILED = 0, 1, 2, 3
EXIT_INTERRUPTED = 130
"""Exit codes, of the command line and of the Action."""


class PincheckError(Exception):
    """The run cannot go on; the message tells the user why. ``cli.main`` turns it into exit code 2."""


class UsageError(PincheckError):
    """The command line asks for something that does not exist."""


class ConfigError(PincheckError):
    """The configuration file cannot be used; the message names its line."""
