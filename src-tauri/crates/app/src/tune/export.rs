//! The same job for a cluster: the examples as chat JSON lines, and configurations for LLaMA-Factory, Axolotl and TRL.
//!
//! Names of keys are those of the documentation of each: LLaMA-Factory `data/README.md` (openai format) and
//! `hparams/*_args.py`; Axolotl `docs/config.qmd` and `docs/dataset-formats/conversation.qmd` (`chat_template`); TRL
//! `ScriptArguments`, `SFTConfig` and `ModelConfig`, with its prompt-completion format, whose loss is on the completion.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::{Dataset, Example};
use crate::error::Result;
use crate::files;

/// What is to be trained, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Name of the base model on its hub, or the folder of its weights.
    pub base: String,
    /// Rank of the adapter.
    pub rank: u32,
    /// Scale of the adapter.
    pub alpha: u32,
    /// Share of inputs of the adapter that are dropped, 0 to 1.
    pub dropout: f64,
    /// Linear layers that get an adapter: `q_proj`, `v_proj` …
    pub targets: Vec<String>,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Passes over the training examples.
    pub epochs: f64,
    /// Steps after which it ends, whatever is left of the passes, where that is wanted.
    pub max_steps: Option<usize>,
    /// Examples a step and device.
    pub batch: u32,
    /// Steps whose gradients are added up.
    pub accumulation: u32,
    /// Steps before the highest learning rate is reached.
    pub warmup_steps: u32,
    /// Weight decay.
    pub weight_decay: f64,
    /// Longest gradient.
    pub clip: f64,
    /// Longest example, in tokens.
    pub cutoff: u32,
    /// Noise on the embeddings (NEFTune), where it is wanted.
    pub noise: Option<f64>,
    /// Seed.
    pub seed: u64,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path in the folder of the export.
    pub path: &'static str,
    /// What is in it.
    pub text: String,
}

/// The files of a dataset and a job.
pub fn export(dataset: &Dataset, job: &Job) -> Vec<File> {
    let file = |path, text| File { path, text };
    let valid = !dataset.valid.is_empty();
    let mut all = vec![
        file("README.md", readme(dataset, job)),
        file("data/train.jsonl", lines(&dataset.train, chat)),
        file("trl/train.jsonl", lines(&dataset.train, completion)),
        file("dataset_info.json", dataset_info(dataset)),
        file("llamafactory.yaml", llama_factory(job, valid)),
        file("axolotl.yaml", axolotl(job, valid)),
        file("trl.yaml", trl(job, valid)),
    ];
    // A file without a line is none that the loaders of JSON lines read.
    if valid {
        all.push(file("data/valid.jsonl", lines(&dataset.valid, chat)));
        all.push(file(
            "trl/validation.jsonl",
            lines(&dataset.valid, completion),
        ));
    }
    if !dataset.test.is_empty() {
        all.push(file("data/test.jsonl", lines(&dataset.test, chat)));
        all.push(file("trl/test.jsonl", lines(&dataset.test, completion)));
    }
    all
}

/// Writes an export into a folder, each file whole or not at all.
///
/// # Errors
/// The folder cannot be written.
pub fn write(folder: &Path, dataset: &Dataset, job: &Job) -> Result<()> {
    for file in export(dataset, job) {
        files::write_whole(&folder.join(file.path), file.text.as_bytes())?;
    }
    Ok(())
}

fn lines(examples: &[Example], line: fn(&Example) -> Value) -> String {
    examples
        .iter()
        .map(|example| format!("{}\n", line(example)))
        .collect()
}

/// System message, where there is one, and user message.
fn asked(example: &Example) -> Vec<Value> {
    let message = |role: &str, content: &str| json!({"role": role, "content": content});
    let mut messages = Vec::new();
    if !example.system.is_empty() {
        messages.push(message("system", &example.system));
    }
    messages.push(message("user", &example.user));
    messages
}

fn chat(example: &Example) -> Value {
    let mut messages = asked(example);
    messages.push(json!({"role": "assistant", "content": example.wanted}));
    json!({"messages": messages})
}

