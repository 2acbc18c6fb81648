"""What `make bench-build` measures."""
