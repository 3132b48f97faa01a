"""`python -m reproductions.zebin`"""

import sys

from reproductions.zebin import PAPER
from shared.running.cli import main

if __name__ == "__main__":
    sys.exit(main(PAPER))
