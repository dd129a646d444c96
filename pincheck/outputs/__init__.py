"""One file per output: a Report -> text. Outputs judge nothing and open nothing."""
