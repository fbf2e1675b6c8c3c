"""The playground's server, request by request. Needs the extra `play`."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import programs
import runtime
from tests.support.command_line import rasp_command

pytest.importorskip("starlette", reason="THE PLAYGROUND WAS NOT TESTED: pip install '.[play]'")

from starlette.testclient import TestClient

from rasp.commands.playing import JUDGE, WORKER
from rasp.learning.course import built_in
from rasp.play.server import STATIC, Kitchen, application
from rasp.play.workers import Limits

TOKEN, PORT = "the-token", 4321
BASE = f"http://127.0.0.1:{PORT}"
REVERSE = programs.read("reverse")
LONG = "n = 0;\nfor i in range(600) {\n    n = n + selector_width(select(indices + i, indices, <));\n}\n"


class Page:
    """What the page in the browser asks."""

    def __init__(self, client: TestClient, folder: Path) -> None:
        self.client = client
        self.folder = folder

    def ask(self, kind: str, **task: Any) -> dict[str, Any]:
        answer = self.client.post(
            f"/{TOKEN}/do/{kind}", json={"page": "test", **task}, headers={"origin": BASE}
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def about(self, kind: str, source: str, **settings: Any) -> dict[str, Any]:
        return self.ask(kind, given={"source": source, **settings})


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("learner")
    kitchen = Kitchen(WORKER, JUDGE, "<p>the page of a model</p>", folder, looks=Limits(seconds=2))
    with TestClient(application(kitchen, TOKEN, PORT), base_url=BASE) as client:
        yield Page(client, folder)


def test_the_page_loads_nothing_from_elsewhere(page: Page) -> None:
    answer = page.client.get(f"/{TOKEN}/")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert "//" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    for name in STATIC:
        assert page.client.get(f"/{TOKEN}/{name}").status_code == 200
    frame = page.client.get(f"/{TOKEN}/frame")
    assert "sandbox allow-scripts;" in frame.headers["content-security-policy"]
    assert frame.headers["x-content-type-options"] == "nosniff"


def test_what_the_page_knows_from_the_start(page: Page) -> None:
    boot = page.client.get(f"/{TOKEN}/boot").json()
    picked = [each for group in boot["groups"] for each in group["programs"]]
    assert {each["name"] for each in picked} == {*programs.names(), *programs.steps()}
    assert {"name": "hist", "input": "hello", "causal": False}.items() <= picked[0].items() or any(
        each["name"] == "hist" and each["input"] == "hello" for each in picked
    )
    words = {each["label"]: each for each in boot["completions"]}
    assert words["sort"]["detail"] == "(seq, key)"
    assert "mean of" in words["aggregate"]["info"]
    assert len(boot["lessons"]) == len(built_in().lessons)


def test_values_and_a_model_of_them(page: Page) -> None:
    seen = page.about("look", REVERSE, input="abc")
    assert seen["answer"] == ["c", "b", "a"]
    made = page.about("model", REVERSE, input="abc", vocab="abcd", length=5)
    assert made["certified"]
    assert made["view"]["vocab"] == list("abcd")
    assert made["view"]["max_length"] == 5
    assert made["view"]["input"] == "abc"
    assert sum(row["parameters"] for row in made["costs"]) == made["parameters"] == made["size"]["parameters"]


def test_a_refusal_has_its_place_and_hint(page: Page) -> None:
    twice = "m = aggregate(select(tokens, tokens, ==), indices);\nx = average(m);"
    made = page.about("model", twice, input="ab", vocab="ab", length=100)
    assert made["error"]
    assert "view" not in made


def test_the_walkthrough(page: Page) -> None:
    found = page.about("explain", REVERSE, input="abc") | {}
    assert found["position"] == 2
    assert found["blocks"][0]["kind"] == "heading"
    brief = page.ask("explain", given={"source": REVERSE, "input": "abc"}, position=0, brief=True)
    assert brief["position"] == 0
    assert len(json.dumps(brief)) < len(json.dumps(found))


def test_what_is_saved_is_the_model(page: Page, tmp_path: Path) -> None:
    html = page.about("page", REVERSE, input="abc", name="reverse")
    assert html["name"] == "reverse"
    assert "<!doctype html>" in html["html"]
    saved = page.about("zip", REVERSE, input="abc", name="../../reverse")
    assert saved["name"] == "reverse"
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(saved["zip"]))) as archive:
        archive.extractall(tmp_path)
    assert runtime.load(tmp_path / "reverse")("cab") == ["b", "a", "c"]


def test_states(page: Page) -> None:
    found = page.about("iterate", programs.read("rotate"), input="abc")
    assert len(found["states"]) == 3


def test_a_run_with_the_model_at_work(page: Page) -> None:
    """The model is that of `step`, which is not the program's answer."""
    source = "# grid: 2x1\nstep = tokens_asis + 1;\nhalt = tokens_asis == 3;\nlast = tokens_asis;\n"
    view = page.about("run", source, input="[0, 1]", vocab="0:10")["view"]
    assert view["run"] == {
        "first": [1, 2],
        "changes": [[0, 2, 1, 3], [0, 3, 1, 4]],
        "ending": "halted after 2 steps",
    }
    assert (view["grid"]["columns"], view["output"]["labels"][-1]) == (2, 10)
    made = page.about("model", source, input="[0, 1]", vocab="0:10")
    assert made["view"]["output"]["labels"][-1] == 9
    assert "error" in page.about("run", "step = 1 / tokens_asis;", input="[0]", vocab="0:10")


