"""Stack programs: one module a backend."""
