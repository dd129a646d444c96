"""Find the TLS pins a mobile app declares and the day they lock its users out."""

__version__ = "0.1.0"
