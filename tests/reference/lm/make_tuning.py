"""Tunes the small models of folders/ and SmolLM2 by PyTorch and PEFT, as the reference for the tuning of ours.

    python3 make_tuning.py [SMOLLM2.gguf]

needs torch, transformers, peft, safetensors, gguf and numpy (the stored files: torch 2.15, transformers 5.24, peft 0.21).
Into tuning/NAME go an adapter as it begins and as it is after the last step, in PEFT's own format (F16, which PEFT reads
too), and reference.json: the tokens, the losses of the steps, and for the last text the logarithms of the probabilities of
its tokens with the adapter. For SmolLM2 only reference.json is stored: its adapter begins with numbers of a formula.
"""

import json
import pathlib
import shutil
import sys

import numpy
import peft
import safetensors.torch
import torch
import transformers

HERE = pathlib.Path(__file__).parent
STEPS, RATE, DECAY, WARMUP = 20, 4e-3, 0.01, 2
CASES = {
    "llama": ("llama", dict(r=4, lora_alpha=12)),
    "llama-dora": ("llama", dict(r=4, lora_alpha=12, use_dora=True)),
    "qwen2": ("qwen2", dict(r=2, lora_alpha=8, use_rslora=True)),
    "qwen3": ("qwen3", dict(r=4, lora_alpha=2, target_modules=["q_proj", "v_proj", "down_proj"])),
    "gemma3": ("gemma3", dict(r=4, lora_alpha=12, alpha_pattern={"k_proj": 3})),
}
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def course(step):
    if step < WARMUP:
        return (step + 1) / WARMUP
    return 0.5 * (1 + numpy.cos(numpy.pi * (step - WARMUP) / (STEPS - WARMUP)))


def train(model, texts, rate):
    """Plain steps of AdamW over all texts, without clipping: what is said of every step is its loss."""
    free = [p for p in model.parameters() if p.requires_grad]
    flat = [p for p in free if p.dim() < 2]
    groups = [{"params": [p for p in free if p.dim() > 1], "weight_decay": DECAY}, {"params": flat, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate)
    losses = []
    model.train()
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate * course(step)
        logits = model(input_ids=texts[:, :-1]).logits.float()
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), texts[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def save(model, folder):
    model.save_pretrained(folder)
    path = folder / "adapter_model.safetensors"
    tensors = safetensors.torch.load_file(path)
    safetensors.torch.save_file({name: x.half() for name, x in tensors.items()}, path, metadata={"format": "pt"})
    (folder / "README.md").unlink(missing_ok=True)
    return {name: x.half().float() for name, x in tensors.items()}


def small(name, base, settings):
    torch.manual_seed(7)
    out = HERE / "tuning" / name
    shutil.rmtree(out, ignore_errors=True)
    model = transformers.AutoModelForCausalLM.from_pretrained(HERE / "folders" / base, dtype=torch.float32, attn_implementation="eager")
    config = peft.LoraConfig(task_type="CAUSAL_LM", **{"target_modules": ALL, **settings})
    model = peft.get_peft_model(model, config)
    # B is not zero, so that all of it matters from the beginning.
    for key, x in model.named_parameters():
        if "lora_B" in key:
            torch.nn.init.normal_(x, std=0.05)
    begun = save(model, out / "begun")
    model.load_state_dict({k.replace(".weight", ".default.weight") if "lora_" in k and k.endswith(".weight") else k.replace("magnitude_vector", "magnitude_vector.default.weight"): v for k, v in begun.items()}, strict=False)
    rows = model.config.get_text_config().vocab_size if hasattr(model.config, "get_text_config") else model.config.vocab_size
    used = min(rows, 330)
    texts = torch.tensor([[(n * 37 + at * at * 11 + at * 5) % used for at in range(41)] for n in range(4)])
    losses = train(model, texts, RATE)
    tuned = save(model, out / "tuned")
    again = peft.PeftModel.from_pretrained(
        transformers.AutoModelForCausalLM.from_pretrained(HERE / "folders" / base, dtype=torch.float32, attn_implementation="eager"), out / "tuned"
    ).eval()
    with torch.no_grad():
        logprobs = torch.log_softmax(again(input_ids=texts[:1, :-1]).logits.float(), -1)[0]
    said = [logprobs[at, texts[0, at + 1]].item() for at in range(40)]
    (out / "reference.json").write_text(json.dumps({"base": base, "texts": texts.tolist(), "rate": RATE, "losses": losses, "logprobs": said}))
    print(name, losses[0], losses[-1], sorted(tuned)[:2])


def formula(name, shape):
    """The numbers a matrix of SmolLM2's adapter begins with."""
    seed = sum(ord(c) for c in name)
    at = numpy.arange(shape[0] * shape[1], dtype=numpy.int64)
    return torch.tensor((((at * 7919 + seed * 104729) % 1009) / 1009 - 0.5) * 0.08, dtype=torch.float32).reshape(shape)


def smollm2(path):
    path = pathlib.Path(path)
    out = HERE / "tuning" / "smollm2"
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    model = transformers.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    model = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, target_modules=ALL))
    for key, x in model.named_parameters():
        if "lora_A" in key or ("lora_B" in key):
            name = key.replace(".default", "").split("model.model.")[-1]
            x.data = formula(name, x.shape) * (0.2 if "lora_B" in key else 1)
    ids = tokenizer((HERE / "english.txt").read_text(encoding="utf8"), add_special_tokens=False).input_ids
    texts = torch.tensor([ids[n * 65 : n * 65 + 65] for n in range(4)])
    losses = train(model, texts, 2e-4)
    (out / "reference.json").write_text(json.dumps({"base": "smollm2", "texts": texts.tolist(), "rate": 2e-4, "losses": losses, "logprobs": []}))
    print("smollm2", losses[0], losses[-1])


for name, (base, settings) in CASES.items():
    small(name, base, settings)
if len(sys.argv) > 1:
    smollm2(sys.argv[1])
