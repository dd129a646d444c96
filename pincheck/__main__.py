"""``python -m pincheck`` is the command ``pincheck``."""

import sys

from pincheck.cli import main

sys.exit(main())
