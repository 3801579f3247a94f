"""`python -m iib`, where the command is not on the path."""

import sys

from iib.cli import main

sys.exit(main())
