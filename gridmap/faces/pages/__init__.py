"""The pages: the district map, places, heat maps, and what they need from this host."""
