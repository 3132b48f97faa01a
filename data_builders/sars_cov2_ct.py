"""SARS-CoV-2-CT-Scan: slices of hospitals in Sao Paulo, two class folders, no patient ids."""

from __future__ import annotations

from pathlib import Path

from data_builders.builder import Builder
from data_builders.published import dataset
from data_builders.scanning import Scan, add_class, add_strays


class SarsCov2Ct(Builder):
    """TFDS builder of SARS-CoV-2-CT-Scan."""

    MANUAL_DOWNLOAD_INSTRUCTIONS = dataset("sars_cov2_ct").instructions

    @staticmethod
    def scan(root: Path) -> Scan:
        """Both class folders."""
        scan = Scan()
        for label, kind in enumerate(dataset("sars_cov2_ct").classes):
            add_class(scan, root, kind, label)
        add_strays(scan, root)
        return scan
