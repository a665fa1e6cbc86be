"""Vector tiles (Mapbox Vector Tile 2.1) of areas and of reports."""
