"""Export to GPT-2: causal, with layer norms that change nothing."""

from __future__ import annotations

from runtime.exports.gpt2 import config, mirrored_model, tensors
from tests.support.worked import COUNT, assert_text, lines, model


def test_the_tensors_of_a_causal_count() -> None:
    """Under the names that transformers reads, for the eight dimensions of the mirrored residual stream."""
    made = model(COUNT, causal=True)
    mirrored = mirrored_model(made)
    assert_text(
        lines(f"{name} {array.shape}" for name, array in tensors(made, mirrored).items()),
        """
        transformer.wte.weight (4, 8)
        transformer.wpe.weight (4, 8)
        transformer.h.0.attn.c_attn.weight (8, 24)
        transformer.h.0.attn.c_attn.bias (24,)
        transformer.h.0.attn.c_proj.weight (8, 8)
        transformer.h.0.attn.c_proj.bias (8,)
        transformer.h.0.mlp.c_fc.weight (8, 2)
        transformer.h.0.mlp.c_fc.bias (2,)
        transformer.h.0.mlp.c_proj.weight (2, 8)
        transformer.h.0.mlp.c_proj.bias (8,)
        transformer.h.0.ln_1.weight (8,)
        transformer.h.0.ln_1.bias (8,)
        transformer.h.0.ln_2.weight (8,)
        transformer.h.0.ln_2.bias (8,)
        transformer.ln_f.weight (8,)
        transformer.ln_f.bias (8,)
        classifier.weight (2, 8)
        classifier.bias (2,)
        """,
    )
    assert config(made, mirrored, "GPT2ForTokenClassification")["n_embd"] == mirrored.sizes.width
