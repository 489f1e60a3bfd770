"""The drawn twins of the data sets."""
