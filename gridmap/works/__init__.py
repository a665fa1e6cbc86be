"""Work records: counted efforts and outcomes, and the reports they belong to."""
