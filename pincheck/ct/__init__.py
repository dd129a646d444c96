"""Certificates that public logs hold for a host (Certificate Transparency, RFC 9162), as search services tell."""
