"""People, the posts they hold from day to day, who answers for a place, and what signs people in."""
