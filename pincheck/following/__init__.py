"""Names and calls of source code -> the values they come to, across files; nothing is ever run.

``worlds`` tries every way a value can come about, ``names`` finds what a name may mean, ``parameters``
what callers give, ``calls`` knows what common functions give back, ``values`` puts a value together,
and ``follow`` does it for everything that the parsers seek.
"""
