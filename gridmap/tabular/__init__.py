"""Tables from files: CSV, TSV, spreadsheets, NDJSON and GeoJSON points as rows of text with row numbers.

Reading only: what a column means, and whether a value is right, is the business of the domain that asked.
CSV, TSV and NDJSON stream (a file of a million rows needs no more memory than one of ten); spreadsheets
and GeoJSON are read whole, so they have lower limits of their own.
"""

from gridmap.tabular.ahead import read_ahead
from gridmap.tabular.apart import Source, read_apart
from gridmap.tabular.columns import choose_columns
from gridmap.tabular.days import plain_day
from gridmap.tabular.encodings import detect_encoding
from gridmap.tabular.model import LINE_LIMIT, WHOLE_LIMIT, Block, Row, RowProblem, Table, refused_rows
from gridmap.tabular.numbers import NUMBER, plain_number, plain_numbers
from gridmap.tabular.reading import DELIMITED, open_table

__all__ = [
    "DELIMITED",
    "LINE_LIMIT",
    "NUMBER",
    "WHOLE_LIMIT",
    "Block",
    "Row",
    "RowProblem",
    "Source",
    "Table",
    "choose_columns",
    "detect_encoding",
    "open_table",
    "plain_day",
    "plain_number",
    "plain_numbers",
    "read_ahead",
    "read_apart",
    "refused_rows",
]
