"""What pincheck raises when it is misused; failures of the world are values (see ``model``)."""


class PincheckError(Exception):
    """The run cannot go on; the message tells the user why. ``cli.main`` turns it into exit code 2."""


class UsageError(PincheckError):
    """The command line asks for something that does not exist."""


class ConfigError(PincheckError):
    """The configuration file cannot be used; the message names its line."""
