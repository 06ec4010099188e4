"""Writes what llama.cpp makes of three legal texts, for src-tauri/crates/lm/tests/reference.rs.

    python3 make_reference.py MODEL.gguf [--full FOLDER]
    python3 make_reference.py --tiny FOLDER

needs llama-cpp-python (the stored files: 0.3.36) and numpy. MODEL is SmolLM2-135M-Instruct.Q4_1.gguf, or
gemma-3-270m-q4_k_m.gguf (then the files are gemma-X.ref, and a text begins with the token the model wants). It is first
written out with the same weights as 32-bit floats, by llama.cpp's own llama_model_quantize, and that file is run, with
a 32-bit cache. For run on the 4-bit file itself, llama.cpp rounds every input of a product to 8 bits, and is no fixed
point to compare with: on these texts, reading the text at once and reading it token by token differ from each other by
a mean KL of 0.0030 (english), 0.0041 (chinese), 0.0036 (mixed) and agree on the most likely token in 0.968, 0.959,
0.943 of the places; and each differs from the run on 32-bit floats by as much (0.0028, 0.0055, 0.0041; 0.966, 0.963,
0.947). The run on 32-bit floats is what both approximate. For each text X.txt it writes X.ref, little-endian:

    4 bytes "MQLS"; u32 T, u32 N, u32 G
    u32 id for each of the T tokens of the text (no special tokens but the first where the model wants one)
    for each position, the distribution of the next token:
        u32 ids of the N most likely tokens, the most likely first
        u16 for each of them: round(-2048 * natural logarithm of its probability), at most 65535
        f32 for each of G groups: the summed probability of the other tokens with id % G equal to the group's number

The Kullback-Leibler divergence computed over these N + G classes is a lower bound of the one over all tokens, because
joining classes can only lose divergence. With --full the script also writes X.f32, T rows of the logarithms over the
whole vocabulary, from which the test computes the exact figure (MOQI_FULL_REFERENCE=FOLDER); those files are too large
to be kept.

With --tiny it runs the tiny random models that the test writes when MOQI_WRITE_TINY=FOLDER is set, one of each family,
on fixed tokens, and keeps the whole distributions (N = the vocabulary, G = 1).
"""

import ctypes
import pathlib
import struct
import sys
import tempfile

import llama_cpp
import numpy

KEPT, GROUPS = 256, 64


F32 = 0  # ggml's number of the type


def exact(path, folder):
    """The same model with its weights as 32-bit floats."""
    settings = llama_cpp.llama_model_quantize_default_params()
    settings.ftype = llama_cpp.LLAMA_FTYPE_ALL_F32
    settings.allow_requantize = True
    target = pathlib.Path(folder) / "exact.gguf"
    if llama_cpp.llama_model_quantize(path.encode(), str(target).encode(), ctypes.byref(settings)) != 0:
        sys.exit("the model could not be written out")
    return str(target)


def run(model, ids):
    """Natural logarithms of the probabilities after each token."""
    model.reset()
    model.eval(ids)
    logits = numpy.array(model.scores[: len(ids)], dtype=numpy.float64)
    logits -= logits.max(axis=1, keepdims=True)
    return logits - numpy.log(numpy.exp(logits).sum(axis=1, keepdims=True))


def write(path, ids, logs, kept, groups):
    """Returns the mean probability of what is only kept in groups."""
    outside = 0.0
    with open(path, "wb") as out:
        out.write(b"MQLS" + struct.pack("<III", len(ids), kept, groups))
        out.write(numpy.array(ids, dtype="<u4").tobytes())
        for row in logs:
            top = numpy.argsort(-row, kind="stable")[:kept]
            rest = numpy.exp(row)
            rest[top] = 0.0
            sums = numpy.bincount(numpy.arange(len(row)) % groups, weights=rest, minlength=groups)
            outside += sums.sum() / len(ids)
            out.write(top.astype("<u4").tobytes())
            out.write(numpy.minimum(numpy.rint(-2048 * row[top]), 65535).astype("<u2").tobytes())
            out.write(sums.astype("<f4").tobytes())
    return outside


def load(path):
    return llama_cpp.Llama(
        str(path), n_ctx=512, logits_all=True, verbose=False, type_k=F32, type_v=F32, flash_attn=False
    )


def tiny(here, folder):
    ids = [(n * 97 + n * n * 31) % 258 for n in range(150)]
    for path in sorted(pathlib.Path(folder).glob("tiny-*.gguf")):
        logs = run(load(path), ids)
        write(here / (path.stem + ".ref"), ids, logs, logs.shape[1], 1)
        print(path.name, "highest probability", numpy.exp(logs.max()))


def main():
    here = pathlib.Path(__file__).parent
    if sys.argv[1] == "--tiny":
        return tiny(here, sys.argv[2])
    full = pathlib.Path(sys.argv[sys.argv.index("--full") + 1]) if "--full" in sys.argv else None
    with tempfile.TemporaryDirectory() as folder:
        model = load(exact(sys.argv[1], folder))
    gemma = model.metadata["general.architecture"] == "gemma3"
    for text in sorted(here.glob("*.txt")):
        ids = model.tokenize(text.read_bytes(), add_bos=gemma, special=False)
        logs = run(model, ids)
        target = here / (("gemma-" if gemma else "") + text.stem + ".ref")
        outside = write(target, ids, logs, KEPT, GROUPS)
        nll = -numpy.mean([logs[i, ids[i + 1]] for i in range(len(ids) - 1)])
        print(f"{text.name}: {len(ids)} tokens, mass outside the top {KEPT}: {outside:.4f}, nll {nll:.4f}")
        if full:
            logs.astype("<f4").tofile(full / (target.stem + ".f32"))


if __name__ == "__main__":
    main()
