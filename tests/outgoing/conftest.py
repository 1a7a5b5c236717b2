"""A service that may deliver to loopback, and its delivery worker."""

from dataclasses import replace

import pytest

from service.operations.service import DeliveryRules
from tests.outgoing.delivering import courier_of
from tests.receiver import LOOPBACK


@pytest.fixture
def service(service):
    """The small service, which may deliver to loopback."""
    return replace(service, delivery=DeliveryRules(allowed=LOOPBACK))


@pytest.fixture
def courier(service):
    """A delivery worker that is stepped by hand."""
    courier = courier_of(service)
    yield courier
    courier.stop()
