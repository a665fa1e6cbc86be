"""Vector files: features with properties and lon/lat geometries from any format a GIS officer hands in.

Reading only, shared by areas, places and the backdrop; what a feature means is theirs to say.
"""

from gridmap.vectors.model import Feature, Layer, Remark
from gridmap.vectors.reading import digest, read_layer

__all__ = ["Feature", "Layer", "Remark", "digest", "read_layer"]
