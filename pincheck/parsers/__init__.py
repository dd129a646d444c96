"""One file per format: a SourceFile -> what it declares, verbatim. Parsers judge nothing."""
