"""A Folium map for notebooks and maps of one's own, as offline as our pages: `page.render` writes it."""

from __future__ import annotations

from typing import Any

import folium
from folium.template import Template

from gridmap.maps.page import FILES


class OfflineMap(folium.Map):
    """A Folium map that needs no other host; same arguments as folium.Map, but no tiles unless given.

    jQuery is only linked when a folium.Popup is on the map. Raises LookupError (from `render`) when a plugin
    wants a script that is not vendored.
    """

    default_js = [("leaflet", FILES["leaflet"])]  # noqa: RUF012 -- Folium's own shape
    default_css = [("leaflet_css", FILES["leaflet_css"])]  # noqa: RUF012
    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <script>L_NO_TOUCH = false; L_DISABLE_3D = false;</script>
        {% endmacro %}
        {% macro html(this, kwargs) %}<div class="folium-map" id="{{ this.get_name() }}"></div>{% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }}, ...{{ this.options|tojavascript }}
        });
        if ({{ this.get_name() }}.attributionControl) {
            {{ this.get_name() }}.attributionControl.setPrefix(false);
        }
        {% if this.control_scale %}L.control.scale({imperial: false}).addTo({{ this.get_name() }});{% endif %}
        {% endmacro %}
        """
    )

    def __init__(self, location: tuple[float, float] | None = None, **options: Any):
        options.setdefault("tiles", None)
        options.setdefault("maxZoom", 20)  # no tile layer sets it, and plugins want to know
        super().__init__(location, **options)
