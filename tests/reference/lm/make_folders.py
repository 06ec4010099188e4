"""Writes tiny random models as Hugging Face lays them out, and what transformers makes of them.

    python3 make_folders.py

needs torch, transformers (the stored files: 5.24.0), tokenizers and numpy. Into folders/NAME beside it go config.json,
model.safetensors (BF16), tokenizer.json, tokenizer_config.json and reference.json: texts with their ids, and for the
last of them the logarithms of the probabilities after each token, as 16-bit numbers: round(-2048 · ln p), at most 65535.
"""

import base64
import json
import pathlib
import shutil

import numpy
import tokenizers
import torch
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent
TEXTS = ["", "The Seller shall deliver 12,345 Goods.", "甲方应当在2024年12月31日前支付违约金。\n\n  第二条", "it's <|im_start|> e\u0301 🖋 \t x"]
LONG = (HERE / "mixed.txt").read_text(encoding="utf8")[:160]
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
ROWS = 384


def byte_level(pattern):
    tokenizer = Tokenizer(models.BPE())
    if pattern:
        split = pre_tokenizers.Split(Regex(pattern), behavior="isolated", invert=False)
        cut = [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    else:
        cut = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(cut)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=340, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
    )
    tokenizer.train_from_iterator([(HERE / f"{name}.txt").read_text(encoding="utf8") for name in ("english", "mixed")], trainer)
    return tokenizer, {"bos_token": "<|endoftext|>", "eos_token": "<|im_end|>", "add_bos_token": False}


def sentence():
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    special = ["<pad>", "<eos>", "<bos>", "<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=380, special_tokens=special, show_progress=False, limit_alphabet=60)
    tokenizer.train_from_iterator([(HERE / "english.txt").read_text(encoding="utf8").replace(" ", "▁")], trainer)
    data = json.loads(tokenizer.to_str())
    # Bytes are ordinary tokens of the model, and a run of line ends is found first.
    data["added_tokens"] = [token for token in data["added_tokens"] if not token["content"].startswith("<0x")]
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.add_tokens([AddedToken("\n\n", normalized=False)])
    return tokenizer, {"bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>", "add_bos_token": True}


def common(**more):
    return dict(
        vocab_size=ROWS, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, max_position_embeddings=512, rms_norm_eps=1e-6, **more,
    )


def make(name, config, kind, tokenizer, settings):
    torch.manual_seed(7)
    folder = HERE / "folders" / name
    shutil.rmtree(folder, ignore_errors=True)
    model = kind(config)
    with torch.no_grad():
        for key, value in model.named_parameters():
            if value.dim() == 2:
                value.normal_(0, 0.25)
            elif "bias" in key:
                value.normal_(0, 0.3)
            else:
                value.add_(torch.randn_like(value) * 0.2)
    model = model.to(torch.bfloat16)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = model.to(torch.float32).eval()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    ids = encode(LONG)[:60]
    with torch.no_grad():
        logs = torch.log_softmax(model(torch.tensor([ids])).logits[0].double(), -1).numpy()
    rounded = numpy.minimum(numpy.rint(-2048 * logs), 65535).astype("<u2")
    data = {
        "texts": [[text, encode(text)] for text in TEXTS],
        "ids": ids,
        "rows": ROWS,
        "logs": base64.b64encode(rounded.tobytes()).decode(),
    }
    (folder / "reference.json").write_text(json.dumps(data, ensure_ascii=False))
    print(name, len(ids), "tokens, highest probability", numpy.exp(logs.max()))


def main():
    t = transformers
    smol, qwen, llama3 = byte_level(None), byte_level(QWEN), byte_level(LLAMA3)
    make("llama", t.LlamaConfig(**common(tie_word_embeddings=True, rope_theta=1e4)), t.LlamaForCausalLM, *smol)
    stretched = {
        "rope_type": "llama3", "rope_theta": 5e5, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    }
    make("llama3", t.LlamaConfig(**common(tie_word_embeddings=False, rope_parameters=stretched)), t.LlamaForCausalLM, *llama3)
    config = common(tie_word_embeddings=True)
    del config["head_dim"]
    make("qwen2", t.Qwen2Config(**config), t.Qwen2ForCausalLM, *qwen)
    yarn = {"rope_type": "yarn", "rope_theta": 1e4, "factor": 4.0, "original_max_position_embeddings": 64}
    make("qwen3", t.Qwen3Config(**common(tie_word_embeddings=True, rope_parameters=yarn)), t.Qwen3ForCausalLM, *qwen)
    config = common(tie_word_embeddings=True, sliding_window=8, query_pre_attn_scalar=24, final_logit_softcapping=8.0)
    config["layer_types"] = ["sliding_attention", "full_attention"]
    make("gemma3", t.Gemma3TextConfig(**config), t.Gemma3ForCausalLM, *sentence())


if __name__ == "__main__":
    main()
