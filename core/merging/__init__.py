"""Makes one of two records that are the same store, service or client, so that it can be taken back."""
