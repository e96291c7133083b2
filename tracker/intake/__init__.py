"""Papers and sheets in: a file in, proposals out; nothing is stored, and nothing is asked of the network."""
