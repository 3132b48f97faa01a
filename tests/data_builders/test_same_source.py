"""Sources: chains of copies and of patients."""

import numpy as np

from data_builders.same_source import joined


def test_sources_join_copies_and_patients_in_chains():
    """0 and 1 are copies, 1 and 2 one patient, 3 and 4 both of unknown patients and no copies."""
    copies, patients = np.array([0, 0, 1, 2, 3]), np.array(["", "a", "a", "", ""])
    assert joined(copies, patients).tolist() == [0, 0, 0, 3, 4]
