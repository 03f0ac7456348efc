"""Mail as rows that are written with what they tell of, and delivered afterwards."""
