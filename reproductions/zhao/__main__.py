"""`python -m reproductions.zhao`"""

import sys

from reproductions.zhao import PAPER
from shared.running.cli import main

if __name__ == "__main__":
    sys.exit(main(PAPER))
