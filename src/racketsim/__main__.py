"""`python -m racketsim` is the command line."""

from racketsim.cli.main import main

main()
