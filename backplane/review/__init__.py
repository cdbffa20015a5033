"""`backplane review`: what a change does, for a pull request, ranked by what can hurt."""