fn completion(example: &Example) -> Value {
    json!({
        "prompt": asked(example),
        "completion": [{"role": "assistant", "content": example.wanted}],
    })
}

fn dataset_info(dataset: &Dataset) -> String {
    let part = |file: &str| {
        json!({
            "file_name": file,
            "formatting": "sharegpt",
            "columns": {"messages": "messages"},
            "tags": {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": "assistant",
                "system_tag": "system",
            },
        })
    };
    let mut info = serde_json::Map::new();
    info.insert("moqi_train".to_owned(), part("data/train.jsonl"));
    if !dataset.valid.is_empty() {
        info.insert("moqi_valid".to_owned(), part("data/valid.jsonl"));
    }
    if !dataset.test.is_empty() {
        info.insert("moqi_test".to_owned(), part("data/test.jsonl"));
    }
    let text = serde_json::to_string_pretty(&Value::Object(info));
    text.expect("a map of texts is JSON") + "\n"
}

/// Lines of YAML. A value is written as JSON, which is YAML as well, but for a number with an exponent: PyYAML reads 2e-5 as
/// a text.
#[derive(Default)]
struct Yaml(String);

impl Yaml {
    fn put(&mut self, key: &str, value: impl Into<Value>) -> &mut Yaml {
        let value = value.into();
        let written = match value.as_f64().filter(|_| value.is_f64()) {
            Some(number) if number.fract() == 0.0 => format!("{number}.0"),
            Some(number) => number.to_string(),
            None => value.to_string(),
        };
        let _ = writeln!(self.0, "{key}: {written}");
        self
    }

    fn put_if(&mut self, key: &str, value: Option<impl Into<Value>>) -> &mut Yaml {
        if let Some(value) = value {
            self.put(key, value);
        }
        self
    }
}

/// What the trainers of Hugging Face all call the same.
fn trainer(yaml: &mut Yaml, job: &Job, valid: bool) {
    yaml.put("per_device_train_batch_size", job.batch)
        .put("gradient_accumulation_steps", job.accumulation)
        .put("gradient_checkpointing", true)
        .put("learning_rate", job.learning_rate)
        .put("num_train_epochs", job.epochs)
        .put_if("max_steps", job.max_steps)
        .put("lr_scheduler_type", "cosine")
        .put("warmup_steps", job.warmup_steps)
        .put("weight_decay", job.weight_decay)
        .put("max_grad_norm", job.clip)
        .put_if("neftune_noise_alpha", job.noise)
        .put("seed", job.seed)
        .put("bf16", true)
        .put("logging_steps", 10)
        .put("save_strategy", "epoch");
    if valid {
        yaml.put("eval_strategy", "epoch")
            .put("per_device_eval_batch_size", job.batch)
            .put("load_best_model_at_end", true)
            .put("metric_for_best_model", "eval_loss");
    }
}

fn llama_factory(job: &Job, valid: bool) -> String {
    let mut yaml = Yaml::default();
    yaml.put("model_name_or_path", job.base.as_str())
        .put("stage", "sft")
        .put("do_train", true)
        .put("finetuning_type", "lora")
        .put("lora_rank", job.rank)
        .put("lora_alpha", job.alpha)
        .put("lora_dropout", job.dropout)
        .put("lora_target", job.targets.join(","))
        .put("dataset_dir", ".")
        .put("dataset", "moqi_train");
    if valid {
        yaml.put("eval_dataset", "moqi_valid");
    }
    yaml.put("cutoff_len", job.cutoff)
        .put("output_dir", "out/llamafactory");
    trainer(&mut yaml, job, valid);
    yaml.0
}

