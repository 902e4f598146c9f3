"""`python -m srmlib` is the srmlib command."""

import sys

from srmlib.cli import main

sys.exit(main())
