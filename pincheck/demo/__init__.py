"""``pincheck demo``: a key rotation that locks users out, and pincheck looking on, all on this machine."""
