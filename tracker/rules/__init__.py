"""The rules of the field: pure, without clock, database, request or models."""
