"""The HTTP service: analytics in the platform's shapes, the state of the move, and the page `/migration` (docs/api.md)."""
