"""Writes a model of the shape of Qwen3-0.6B with random weights, for speed and for the tokenizer.

    python3 make_qwen_shape.py OUT.gguf [LAYERS]

needs llama-cpp-python, gguf, numpy and the wheel of the package dashscope (its resources/qwen.tiktoken is the vocabulary
of Qwen; DASHSCOPE names the wheel). The weights are written as F16 and quantised to Q4_K_M by llama.cpp itself.
"""

import base64
import ctypes
import os
import sys
import tempfile
import zipfile

import gguf
import llama_cpp
import numpy

WIDTH, INNER, HEADS, KV, HEAD, VOCABULARY = 1024, 3072, 16, 8, 128, 151936
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>"]
CHAT = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"


def letters():
    """GPT-2's characters for bytes."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table, code = {}, 0x100
    for byte in range(256):
        if byte in printable:
            table[byte] = chr(byte)
        else:
            table[byte], code = chr(code), code + 1
    return table


def vocabulary():
    with zipfile.ZipFile(os.environ["DASHSCOPE"]) as wheel:
        lines = wheel.read("dashscope/resources/qwen.tiktoken").splitlines()
    ranks = {base64.b64decode(a): int(b) for a, b in (line.split() for line in lines)}
    table = letters()
    write = lambda token: "".join(table[byte] for byte in token)
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) == 1:
            continue
        # The two pieces it is made of: what merging by ranks below its own leaves.
        parts = [bytes([byte]) for byte in token]
        while len(parts) > 2:
            joins = [(ranks.get(parts[i] + parts[i + 1], rank), i) for i in range(len(parts) - 1)]
            best, at = min(joins)
            if best >= rank:
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        assert len(parts) == 2, token
        merges.append(write(parts[0]) + " " + write(parts[1]))
    tokens = [write(token) for token, _ in sorted(ranks.items(), key=lambda item: item[1])]
    kinds = [1] * len(tokens)
    for name in SPECIAL:
        tokens.append(name)
        kinds.append(3)
    while len(tokens) < VOCABULARY:
        tokens.append(f"[PAD{len(tokens)}]")
        kinds.append(5)
    return tokens, kinds, merges


def main():
    out, layers = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 28
    random = numpy.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        plain = f"{folder}/plain.gguf"
        writer = gguf.GGUFWriter(plain, "qwen3")
        writer.add_name("Qwen3 0.6B shape, random")
        writer.add_block_count(layers)
        writer.add_context_length(40960)
        writer.add_embedding_length(WIDTH)
        writer.add_feed_forward_length(INNER)
        writer.add_head_count(HEADS)
        writer.add_head_count_kv(KV)
        writer.add_key_length(HEAD)
        writer.add_value_length(HEAD)
        writer.add_rope_freq_base(1e6)
        writer.add_layer_norm_rms_eps(1e-6)
        writer.add_file_type(1)
        tokens, kinds, merges = vocabulary()
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("qwen2")
        writer.add_token_list(tokens)
        writer.add_token_types(kinds)
        writer.add_token_merges(merges)
        writer.add_eos_token_id(tokens.index("<|im_end|>"))
        writer.add_bos_token_id(tokens.index("<|endoftext|>"))
        writer.add_add_bos_token(False)
        writer.add_chat_template(CHAT)

        def matrix(name, rows, columns):
            x = random.standard_normal((rows, columns), dtype=numpy.float32) * (0.7 / columns**0.5)
            writer.add_tensor(name, x.astype(numpy.float16))

        def vector(name, length):
            writer.add_tensor(name, numpy.ones(length, dtype=numpy.float32))

        matrix("token_embd.weight", VOCABULARY, WIDTH)
        vector("output_norm.weight", WIDTH)
        for layer in range(layers):
            name = lambda part: f"blk.{layer}.{part}.weight"
            matrix(name("attn_q"), HEADS * HEAD, WIDTH)
            matrix(name("attn_k"), KV * HEAD, WIDTH)
            matrix(name("attn_v"), KV * HEAD, WIDTH)
            matrix(name("attn_output"), WIDTH, HEADS * HEAD)
            matrix(name("ffn_gate"), INNER, WIDTH)
            matrix(name("ffn_up"), INNER, WIDTH)
            matrix(name("ffn_down"), WIDTH, INNER)
            for part, length in (("attn_norm", WIDTH), ("ffn_norm", WIDTH), ("attn_q_norm", HEAD), ("attn_k_norm", HEAD)):
                vector(name(part), length)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        settings = llama_cpp.llama_model_quantize_default_params()
        settings.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M
        settings.nthread = 2
        if llama_cpp.llama_model_quantize(plain.encode(), out.encode(), ctypes.byref(settings)) != 0:
            sys.exit("it could not be quantised")


if __name__ == "__main__":
    main()
