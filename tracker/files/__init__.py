"""Papers in and out as files: what may be attached is checked and kept here."""
