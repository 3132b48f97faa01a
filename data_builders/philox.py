"""TensorFlow's stateless random numbers for many keys at once, to the bit, in NumPy.

`tf.random.fold_in` and `tf.random.stateless_uniform` take one key a call: a loop over the images of a batch
took longer than what the images then undergo. Philox 4×32-10 is that of Salmon, Moraes, Dror and Shaw,
"Parallel random numbers: as easy as 1, 2, 3" (SC 2011); how a seed becomes key and counter is TensorFlow's.
"""

import numpy as np

SCRAMBLING = 0x02461E293EC8F720
"""TensorFlow's key for making keys of seeds (core/kernels/stateless_random_ops.cc)."""
MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], np.uint64)
STEPS = np.array([0x9E3779B9, 0xBB67AE85], np.uint32)
ROUNDS = 10
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def uniforms(seed: int, epoch: int, purpose: int, ids: np.ndarray, count: int) -> np.ndarray:
    """(ids, count) numbers in [0, 1): `stateless_uniform` under the key with purpose and id folded in."""
    # The purpose is a Python number, of which TensorFlow makes 32 bits.
    of_purpose = _bits(np.array([[seed, epoch]], np.int64), 1)[0, :1].view(np.int32)
    key = np.array([of_purpose[0], purpose], np.int64)
    keys = folded(np.tile(key, (len(ids), 1)), np.asarray(ids, np.int64))
    bits = _bits(keys, -(-count // 4))[:, :count]
    return ((bits & np.uint32(0x7FFFFF)) | np.uint32(127 << 23)).view(np.float32) - np.float32(1)


def folded(seeds: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """`fold_in` of each of (n, 2) seeds with its number."""
    low, high = _bits(seeds, 1)[:, :2].astype(np.uint64).T
    return np.stack([(low | high << HALF).view(np.int64), numbers], axis=1)


def _bits(seeds: np.ndarray, blocks: int) -> np.ndarray:
    """(n, 4 × blocks) random words under each of (n, 2) seeds."""
    scrambling = np.full(len(seeds), SCRAMBLING, np.uint64)
    mixed = _philox(scrambling, _words(seeds[:, 0], seeds[:, 1]))
    key = mixed[:, 0].astype(np.uint64) | mixed[:, 1].astype(np.uint64) << HALF
    places = np.zeros((len(seeds), 4), np.uint32)
    places[:, 2:] = mixed[:, 2:]
    found = []
    for block in range(blocks):
        places[:, 0] = block
        found.append(_philox(key, places))
    return np.concatenate(found, axis=1)


def _words(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Two columns of 64 bits as four of 32, the lower half first."""
    return np.ascontiguousarray(np.stack([first, second], axis=1)).view(np.uint32)


def _philox(key: np.ndarray, counter: np.ndarray) -> np.ndarray:
    """Four words for each (key, counter)."""
    keys = _words(key, key)[:, :2].copy()
    words = counter.astype(np.uint64)
    for _ in range(ROUNDS):
        first, second = words[:, 0] * MULTIPLIERS[0], words[:, 2] * MULTIPLIERS[1]
        words = np.stack(
            [
                (second >> HALF) ^ words[:, 1] ^ keys[:, 0],
                second & LOW,
                (first >> HALF) ^ words[:, 3] ^ keys[:, 1],
                first & LOW,
            ],
            axis=1,
        )
        keys += STEPS
    return words.astype(np.uint32)
