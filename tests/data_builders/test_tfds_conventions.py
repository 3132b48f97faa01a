"""TFDS's own test of every builder (registered, prepared, read back, whole), on images made at test time."""

import shutil
import tempfile

import pytest

pytest.importorskip("dill", reason="TFDS's test case wants it (pip install dill)")

import tensorflow_datasets as tfds

from data_builders import phantom
from data_builders.chest_xray14 import ChestXray14
from data_builders.covid_chestxray import CovidChestxray
from data_builders.covid_ct import CovidCt
from data_builders.covidx_ct import CovidxCt
from data_builders.kermany_pneumonia import KermanyPneumonia
from data_builders.mendeley_covid import MendeleyCovid
from data_builders.sars_cov2_ct import SarsCov2Ct


class Case:
    """A look-alike with six images of each class stands where TFDS expects the files."""

    BUILDER_CONFIG_NAMES_TO_TEST = ("complete",)

    @classmethod
    def setUpClass(cls):
        cls.EXAMPLE_DIR = tempfile.mkdtemp()
        phantom.write(cls.DATASET_CLASS.name, cls.EXAMPLE_DIR, per_class=6, side=8, patients=3)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.EXAMPLE_DIR)


def _case(builder, images):
    body = {"DATASET_CLASS": builder, "SPLITS": {"images": images}}
    return type(f"Test{builder.__name__}", (Case, tfds.testing.DatasetBuilderTestCase), body)


TestSarsCov2Ct = _case(SarsCov2Ct, 12)
TestCovidCt = _case(CovidCt, 12)
TestCovidxCt = _case(CovidxCt, 18)
TestChestXray14 = _case(ChestXray14, 96)
TestCovidChestxray = _case(CovidChestxray, 27)
TestKermanyPneumonia = _case(KermanyPneumonia, 12)
TestMendeleyCovid = _case(MendeleyCovid, 24)
