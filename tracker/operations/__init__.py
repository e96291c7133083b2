"""Writing: one function per use case, one transaction each, with its history row in it."""
