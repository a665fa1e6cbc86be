"""What a service keeps in memory, and how it learns that it has changed."""
