"""Which files hold environment variables for a build."""

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
