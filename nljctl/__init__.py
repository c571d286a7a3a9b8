"""nljctl: moves a live xAPI stream from a legacy consumer to FastStream and back, and proves that nothing was lost or doubled."""

__version__ = "0.1.0"
