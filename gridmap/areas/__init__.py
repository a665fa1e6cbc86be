"""Areas: jurisdictions, dated editions of polygons, and where a coordinate lies in them."""
