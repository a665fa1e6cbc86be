"""Beyond one machine: reports in partitioned GeoParquet, placed, re-cut and counted on Dask.

What lives here: reading and writing partitions, the work on one of them, and the cluster it is handed to.
What does not: where a point lies (areas.atlas) and the database, which a worker never sees.
"""
