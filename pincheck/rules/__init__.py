"""One file per rule: a subject -> Problems. The file's name is the rule's name."""
