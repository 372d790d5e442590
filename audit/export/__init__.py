"""Evidence for somebody outside: a bundle that is checked without us, and the program that checks it."""
