"""Runtime `local`: real services as child processes of this machine, their data and logs under one folder (docs/local-runtime.md)."""
