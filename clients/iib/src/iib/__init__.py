"""The command line client of Images in bulk: `iib run prompts.csv --out folder/`."""

VERSION = "0.1.0"
