"""Facts of visit days, kept current as visits change: the only place that knows how they are stored."""
