"""The backdrop: rivers, roads and hills drawn under the grids where no basemap is configured."""
