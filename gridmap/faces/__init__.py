"""The faces of gridmap on HTTP: the REST interface and the pages. Nothing below imports from here."""
