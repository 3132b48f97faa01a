"""TensorFlow's stateless random numbers for many keys at once, to the bit, in NumPy.

`tf.random.fold_in` and `tf.random.stateless_uniform` take one key a call: a loop over the images of a batch
took longer than what the images then undergo. Philox 4×32-10 is that of Salmon, Moraes, Dror and Shaw,
"Parallel random numbers: as easy as 1, 2, 3" (SC 2011); how a seed becomes key and counter is TensorFlow's.
"""

import numpy as np

SCRAMBLING = np.array([0x3EC8F720, 0x02461E29], np.uint32)
"""TensorFlow's key for making keys of seeds (core/kernels/stateless_random_ops.cc)."""
MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], np.uint64)
STEPS = np.array([0x9E3779B9, 0xBB67AE85], np.uint32)
ROUNDS = 10
LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def uniforms(seed: int, epoch: int, purpose: int, ids: np.ndarray, count: int) -> np.ndarray:
    """(ids, count) numbers in [0, 1): `stateless_uniform` under the key with purpose and id folded in."""
    # The purpose is a Python number, of which TensorFlow makes 32 bits.
    of_purpose = _bits(np.array([[seed, epoch]], np.int64), 1)[0, :1].view(np.int32)
    key = np.array([of_purpose[0], purpose], np.int64)
    keys = _folded(np.tile(key, (len(ids), 1)), np.asarray(ids, np.int64))
    bits = _bits(keys, -(-count // 4))[:, :count]
    return ((bits & np.uint32(0x7FFFFF)) | np.uint32(127 << 23)).view(np.float32) - np.float32(1)


def _folded(seeds: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """`fold_in` of each of (n, 2) seeds with its number."""
    return np.stack([_bits(seeds, 1).view(np.int64)[:, 0], numbers], axis=1)


def _bits(seeds: np.ndarray, blocks: int) -> np.ndarray:
    """(n, 4 × blocks) random words under each of (n, 2) seeds."""
    mixed = _philox(SCRAMBLING, seeds.view(np.uint32))
    places = np.zeros((len(seeds), 4), np.uint32)
    places[:, 2:] = mixed[:, 2:]
    found = []
    for block in range(blocks):
        places[:, 0] = block
        found.append(_philox(mixed[:, :2], places))
    return np.concatenate(found, axis=1)


def _philox(key: np.ndarray, counter: np.ndarray) -> np.ndarray:
    """Four words for each counter of four, under its key of two; of 64 bits the lower half comes first."""
    key, words = np.broadcast_to(key, (len(counter), 2)).copy(), counter.astype(np.uint64)
    for _ in range(ROUNDS):
        first, second = words[:, 0] * MULTIPLIERS[0], words[:, 2] * MULTIPLIERS[1]
        words = np.stack(
            [
                (second >> HALF) ^ words[:, 1] ^ key[:, 0],
                second & LOW,
                (first >> HALF) ^ words[:, 3] ^ key[:, 1],
                first & LOW,
            ],
            axis=1,
        )
        key += STEPS
    return words.astype(np.uint32)
