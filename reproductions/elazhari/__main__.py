"""`python -m reproductions.elazhari`"""

import sys

from reproductions.elazhari import PAPER
from shared.running.cli import main

if __name__ == "__main__":
    sys.exit(main(PAPER))
