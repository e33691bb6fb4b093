import asyncio
import socket

import pytest
from pytest_socket import SocketBlockedError

from tests.unit.driving import run


@pytest.mark.filterwarnings("ignore:A test tried to use socket.socket:UserWarning")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX], ids=["network", "machine"])
def test_a_unit_test_opens_no_socket(family):
    """
    Not even one that stays on this machine.
    """
    with pytest.raises(SocketBlockedError):
        socket.socket(family)


def test_a_unit_test_waits_for_nothing():
    """
    What really waits makes its test fail.
    """
    with pytest.raises(pytest.fail.Exception, match="waited for something real"):
        run(asyncio.sleep(0))
