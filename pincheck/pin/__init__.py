"""``pincheck pin``: the pins of hosts, certificates, requests and keys."""
