"""Statistics: the month in numbers."""
