"""A month as a package of files: what is drawn, the numbers as XLSX, the layers as GPKG, and the manifest."""
