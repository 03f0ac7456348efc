"""The life of a chain after it was made: exported, restored, suspended, moved to another address, erased."""
