"""Public datasets on Kaggle, by Kaggle's own client.

kagglehub knows the addresses, and a login where there is one; it resumes a broken transfer and marks what is
complete. It does not try again by itself, and of an archive that is damaged it asks for no byte more.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from data_builders.unpacking import DAMAGE
from shared.base import download
from shared.base.errors import UserError


def fetch(handle: str, cache: Path) -> Path:
    """The unpacked dataset, somewhere below that folder; a later call continues an earlier one."""
    os.environ |= {"KAGGLEHUB_CACHE": str(cache), "KAGGLEHUB_VERBOSITY": "error"}
    os.environ |= {"DISABLE_COLAB_CACHE": "true", "DISABLE_KAGGLE_CACHE": "true"}
    most, vain = 0, 0
    while True:
        try:
            return _once(handle)
        except download.Interrupted as error:
            reason = str(error)
        except DAMAGE as error:
            shutil.rmtree(cache, ignore_errors=True)
            reason = f"the archive is damaged ({error})"
        there = _bytes(cache)
        vain, most = (0, there) if there > most else (vain + 1, most)
        if vain == download.TRIES:
            raise UserError(f"{handle}: {reason}: run the same command again to resume")
        time.sleep(download.PAUSE * 2 ** max(vain - 1, 0))


def _once(handle: str) -> Path:
    """One call; its errors are those of a broken connection, of a damaged archive, or final."""
    import kagglehub
    import requests
    from kagglehub import exceptions

    try:
        return Path(kagglehub.dataset_download(handle))
    except exceptions.DataCorruptionError as error:
        raise EOFError("its MD5 is another than the server's") from error
    except ValueError as error:
        if "archive" not in str(error):
            raise
        raise EOFError("it is no archive") from error
    except requests.HTTPError as error:
        code = error.response.status_code if error.response is not None else 0
        if code in download.LATER:
            raise download.Interrupted(f"the server answers {code}") from error
        raise UserError(f"{handle}: Kaggle answers {code or error}") from error
    except (exceptions.UnauthenticatedError, exceptions.CredentialError, exceptions.NotFoundError) as error:
        raise UserError(f"{handle}: Kaggle wants a login, or has no such dataset ({error})") from error
    except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
        raise download.Interrupted(f"the connection broke ({type(error).__name__})") from error


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
