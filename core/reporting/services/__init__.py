"""What keeps facts and sums current as visits change."""
