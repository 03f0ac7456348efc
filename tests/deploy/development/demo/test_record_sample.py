"""What is recorded of the sample is what the generator gives."""

from zipfile import ZipFile

import pytest

from core.start.services.sample_files import LANGUAGES, LAST_DAY, PREFIX, archive_of
from deploy.development.demo.record_sample import sample_files
from deploy.development.demo.sample import sample


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_product_ships_what_the_generator_gives(language: str) -> None:
    with ZipFile(archive_of(language)) as archive:
        recorded = {name: archive.read(name) for name in archive.namelist()}
    generated = sample_files(language)
    assert list(recorded) == list(generated)
    assert recorded == generated, "run python -m deploy.development.demo.record_sample"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_visit_and_the_codes_are_as_the_product_takes_them(language: str) -> None:
    plan, data = sample(language=language)
    assert max(visit.started_at.date() for visit in data.visits) == LAST_DAY
    codes = [store.code for store in plan.stores] + [item.code for item in plan.items]
    codes += [client.ref for client in data.clients] + [visit.ref for visit in data.visits]
    assert all(code.startswith(PREFIX) for code in codes)
    assert len({visit.ref for visit in data.visits}) == len(data.visits)
