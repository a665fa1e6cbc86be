"""Months as they were known at a moment of recording, when they were published."""
