"""How large a file and its parts may be. What an honest file holds is far below each; docs/import.md lists them."""

# A sheet's own limits, as every spreadsheet program has them.
SHEET_ROWS = 1_048_576
SHEET_COLUMNS = 16_384
# Of columns that hold something.
MOST_COLUMNS = 500
# Bytes, or characters of UTF-16.
LONGEST_LINE = 1 << 20
# Characters.
LONGEST_CELL = 131_072
# One after the other: as many as a sheet that was saved as text with all its rows.
MOST_BLANK_ROWS = SHEET_ROWS

# What goes to the parent at once.
CHUNK_ROWS = 4000
CHUNK_SIZE = 4 << 20

# A workbook, unpacked.
LARGEST_UNPACKED = 2 << 30
# What an honest sheet of empty-looking rows packs to; a bomb packs to a thousandth.
LARGEST_RATIO = 200
SMALLEST_SUSPECT = 10 << 20
LARGEST_SHARED_STRINGS = 100 << 20
LARGEST_STYLES = 32 << 20
LARGEST_DIRECTORY_PART = 8 << 20
MOST_PARTS = 10_000
# Cells merged over rows or columns.
MOST_MERGED = 100_000
