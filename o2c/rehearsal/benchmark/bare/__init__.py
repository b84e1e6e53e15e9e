"""The order cycle in bare SQL: what the same work costs when nothing but the database does it."""
