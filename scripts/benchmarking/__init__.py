"""What `make bench` and `make bench-build` measure."""
