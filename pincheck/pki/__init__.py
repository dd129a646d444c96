"""Facts from certificates and keys; the only door to ``cryptography`` and ``certifi``."""
