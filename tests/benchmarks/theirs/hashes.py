"""Near duplicates by imagededup's perceptual hashes: `hashes.py FOLDER`."""

import json
import logging
import sys
import time

from served import serve
from torch_nets import torchvision_models


def main(folder):
    """Serves {method: [seconds, pairs]} of a folder of PNG files."""
    torchvision_models()  # imagededup imports torchvision, whatever the method
    logging.disable(logging.WARNING)
    from imagededup.methods import DHash, PHash

    def found():
        answer = {}
        for method in (PHash, DHash):
            began = time.perf_counter()
            hasher = method(verbose=False)
            hashes = hasher.encode_images(folder)
            duplicates = hasher.find_duplicates(encoding_map=hashes, max_distance_threshold=10)
            pairs = {tuple(sorted((one, other))) for one, others in duplicates.items() for other in others}
            answer[method.__name__] = [time.perf_counter() - began, sorted(pairs)]
        return json.dumps(answer)

    serve(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
