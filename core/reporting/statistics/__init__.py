"""Statistics of the metric dictionary: pure functions on counts, without Django and without a database.

scipy.stats is never imported here: it takes seconds to load, which the command line would pay on every call.
"""
