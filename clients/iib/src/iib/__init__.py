"""The command line client of images-in-bulk: `iib run prompts.csv --out folder/`."""

VERSION = "0.1.0"
