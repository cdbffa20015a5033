"""The `backplane` command: a whole backend on this machine, and previews that a reviewer can read."""
