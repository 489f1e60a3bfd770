"""Where the files of a model are: paths, checksums, download, upload."""
