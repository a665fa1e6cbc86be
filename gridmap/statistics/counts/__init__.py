"""Monthly counts of reports: deltas folded into a rollup, proved against the rows, cut to other editions."""
