"""The program that reads a large table for `read_apart`."""

from gridmap.tabular.apart import send

send()
