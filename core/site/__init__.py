"""The frame of a chain's site: what its pages have around them, where it begins, and in which language it speaks."""
