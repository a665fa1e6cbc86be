"""The month's bulletin: one digest told on eight A4 pages and as one HTML page that needs nothing else.

What it says is made once, as plain values (content); paper and templates only lay it out.
"""
