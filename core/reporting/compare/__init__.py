"""Comparisons for any metric of a kind that allows them: tests, adjusted rates, the split of a gap, funnel, ranking,
change."""
