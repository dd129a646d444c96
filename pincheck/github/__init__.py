"""GitHub, as the Action meets it: events, pull requests, comments, issues."""
