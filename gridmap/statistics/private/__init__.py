"""Private categories: which of their counts by area are shown, so that none that is masked can be found.

Of a private category are published, by month: the district's total, the counts by community and by grid as
the reports were placed, and the same counts on the month's map. All come from one decision here, so that no
two of these tables differ in what they mask. Places (points, cells, surfaces, piles) are not shown at all.
The rule for one table is statistics.masking.
"""
