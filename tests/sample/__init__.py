"""A document that belongs to no business: what the kernel's own tests move about."""
