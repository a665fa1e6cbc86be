"""`python -m gridmap` is `gridmap`."""

from gridmap.cli import main

main()
