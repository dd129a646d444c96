"""Facts from certificates and keys; the only door to the ``cryptography`` library."""
