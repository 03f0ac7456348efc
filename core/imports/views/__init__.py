"""The pages of imports. Headquarters' alone."""
