"""Product code that plays the product: the demo company and the replay of a retail file."""
