"""The command line: one module per command, thin. Each parses, calls a function that Python can call too, and renders what it gives."""
