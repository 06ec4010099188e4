"""Tuning on a graphics card: this program and PyTorch + PEFT in turn, on the same random models and the same texts.

    python3 card.py PROGRAM OUT [--shapes smollm2 qwen3] [--pairs 3] [--steps 50] [--warm 20]
    python3 card.py --make tiny FOLDER

PROGRAM is the example `card` of moqi-lm, built with the feature `cuda`, or that file packed by xz. The first way needs a
card, torch, transformers, peft and numpy; it writes card.json and card.txt into the folder OUT. The second writes a model
folder only and needs numpy. The weights are random: speed and agreement do not depend on what a model knows. B of every
update begins with zeros in both, so that the first losses have to agree; A does not, so that later ones only come near.
"""

import argparse
import gc
import glob
import json
import lzma
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

import numpy

HERE = pathlib.Path(__file__).parent
TEXTS, LENGTH = 4, 256
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SHAPES = {
    "smollm2": dict(
        model_type="llama", architectures=["LlamaForCausalLM"], num_hidden_layers=30, hidden_size=576, num_attention_heads=9,
        num_key_value_heads=3, head_dim=64, intermediate_size=1536, vocab_size=49152, max_position_embeddings=8192,
        rope_theta=100000.0, rms_norm_eps=1e-5,
    ),
    "qwen3": dict(
        model_type="qwen3", architectures=["Qwen3ForCausalLM"], num_hidden_layers=28, hidden_size=1024, num_attention_heads=16,
        num_key_value_heads=8, head_dim=128, intermediate_size=3072, vocab_size=151936, max_position_embeddings=40960,
        rope_theta=1000000.0, rms_norm_eps=1e-6,
    ),
    "tiny": dict(
        model_type="qwen3", architectures=["Qwen3ForCausalLM"], num_hidden_layers=3, hidden_size=64, num_attention_heads=4,
        num_key_value_heads=2, head_dim=32, intermediate_size=96, vocab_size=512, max_position_embeddings=2048,
        rope_theta=1000000.0, rms_norm_eps=1e-6,
    ),
}


def make(shape, folder):
    """A model folder of random weights in bf16, with the tokenizer of the tiny reference models."""
    config = dict(
        SHAPES[shape], hidden_act="silu", attention_bias=False, mlp_bias=False, tie_word_embeddings=True, attention_dropout=0.0,
        torch_dtype="bfloat16", bos_token_id=0, eos_token_id=2, use_sliding_window=False,
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        (folder / name).write_bytes((HERE / "folders" / "llama" / name).read_bytes())
    width, inner, head = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    rows, groups = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    shapes = {"model.embed_tokens.weight": (config["vocab_size"], width), "model.norm.weight": (width,)}
    for layer in range(config["num_hidden_layers"]):
        parts = {
            "input_layernorm": (width,), "post_attention_layernorm": (width,), "self_attn.q_proj": (rows, width),
            "self_attn.k_proj": (groups, width), "self_attn.v_proj": (groups, width), "self_attn.o_proj": (width, rows),
            "mlp.gate_proj": (inner, width), "mlp.up_proj": (inner, width), "mlp.down_proj": (width, inner),
        }
        if config["model_type"] == "qwen3":
            parts |= {"self_attn.q_norm": (head,), "self_attn.k_norm": (head,)}
        shapes |= {f"model.layers.{layer}.{name}.weight": part for name, part in parts.items()}
    random = numpy.random.default_rng(7)
    header, start, blocks = {"__metadata__": {"format": "pt"}}, 0, []
    for name, shape in shapes.items():
        count = int(numpy.prod(shape))
        numbers = random.standard_normal(count, dtype=numpy.float32)
        numbers = numbers * 0.04 if len(shape) == 2 else 1 + numbers * 0.1
        # To the nearest number of 16 bits.
        bits = numbers.astype(numpy.float32).view(numpy.uint32)
        blocks.append(((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2").tobytes())
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [start, start + 2 * count]}
        start += 2 * count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for block in blocks:
            file.write(block)


class Memory(threading.Thread):
    """The most memory of the card that was taken, in MB, all programs together."""

    def __init__(self):
        super().__init__(daemon=True)
        import pynvml

        pynvml.nvmlInit()
        self.read = lambda: pynvml.nvmlDeviceGetMemoryInfo(pynvml.nvmlDeviceGetHandleByIndex(0)).used / 2**20
        self.before = self.most = self.read()
        self.ends = threading.Event()

    def run(self):
        while not self.ends.wait(0.02):
            self.most = max(self.most, self.read())

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.join()

    def taken(self):
        return round(self.most - self.before)


def ours(program, *arguments, **settings):
    try:
        with Memory() as memory:
            command = [program, *map(str, arguments)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | settings)
    except subprocess.TimeoutExpired:
        return {"failed": "took more than two minutes"}
    if done.returncode:
        return {"failed": (done.stderr + done.stdout)[-2000:]}
    return json.loads(done.stdout) | {"device_mb": memory.taken()}


def theirs(folder, attention, narrow, steps, warm):
    """PyTorch + PEFT with the base in bf16; adapters in f32, as PEFT makes them, or narrow ones in bf16 too."""
    import peft
    import torch
    import transformers

    torch.manual_seed(1)
    torch.cuda.reset_peak_memory_stats()
    with Memory() as memory:
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation=attention)
        model = model.to("cuda")
        rows = model.get_input_embeddings().num_embeddings
        lora = peft.LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, target_modules=TARGETS)
        model = peft.get_peft_model(model, lora, autocast_adapter_dtype=not narrow)
        texts = [[1 + (n * 7919 + at * 104729) % (rows - 1) for at in range(LENGTH + 1)] for n in range(TEXTS)]
        texts = torch.tensor(texts, device="cuda")
        wanted = texts[:, 1:].contiguous()
        learnt = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(learnt, lr=3e-4)
        model.train()
        losses, taken = [], []
        for _ in range(warm + steps):
            torch.cuda.synchronize()
            started = time.perf_counter()
            loss = model(input_ids=texts[:, :-1], labels=wanted, shift_labels=wanted, use_cache=False).loss
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learnt, 1.0)
            optimizer.step()
            torch.cuda.synchronize()
            taken.append(time.perf_counter() - started)
            losses.append(loss.detach())
        losses = [loss.item() for loss in losses]
        peak = torch.cuda.max_memory_allocated() / 2**20
    step = statistics.median(taken[warm:])
    del model, optimizer, learnt, loss
    gc.collect()
    torch.cuda.empty_cache()
    return {
        "step_s": step, "least_s": min(taken[warm:]), "tune_tps": TEXTS * LENGTH / step, "first_loss": losses[0],
        "losses": losses[:20], "allocated_mb": round(peak), "device_mb": memory.taken(),
    }


