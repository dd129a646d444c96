"""Which files hold environment variables for a build."""

import re

ENV_FILES = (
    "*.env",
    *(
        f".env.{name}"
        for name in (
            *(
                "local",
                "production",
                "prod",
                "release",
                "live",
                "staging",
                "stage",
                "uat",
                "qa",
                "preprod",
                "test",
            ),
            *("development", "dev", "debug", "example", "sample", "template", "dist", "defaults"),
        )
    ),
)
"""Files of environment variables. The names are listed, as a glob that ends in a star fits every file."""

_SAMPLE = (
    r"(?i)(?:^|/)(?:[^/]*\.env[^/]*\.(?:examples?|samples?|template|dist|defaults?)"
    r"|(?:[^/]*[._-])?(?:example|sample|template)\.env)$"
)


def is_sample(path: str) -> bool:
    """Tell a file that shows which variables there are, and that no build reads: ``.env.example``."""
    return bool(re.search(_SAMPLE, path))
