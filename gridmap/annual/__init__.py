"""The year in figures: what the subdistrict's own report of its year counts, derived from what is stored."""