def guarded(what, *arguments):
    try:
        return what(*arguments)
    except Exception as error:  # one that fails must not cost the others
        return {"failed": repr(error)[-2000:]}


def libraries():
    """Where the libraries of CUDA are that the program asks for."""
    names = ["libcuda.so.1", "libcudart.so.13", "libcublas.so.13", "libcurand.so.10", "libnvrtc.so.13"]
    places = [f"{path}/nvidia/*/lib" for path in sys.path] + ["/usr/local/nvidia/lib64", "/usr/local/cuda*/lib64", "/usr/local/cuda*/targets/*/lib"]
    places = [folder for place in places for folder in glob.glob(place)] + ["/usr/lib/x86_64-linux-gnu"]
    found = {}
    for name in names:
        for folder in places:
            if os.path.exists(f"{folder}/{name}"):
                found.setdefault(name, folder)
    print("libraries:", found, flush=True)
    return ":".join(dict.fromkeys(found.values()))


def unpacked(program):
    if program.suffix != ".xz":
        return str(program.resolve())
    plain = pathlib.Path("/tmp/moqi-card")
    plain.write_bytes(lzma.decompress(program.read_bytes()))
    plain.chmod(0o755)
    return str(plain)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?", type=pathlib.Path)
    parser.add_argument("out", nargs="?", type=pathlib.Path)
    parser.add_argument("--make", nargs=2, metavar=("SHAPE", "FOLDER"))
    parser.add_argument("--shapes", nargs="+", default=["smollm2", "qwen3"])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--warm", type=int, default=20)
    wanted = parser.parse_args()
    if wanted.make:
        return make(wanted.make[0], pathlib.Path(wanted.make[1]))
    started = time.time()
    os.environ["LD_LIBRARY_PATH"] = libraries() + ":" + os.environ.get("LD_LIBRARY_PATH", "")
    program = unpacked(wanted.program)
    wanted.out.mkdir(parents=True, exist_ok=True)
    all_figures, lines = {}, []

    def say(text):
        lines.append(f"[{time.time() - started:5.0f} s] {text}")
        print(lines[-1], flush=True)
        (wanted.out / "card.txt").write_text("\n".join(lines) + "\n")
        (wanted.out / "card.json").write_text(json.dumps(all_figures, indent=1))

    for shape in wanted.shapes:
        figures = all_figures[shape] = {"ours": [], "theirs": []}
        folder = pathlib.Path("/tmp/models") / shape
        make(shape, folder)
        say(f"{shape}: {(folder / 'model.safetensors').stat().st_size >> 20} MB made")
        # The rounding of the card beside the processor in single precision: the same first A, so all losses come near.
        figures["exact"] = ours(program, "tune", folder, "processor", 5, 0)
        figures["card"] = ours(program, "tune", folder, "card", 5, 0)
        figures["kernels"] = ours(program, "tune", folder, "card", 5, 0, MOQI_CARD_KERNELS="1")
        for name in ["exact", "card", "kernels"]:
            say(f"{shape} {name}: {figures[name].get('losses', figures[name])}")
        whole = ("tune", folder, "card", wanted.warm + wanted.steps, wanted.warm)
        figures["plain"] = ours(program, *whole)
        say(f"{shape} without kernels of its own: {figures['plain']}")
        for _ in range(wanted.pairs):
            figures["ours"].append(ours(program, *whole, MOQI_CARD_KERNELS="1"))
            say(f"{shape} ours: {figures['ours'][-1]}")
            figures["theirs"].append(guarded(theirs, folder, "sdpa", False, wanted.steps, wanted.warm))
            say(f"{shape} PyTorch, sdpa: {figures['theirs'][-1]}")
        for name, attention, narrow in [("eager", "eager", False), ("narrow", "sdpa", True)]:
            figures[name] = guarded(theirs, folder, attention, narrow, wanted.steps, wanted.warm)
            say(f"{shape} PyTorch, {name}: {figures[name]}")
        figures["decode"] = ours(program, "decode", folder, "card")
        say(f"{shape} ours, reading and writing: {figures['decode']}")
        rates = [[run["tune_tps"] for run in figures[side] if "tune_tps" in run] for side in ["ours", "theirs"]]
        if all(rates):
            a, b = map(statistics.median, rates)
            first = figures["ours"][0].get("first_loss", 0) - figures["theirs"][0].get("first_loss", 0)
            say(f"{shape}: ours {a:.0f} tokens/s, PyTorch + PEFT {b:.0f}, ratio {a / b:.2f}; first losses apart by {first:+.4f}")


if __name__ == "__main__":
    main()
