"""Maps: the pages, the printed sheet and the month's numbers. Values in, HTML and bytes out; no SQL here."""
