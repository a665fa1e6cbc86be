"""The pure ground floor: datums, shapes, partitions, the locator and density surfaces.

NumPy and Shapely in, NumPy and Shapely out. No files, no database, no network; of gridmap's own modules
only `errors` is known here. Coordinates are always lon, lat (x, y) in EPSG:4326 unless a name says metres.
"""
