"""Reports: what somebody saw, placed on the grid of its own day."""
