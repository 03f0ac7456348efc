"""Makes one of two records that are the same thing or person, so that it can be taken back."""
