"""The price page, and an owner's pages for plan and payments."""
