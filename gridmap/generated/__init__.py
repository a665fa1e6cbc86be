"""Large cases on demand: seeded reports and nations of grids, loaded through the same doors as anybody's."""
