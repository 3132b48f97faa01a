"""`python -m reproductions.basu`"""

import sys

from reproductions.basu import PAPER
from shared.running.cli import main

if __name__ == "__main__":
    sys.exit(main(PAPER))
