"""`python -m texting`: the command line where its script is not on the path."""

from texting.cli import main

main()
