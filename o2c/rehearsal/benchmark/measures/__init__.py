"""One module per measure. Each measures one thing and returns its figures."""
