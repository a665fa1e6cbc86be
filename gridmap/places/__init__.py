"""Places: dated points and polygons of public interest, their kinds and opening hours."""
