"""The arithmetic of billing and crediting. Pure."""
