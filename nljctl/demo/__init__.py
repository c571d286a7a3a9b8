"""The whole story on a local stack of its own: what `nljctl demo` does, step by step."""
