"""What run.py and Schemathesis's hooks share."""