def test_fifty_programs_typed_fast(page: Page) -> None:
    """The last of them is answered, for itself; of the others, what was never begun says so."""
    sources = [f"x = indices + {number};\n" for number in range(50)]
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda source: page.about("look", source, input="ab"), sources))
        models = list(pool.map(lambda source: page.about("model", source, input="ab"), sources))
    last = page.about("look", "z = indices + 50;", input="ab")
    assert last["answer"] == ["50", "51"]
    made = page.about("model", "z = indices + 50;", input="ab")
    assert made["view"]["output"]["labels"][:2] == [50, 51]
    for number, model in enumerate(models):
        assert model == {"superseded": True} or model["view"]["output"]["labels"][0] == number


def test_a_runaway_program_says_so_and_the_next_keystroke_works(page: Page) -> None:
    stopped = page.about("look", LONG, input="ab" * 100)
    assert stopped == {"stopped": "This takes longer than 2 seconds, so it was stopped."}
    assert page.about("look", "x = tokens;", input="ab")["answer"] == ["a", "b"]


# Exercises ---------------------------------------------------------------------------------------------


def test_an_exercise_from_hint_to_medal(page: Page) -> None:
    stated = page.ask("lesson", exercise="copies")
    assert stated["hints"] == []
    assert stated["reference"] is None
    assert stated["input"] == "aba"
    wrong = page.ask("check", exercise="copies", source=stated["skeleton"])
    assert wrong["verdict"] == "wrong"
    assert wrong["failure"]["expected"] == ["2", "2"]
    assert wrong["failure"]["got"] == ["1", "1"]
    beside = page.ask(
        "matrices",
        given={"source": stated["skeleton"]},
        exercise="copies",
        input=wrong["failure"]["input"],
    )
    assert beside["yours"] == [{"name": "same", "matrix": ["10", "01"]}]
    assert [each["matrix"] for each in beside["wanted"]] == [["11", "11"]]
    hinted = page.ask("hint", exercise="copies")
    assert len(hinted["hints"]) == 1
    right = page.ask(
        "check",
        exercise="copies",
        source="copies = selector_width(select(tokens, tokens, ==));",
    )
    assert (right["verdict"], right["medal"]) == ("correct", "gold")
    assert [each["name"] for each in right["lessons"] if each["medal"]] == ["copies"]
    assert page.ask("lesson", exercise="copies")["reference"]
    kept = json.loads((page.folder / ".rasp-learn.json").read_text())
    assert kept["exercises"]["copies"]["hints"] == 1  # as `rasp learn` keeps it


# Security ----------------------------------------------------------------------------------------------


def test_others_are_refused(page: Page) -> None:
    post = {"page": "x", "given": {"source": "x = tokens;"}}
    refused = [
        page.client.get("/"),
        page.client.get("/wrong/"),
        page.client.get(f"/{TOKEN}/", headers={"host": f"evil.example:{PORT}"}),
        page.client.get(f"/{TOKEN}/boot", headers={"sec-fetch-site": "cross-site"}),
        page.client.post(f"/{TOKEN}/do/look", json=post),
        page.client.post(f"/{TOKEN}/do/look", json=post, headers={"origin": "http://evil.example"}),
        page.client.post(f"/{TOKEN}/do/look", json=post, headers={"origin": "null"}),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert not any("names" in answer.text for answer in refused)


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        "index.html",
        "editor.src.js",
        "../server.py",
        "..%2fserver.py",
        "%2e%2e/server.py",
        "..%5cserver.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        ".rasp-learn.json",
        "do/../../x",
    ],
)
def test_no_other_file_is_served(page: Page, path: str) -> None:
    answer = page.client.get(f"/{TOKEN}/{path}")
    assert answer.status_code in (403, 404, 405)
    assert "root:" not in answer.text


def test_no_file_is_loaded(page: Page, tmp_path: Path) -> None:
    (tmp_path / "secret.rasp").write_text('secret = "hidden";')
    for kind in ("look", "model"):
        answer = page.about(kind, f'load "{tmp_path}/secret";\nx = secret;', input="ab")
        assert "hidden" not in json.dumps(answer)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"7",
        b"{}",
        b'{"given": {}}',
        b'{"given": {"source": 7}}',
        b'{"given": {"source": "x = 1;", "other": 1}}',
        b'{"given": {"source": "x = 1;", "length": "9"}}',
        b'{"given": {"source": "x = 1;"}, "position": "7"}',
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("kind", ["look", "explain", "check", "matrices", "nothing"])
def test_what_is_no_task_is_refused(page: Page, kind: str, body: bytes) -> None:
    answer = page.client.post(f"/{TOKEN}/do/{kind}", content=body, headers={"origin": BASE})
    assert answer.status_code == 400


def test_settings_that_cannot_be_are_told(page: Page) -> None:
    assert page.about("look", "x = tokens;", input="[1, ")["wrong_settings"]
    assert "length" in page.about("model", "x = tokens;", length=0)["error"]
    assert page.about("model", "x = tokens;", input="abc", length=2)["error"]
    assert "no exercise" in page.ask("lesson", exercise="nothing")["error"]


# The command -------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_told() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = rasp_command("play", "--no-browser", "--port", port)
    assert ran.code == 2
    assert f"port {port} cannot be used" in ran.err
    assert rasp_command("play", "no_such_program").code == 2
