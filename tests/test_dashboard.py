"""What `srmlib dashboard` takes and refuses; a browser opens it in test_browser_dashboard.py."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from srmlib import dashboard
from srmlib.cli import main
from srmlib.dashboard.server import PAGE, Dashboard, QuizDashboard
from srmlib.errors import SrmError
from srmlib.matrix import load_matrix


@pytest.fixture
def restored() -> Iterator[None]:
    """A server takes the signal to itself, and pytest would never get it again."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def server(restored: None) -> Dashboard:
    return Dashboard()


def test_without_voila_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "find_spec", lambda name: None)
    with pytest.raises(SrmError, match=r"pip install 'srmlib\[lab\]'"):
        dashboard.open_dashboard()


def test_options_are_voilas_and_folders_reach_the_page(
    monkeypatch: pytest.MonkeyPatch, data: Path, tmp_path: Path
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(Dashboard, "launch_instance", started.append)
    monkeypatch.setenv(dashboard.SETTINGS, "{}")
    monkeypatch.chdir(tmp_path)
    assert main(["dashboard", "--data", "data", "--no-browser", "--port", "9000"]) == 0
    assert started == [["--no-browser", "--port", "9000"]]
    told = json.loads(os.environ[dashboard.SETTINGS])
    assert told == {"data": str(data), "overlay": [], "folder": str(tmp_path), "quiz": None}


@pytest.mark.parametrize(
    ("words", "services", "rest"),
    [
        (["--quiz"], list(dashboard.QUIZ_SERVICES), []),
        (["--quiz", "rds", "s3", "--port", "9000"], ["rds", "s3"], ["--port", "9000"]),
        (["--no-browser", "--quiz", "rds", "--quiz", "s3"], ["rds", "s3"], ["--no-browser"]),
        (["--quiz", "--port=9000"], list(dashboard.QUIZ_SERVICES), ["--port=9000"]),
    ],
)
def test_a_quiz_of_the_named_services_takes_the_explorers_place(
    monkeypatch: pytest.MonkeyPatch, words: list[str], services: list[str], rest: list[str]
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(Dashboard, "launch_instance", lambda options: pytest.fail("the explorer"))
    monkeypatch.setattr(QuizDashboard, "launch_instance", started.append)
    monkeypatch.setenv(dashboard.SETTINGS, "{}")
    assert main(["dashboard", *words]) == 0
    assert started == [rest]
    view = dashboard.show_quiz()
    assert sorted(view.matrix.services) == sorted(services)


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (["rsd"], "srmlib: 'rsd' is no service here; did you mean rds"),
        (["rds", ""], "srmlib: '' is no service here"),
        (load_matrix().services[:16], "16 services are too many for a quiz; name 15 at most"),
    ],
    ids=["unknown", "empty", "too many"],
)
def test_services_that_cannot_be_asked_are_one_line_and_no_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ids: list[str], told: str
) -> None:
    monkeypatch.setattr(QuizDashboard, "launch_instance", lambda options: pytest.fail("started"))
    assert main(["dashboard", "--quiz", *ids]) == 2
    fault = capsys.readouterr().err
    assert told in fault
    assert fault.count("\n") == 1


def test_the_help_names_the_services_of_the_quiz(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["dashboard", "--help"])
    assert " ".join(dashboard.QUIZ_SERVICES) in " ".join(capsys.readouterr().out.split())


def test_the_quiz_is_asked_by_the_same_server(restored: None) -> None:
    server = QuizDashboard()
    server.initialize(["--port=9000"])
    assert Path(server.notebook_path).name == "quiz.ipynb"
    assert len(server.token) == 48
    with pytest.raises(SrmError, match="this machine only"):
        QuizDashboard().initialize(["--Voila.ip=0.0.0.0"])


def test_a_fault_in_the_data_is_one_line_and_no_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Dashboard, "launch_instance", lambda options: pytest.fail("started"))
    assert main(["dashboard", "--overlay", "/nowhere"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_page_opens_with_few_services_and_writes_where_it_was_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(dashboard.SETTINGS, json.dumps({"folder": str(tmp_path)}))
    view = dashboard.show_explorer()
    shown = {view.matrix.catalogue.services[id].model for id in view.matrix.services}
    assert shown == set(dashboard.FIRST_MODELS)
    assert view.dissent.folder.value == str(tmp_path / "my-overlay")
    # What the page is told of the figure is what was chosen, not what it was made with.
    view._repr_mimebundle_()
    assert len(view.figure._widget_data[0]["x"]) == len(view.matrix.services)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--Voila.ip=0.0.0.0"], "this machine only"),
        (["--Voila.ip="], "this machine only"),
        (["--Voila.ip=example.org"], "this machine only"),
        (["--token="], "keeps its token"),
        (["own.ipynb"], "not 'own.ipynb'"),
        (["one", "two"], "more than 1"),
    ],
)
def test_what_would_reach_further_is_refused(
    server: Dashboard, options: list[str], told: str
) -> None:
    with pytest.raises(SrmError, match=told):
        server.initialize(options)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_every_name_of_this_machine_will_do(server: Dashboard, address: str) -> None:
    server.initialize([f"--Voila.ip={address}", "--port=9000"])
    assert (server.ip, server.port) == (address, 9000)


def test_an_option_that_does_not_fit_is_unusable_input(server: Dashboard) -> None:
    with pytest.raises(SystemExit) as ended:
        server.initialize(["--port=many"])
    assert ended.value.code == 2


def test_settings_in_the_folder_are_not_read(
    server: Dashboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "voila.py").write_text("raise SystemExit('ran')\n")
    (tmp_path / "voila.json").write_text('{"Voila": {"token": "known", "port": 1}}')
    monkeypatch.chdir(tmp_path)
    server.initialize([])
    assert server.port == 8866
    assert len(server.token) == 48


def test_the_browser_is_sent_to_the_address_with_its_token(
    server: Dashboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    browser = type("Browser", (), {"open": lambda self, url: opened.append(url)})()
    monkeypatch.setattr("srmlib.dashboard.server.webbrowser.get", lambda name: browser)
    server.initialize(["--token=abc"])
    server.connection_dir = str(tmp_path)
    server.launch_browser().join()
    assert "http://localhost:8866/?token=abc" in (tmp_path / "open.html").read_text()
    assert opened == [(tmp_path / "open.html").as_uri()]


def test_nothing_of_the_page_names_another_host() -> None:
    for path in PAGE.iterdir():
        assert "://" not in path.read_text(), path.name
