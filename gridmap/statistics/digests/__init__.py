"""A month's digest: every number that a bulletin prints, gathered once from counts, cells and few rows."""