fn trl(job: &Job, valid: bool) -> String {
    let mut yaml = Yaml::default();
    yaml.put("model_name_or_path", job.base.as_str())
        .put("use_peft", true)
        .put("lora_r", job.rank)
        .put("lora_alpha", job.alpha)
        .put("lora_dropout", job.dropout)
        .put("lora_target_modules", job.targets.clone())
        .put("dataset_name", "./trl")
        .put("dataset_train_split", "train");
    if valid {
        yaml.put("dataset_test_split", "validation");
    }
    yaml.put("completion_only_loss", true)
        .put("max_length", job.cutoff)
        .put("output_dir", "out/trl");
    trainer(&mut yaml, job, valid);
    yaml.0
}

fn axolotl(job: &Job, valid: bool) -> String {
    let part = |file: &str| {
        json!([{
            "path": file,
            "ds_type": "json",
            "split": "train",
            "type": "chat_template",
            "field_messages": "messages",
            "roles_to_train": ["assistant"],
            "train_on_eos": "turn",
        }])
    };
    let mut yaml = Yaml::default();
    yaml.put("base_model", job.base.as_str())
        .put("chat_template", "tokenizer_default")
        .put("datasets", part("data/train.jsonl"));
    if valid {
        yaml.put("test_datasets", part("data/valid.jsonl"))
            .put("evals_per_epoch", 1);
    }
    yaml.put("adapter", "lora")
        .put("lora_r", job.rank)
        .put("lora_alpha", job.alpha)
        .put("lora_dropout", job.dropout)
        .put("lora_target_modules", job.targets.clone())
        .put("sequence_len", job.cutoff)
        .put("micro_batch_size", job.batch)
        .put("gradient_accumulation_steps", job.accumulation)
        .put("gradient_checkpointing", true)
        .put("num_epochs", job.epochs)
        .put_if("max_steps", job.max_steps)
        .put("optimizer", "adamw_torch")
        .put("learning_rate", job.learning_rate)
        .put("lr_scheduler", "cosine")
        .put("warmup_steps", job.warmup_steps)
        .put("weight_decay", job.weight_decay)
        .put("max_grad_norm", job.clip)
        .put_if("neftune_noise_alpha", job.noise)
        .put("seed", job.seed)
        .put("bf16", "auto")
        .put("logging_steps", 10)
        .put("saves_per_epoch", 1)
        .put("output_dir", "out/axolotl");
    yaml.0
}

