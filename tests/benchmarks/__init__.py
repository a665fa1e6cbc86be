"""Benchmarks (`make bench`): each a ratio against a named peer in the same run. Tests never assert a time."""
