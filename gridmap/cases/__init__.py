"""Cases: who handles what was reported, by when, and the history that proves it."""
