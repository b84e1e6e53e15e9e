"""What the product costs, measured beside the same work in bare SQL on the same server."""
