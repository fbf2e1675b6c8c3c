"""GPT-2, BERT and Llama exports, opened by stock transformers classes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runtime
from programs.machines import subleq
from runtime import Model
from runtime.exports.huggingface import label_ids
from runtime.exports.vocabulary import texts
from tests.support.exported import PRINTING, PROGRAMS, RANDOM, computer, some_model
from tests.support.random_models import random_inputs, random_model

os.environ.setdefault("HF_HUB_OFFLINE", "1")
torch = pytest.importorskip("torch", reason="needs the extra [hf]")
transformers = pytest.importorskip("transformers", reason="needs the extra [hf]")

pytestmark = pytest.mark.filterwarnings("default")  # the warnings of these packages are not ours


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with torch.no_grad():
        yield


def exported(model: Model, target: str, folder: Path) -> Path:
    """The folder, after the comparison on random inputs, padded on the right in one batch."""
    report = runtime.export(model, target, folder, check=True)
    assert report.comparison is not None
    assert report.comparison.ok, str(report)
    return folder


@pytest.mark.parametrize(
    ("target", "name"),
    [(target, name) for target in ("gpt2", "bert", "llama") for name in (*PROGRAMS, *RANDOM)]
    + [("bert", "mean")],
)
def test_answers_are_equal(target: str, name: str, tmp_path: Path) -> None:
    model = some_model(name, target != "bert")
    report = runtime.export(model, target, tmp_path, check=True)
    assert report.comparison is not None
    assert report.comparison.ok, str(report)
    largest = max(np.abs(logits).max() for logits in model.batch_logits(random_inputs(model, 20)))
    assert report.comparison.max_difference <= 2e-6 * (1 + largest), str(report)


@pytest.mark.parametrize(
    ("target", "name", "architecture"),
    [
        ("gpt2", "aab_next", "GPT2LMHeadModel"),
        ("gpt2", "hist", "GPT2ForTokenClassification"),
        ("llama", "aab_next", "LlamaForCausalLM"),
        ("llama", "hist", "LlamaForTokenClassification"),
        ("bert", "sort", "BertForTokenClassification"),
    ],
)
def test_the_right_class_is_chosen(target: str, name: str, architecture: str, tmp_path: Path) -> None:
    report = runtime.export(some_model(name, target != "bert"), target, tmp_path)
    assert report.architecture == architecture
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["architectures"] == [architecture]


@pytest.mark.parametrize("target", ["gpt2", "llama"])
@pytest.mark.parametrize("name", ["aab_next", "reverse", "random", "wide"])
@pytest.mark.parametrize("cache", [True, False])
def test_generation_is_equal(target: str, name: str, cache: bool, tmp_path: Path) -> None:
    model = some_model(name, True)
    opened = transformers.AutoModelForCausalLM.from_pretrained(str(exported(model, target, tmp_path)))
    for prompt in random_inputs(model, 6, seed=3):
        steps = min(6, model.config.max_length - len(prompt))
        if steps:
            ids = torch.tensor([[0, *model.encode(prompt)]])
            result = opened.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=steps, use_cache=cache
            )
            said = [model.config.vocab[token - 1] for token in result[0, ids.shape[1] :].tolist()]
            assert said == model.generate(prompt, steps)


@pytest.mark.parametrize("target", ["gpt2", "llama"])
def test_generation_in_a_batch_padded_on_the_left(target: str, tmp_path: Path) -> None:
    model = some_model("aab_next", True)
    opened = transformers.AutoModelForCausalLM.from_pretrained(str(exported(model, target, tmp_path)))
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(tmp_path))
    prompts = ["a", "aab", "abaab"]
    batch = tokenizer(prompts, return_tensors="pt", padding=True)
    results = tokenizer.batch_decode(opened.generate(**batch, max_new_tokens=5), skip_special_tokens=True)
    assert results == [prompt + "".join(map(str, model.generate(prompt, 5))) for prompt in prompts]


@pytest.mark.parametrize("target", ["gpt2", "llama"])
def test_the_text_generation_pipeline(target: str, tmp_path: Path) -> None:
    model = some_model("aab_next", True)
    generate = transformers.pipeline("text-generation", model=str(exported(model, target, tmp_path)))
    for prompt in ("a", "aa", "aab"):
        (result,) = generate(prompt, max_new_tokens=8, do_sample=False)  # version 4 would sample
        assert result["generated_text"] == prompt + "".join(map(str, model.generate(prompt, 8)))


def test_words_are_not_glued_together(tmp_path: Path) -> None:
    model = random_model(1, vocab=range(12), causal=True)
    exported(model, "gpt2", tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(tmp_path))
    assert dict(tokenizer("11 3 0")) == {"input_ids": [0, 12, 4, 1], "attention_mask": [1, 1, 1, 1]}
    assert tokenizer.decode([12, 4, 1]) == "11 3 0"


@pytest.mark.parametrize("name", ["sort", "reverse", "labels"])
def test_the_token_classification_pipeline(name: str, tmp_path: Path) -> None:
    model = some_model(name, False)
    folder = exported(model, "bert", tmp_path)
    classify = transformers.pipeline("token-classification", model=str(folder), ignore_labels=[])
    labels = json.loads((folder / "config.json").read_text())["id2label"]
    for inputs in random_inputs(model, 8):
        entities = [answer["entity"] for answer in classify(texts(model.config.vocab).join(inputs))]
        assert entities == [labels[str(index)] for index in model.logits(inputs).argmax(-1)]


def test_attention_kernels_agree(tmp_path: Path) -> None:
    model = some_model("random", True)
    exported(model, "gpt2", tmp_path)
    inputs = random_inputs(model, 1)[0]
    ids = torch.tensor([[0, *model.encode(inputs)]])
    for kernel in ("eager", "sdpa"):
        opened = transformers.AutoModelForCausalLM.from_pretrained(str(tmp_path), attn_implementation=kernel)
        logits = opened(ids).logits[0, 1:, label_ids(model)].numpy()
        np.testing.assert_allclose(logits, model.logits(inputs), rtol=1e-6, atol=5e-3)


@pytest.mark.parametrize("target", ["gpt2", "bert", "llama"])
def test_unknown_tokens_are_errors_not_wrong_answers(target: str, tmp_path: Path) -> None:
    runtime.export(some_model("reverse", target != "bert"), target, tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(tmp_path))
    assert tokenizer("abd").input_ids == [0, 1, 2, 4]
    with pytest.raises(Exception, match="Missing"):
        tokenizer("abx")


@pytest.mark.parametrize("target", ["gpt2", "bert", "llama"])
def test_a_round_trip_through_save_pretrained(target: str, tmp_path: Path) -> None:
    model = some_model("reverse", target != "bert")
    exported(model, target, tmp_path / "one")
    architecture = json.loads((tmp_path / "one" / "config.json").read_text())["architectures"][0]
    kind = getattr(transformers, architecture)
    first = kind.from_pretrained(str(tmp_path / "one"))
    first.save_pretrained(str(tmp_path / "two"))
    second = kind.from_pretrained(str(tmp_path / "two"))
    ids = torch.tensor([[0, *model.encode("abcd")]])
    assert torch.equal(first(ids).logits, second(ids).logits)


@pytest.mark.parametrize(
    ("target", "name", "shown"),
    [
        ("gpt2", "aab_next", "[{'generated_text': 'abaaba'}]"),
        ("gpt2", "hist", "['1', '1', '1']"),
        ("llama", "aab_next", "[{'generated_text': 'abaaba'}]"),
        ("llama", "hist", "['1', '1', '1']"),
        ("bert", "sort", "['0', '1', '2']"),
    ],
)
def test_the_lines_on_the_card_answer(
    target: str, name: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    runtime.export(some_model(name, target != "bert"), target, tmp_path)
    code = (tmp_path / "README.md").read_text().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "card", "exec"), {})
    assert capsys.readouterr().out == f"{shown}\n"


def test_a_computer_runs_inside_llama(tmp_path: Path) -> None:
    model = computer()
    runtime.export(model, "llama", tmp_path)
    llama = transformers.AutoModelForCausalLM.from_pretrained(str(tmp_path))
    assert type(llama).__name__ == "LlamaForCausalLM"
    ids = torch.tensor([[0, *model.encode(PRINTING)]])
    made = llama.generate(ids, max_new_tokens=10, do_sample=False)[0, ids.shape[1] :].tolist()
    trace = [model.config.vocab[index - 1] for index in made]
    assert trace == model.generate(PRINTING, 10)
    assert subleq.printed_in(trace) == [33]
