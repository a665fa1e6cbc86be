"""The database: the private PostGIS, sessions, tables and migrations. The domains' SQL is in their stores."""
