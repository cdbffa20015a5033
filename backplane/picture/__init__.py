"""An architecture picture, drawn from the graph of a program."""
