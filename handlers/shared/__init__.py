"""What the functions of every domain share. Import the modules, not this package: it holds nothing."""