fn readme(dataset: &Dataset, job: &Job) -> String {
    format!(
        "# A tuning job, exported by Moqi\n\n\
         {} examples to learn from, {} for validation, {} for the test; base model `{}`. Run one of these here, in this folder:\n\n\
         - LLaMA-Factory: `llamafactory-cli train llamafactory.yaml` (without `template` it takes the chat format of the tokenizer)\n\
         - Axolotl: `axolotl train axolotl.yaml`\n\
         - TRL: `trl sft --config trl.yaml`\n\n\
         The adapter is in `out/` afterwards, in PEFT's format, and can be imported into Moqi. The loss is on the answers only.\n\
         Names, numbers, addresses and amounts are as the dataset had them: placeholders, unless masking was turned off.\n",
        dataset.train.len(),
        dataset.valid.len(),
        dataset.test.len(),
        job.base,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tune::DataConfig;
    use crate::tune::tests::of_templates;

    fn job() -> Job {
        Job {
            base: "Qwen/Qwen3-0.6B".to_owned(),
            rank: 8,
            alpha: 16,
            dropout: 0.05,
            targets: vec!["q_proj".to_owned(), "v_proj".to_owned()],
            learning_rate: 2e-5,
            epochs: 3.0,
            max_steps: Some(60),
            batch: 4,
            accumulation: 2,
            warmup_steps: 10,
            weight_decay: 0.01,
            clip: 1.0,
            cutoff: 1024,
            noise: Some(5.0),
            seed: 7,
        }
    }

    fn made(count: usize) -> Dataset {
        of_templates(count, &DataConfig::default())
    }

    #[test]
    fn every_example_stands_in_both_forms_with_its_roles() {
        let folder = tempfile::tempdir().unwrap();
        let dataset = made(4);
        write(folder.path(), &dataset, &job()).unwrap();
        for (chat, completion, examples) in [
            ("data/train.jsonl", "trl/train.jsonl", &dataset.train),
            ("data/valid.jsonl", "trl/validation.jsonl", &dataset.valid),
            ("data/test.jsonl", "trl/test.jsonl", &dataset.test),
        ] {
            let read = |name: &str| -> Vec<Value> {
                let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
                text.lines()
                    .map(|line| serde_json::from_str(line).unwrap())
                    .collect()
            };
            let (chats, completions) = (read(chat), read(completion));
            assert_eq!(
                (chats.len(), completions.len()),
                (examples.len(), examples.len())
            );
            for ((chat, completion), example) in chats.iter().zip(&completions).zip(examples) {
                let roles: Vec<&str> = chat["messages"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|message| message["role"].as_str().unwrap())
                    .collect();
                assert_eq!(roles, ["system", "user", "assistant"]);
                assert_eq!(chat["messages"][2]["content"], example.wanted.as_str());
                assert_eq!(completion["prompt"][1]["content"], example.user.as_str());
                assert_eq!(
                    completion["completion"][0]["content"],
                    example.wanted.as_str()
                );
            }
        }
        let info = std::fs::read_to_string(folder.path().join("dataset_info.json")).unwrap();
        let info: Value = serde_json::from_str(&info).unwrap();
        for (_, part) in info.as_object().unwrap() {
            let file = part["file_name"].as_str().unwrap();
            assert!(folder.path().join(file).exists(), "{file}");
        }
    }

    #[test]
    fn the_configurations_say_the_same_job() {
        let dataset = made(4);
        let all = export(&dataset, &job());
        let of = |path: &str| &all.iter().find(|file| file.path == path).unwrap().text;
        for (path, wanted) in [
            (
                "llamafactory.yaml",
                [
                    "lora_rank: 8\n",
                    "lora_target: \"q_proj,v_proj\"\n",
                    "cutoff_len: 1024\n",
                    "eval_dataset: \"moqi_valid\"\n",
                ],
            ),
            (
                "axolotl.yaml",
                [
                    "lora_r: 8\n",
                    "lora_target_modules: [\"q_proj\",\"v_proj\"]\n",
                    "sequence_len: 1024\n",
                    "test_datasets: [",
                ],
            ),
            (
                "trl.yaml",
                [
                    "lora_r: 8\n",
                    "lora_target_modules: [\"q_proj\",\"v_proj\"]\n",
                    "max_length: 1024\n",
                    "dataset_test_split: \"validation\"\n",
                ],
            ),
        ] {
            let text = of(path);
            for line in wanted.into_iter().chain([
                "lora_alpha: 16\n",
                "lora_dropout: 0.05\n",
                "learning_rate: 0.00002\n",
                "warmup_steps: 10\n",
                "seed: 7\n",
                "gradient_accumulation_steps: 2\n",
                "weight_decay: 0.01\n",
                "neftune_noise_alpha: 5.0\n",
                "max_steps: 60\n",
            ]) {
                assert!(text.contains(line), "{path} lacks {line}{text}");
            }
        }
        // Every line is a key of its own, once.
        for file in all.iter().filter(|file| file.path.ends_with(".yaml")) {
            let keys: Vec<&str> = file
                .text
                .lines()
                .map(|line| line.split_once(": ").unwrap().0)
                .collect();
            let once: std::collections::BTreeSet<&str> = keys.iter().copied().collect();
            assert_eq!(once.len(), keys.len(), "{}", file.path);
        }
    }

    #[test]
    fn without_validation_nothing_asks_for_it() {
        let mut dataset = made(4);
        dataset.valid.clear();
        dataset.test.clear();
        for file in export(&dataset, &job()) {
            assert!(
                !file.path.contains("valid") && !file.path.contains("test"),
                "{}",
                file.path
            );
            if file.path.ends_with(".yaml") {
                assert!(
                    !file.text.contains("eval") && !file.text.contains("valid"),
                    "{}",
                    file.text
                );
            }
        }
    }
}
