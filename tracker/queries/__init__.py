"""Reading: a question in, rows out. Nothing here changes anything."""
