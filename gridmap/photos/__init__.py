"""Photos of reports: made safe, stored with their report for good, shown to whoever may see it."""
