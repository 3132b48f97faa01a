"""`python -m reproductions.altaf`"""

import sys

from reproductions.altaf import PAPER
from shared.running.cli import main

if __name__ == "__main__":
    sys.exit(main(PAPER))
