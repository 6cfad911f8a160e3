"""How fast racketsim is, measured against other tools and against this machine: `python -m benchmarks --help`."""
