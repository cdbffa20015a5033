"""Lambda code of the backends: a folder a domain, a module a function."""
