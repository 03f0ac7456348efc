"""A report in words, rows and choices: what its pages, charts and exports have in common."""
