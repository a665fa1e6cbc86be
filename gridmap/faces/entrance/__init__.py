"""Who comes in and what they may do: before every route, and as a route has it."""
