"""Looks at live hosts: the only package that opens connections."""
