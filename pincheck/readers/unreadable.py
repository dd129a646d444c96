"""How a reader says that a file cannot be read."""


class Unreadable(Exception):
    """The file cannot be read as what it should be; the message says why, in half a sentence.

    ``scan.parse_all`` alone catches it, and lists the file under *not checked*.
    """
