"""What the company knows before the first order: parties, goods, prices, taxes, terms, places."""
