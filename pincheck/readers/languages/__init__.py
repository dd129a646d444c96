"""One file a language: what the nodes of its grammar mean."""
