"""What tests of evidence packs do: fill a log, make a pack, look into it, and have the verifier look at it."""

import csv
import io
import json
import zipfile

from service.audit import verifier
from service.operations.auditing.export import make_pack, read_asked, write_pack
from service.operations.auditing.prove import read_log_keys
from service.operations.evaluate import evaluate_profile
from tests.operations.auditing.logs import seal_all
from tests.small import DAY, KEY, asking, request

PROFILES = 5


def fill(service, clock, evaluations: int = 40, step: int = DAY // 8) -> int:
    """Decide about some profiles, time passing; every eighth time what waits is sealed. The size of the log then."""
    for number in range(evaluations):
        clock.at += step
        evaluate_profile(service, KEY, request(asking(f"u{number % PROFILES}", visits=number % 6)))
        if number % 8 == 7:
            seal_all(service)
    return seal_all(service)


def export(service, **asked) -> tuple[bytes, dict]:
    """A pack, and what was said of it."""
    to = io.BytesIO()
    made = write_pack(make_pack(service, read_asked(service, asked)), to)
    return to.getvalue(), made


def look_into(pack: bytes) -> dict[str, bytes]:
    """Its files."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def lines(files: dict[str, bytes], name: str) -> list:
    """The JSON objects of a file."""
    return [json.loads(line) for line in files[name].splitlines()]


def table(files: dict[str, bytes]) -> list[dict[str, str]]:
    """The decisions as a spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(files["decisions.csv"].decode())))


def verified(service, pack: bytes, path):
    """What the verifier says of a pack."""
    path.write_bytes(pack)
    keys = [verifier.read_key(str(key)) for key in read_log_keys(service)[1]]
    return verifier.verify(verifier.Pack(path), keys)
