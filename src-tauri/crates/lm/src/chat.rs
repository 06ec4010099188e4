//! From a conversation to a prompt: the chat template of the file, in Jinja as Hugging Face runs it, or ChatML.

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Standing instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The name templates use.
    pub fn name(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

impl Message {
    /// A message.
    pub fn new(role: Role, content: impl Into<String>) -> Message {
        Message {
            role,
            content: content.into(),
        }
    }
}

/// Steps a template may take. A template is part of a file from elsewhere and must not run on for ever.
const FUEL: u64 = 1_000_000;

/// Runs a chat template. `names` are the names of special tokens by which templates may call them, such as `bos_token`.
pub fn render(
    template: &str,
    messages: &[Message],
    names: &BTreeMap<&'static str, String>,
) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment
        .set_unknown_method_callback(|_, value, method, args| python_method(value, method, args));
    environment.add_function("raise_exception", |why: String| {
        Err::<Value, _>(Error::new(ErrorKind::InvalidOperation, why))
    });
    let list: Vec<Value> = messages
        .iter()
        .map(|message| {
            BTreeMap::from([
                ("role", Value::from(message.role.name())),
                ("content", Value::from(message.content.as_str())),
            ])
            .into()
        })
        .collect();
    let mut context = BTreeMap::from([
        ("messages", Value::from(list)),
        ("add_generation_prompt", Value::from(true)),
        // Qwen3 would think aloud first; a draft is wanted at once.
        ("enable_thinking", Value::from(false)),
    ]);
    context.extend(
        names
            .iter()
            .map(|(key, name)| (*key, Value::from(name.as_str()))),
    );
    environment.render_str(template, Value::from(context))
}

/// The few methods of Python's strings and dictionaries that chat templates use.
fn python_method(value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    let unknown = || Error::from(ErrorKind::UnknownMethod);
    let first = args.first().and_then(Value::as_str);
    if value.kind() == ValueKind::Map && method == "get" {
        let found = args
            .first()
            .map_or_else(|| Err(unknown()), |key| value.get_item(key))?;
        return Ok(if found.is_undefined() {
            args.get(1).cloned().unwrap_or_else(|| Value::from(()))
        } else {
            found
        });
    }
    let text = value.as_str().ok_or_else(unknown)?;
    let strip = |c: char| first.map_or_else(|| c.is_whitespace(), |set| set.contains(c));
    Ok(match method {
        "strip" => text.trim_matches(strip).into(),
        "lstrip" => text.trim_start_matches(strip).into(),
        "rstrip" => text.trim_end_matches(strip).into(),
        "startswith" => text.starts_with(first.ok_or_else(unknown)?).into(),
        "endswith" => text.ends_with(first.ok_or_else(unknown)?).into(),
        "upper" => text.to_uppercase().into(),
        "lower" => text.to_lowercase().into(),
        "split" => match first {
            Some("") => return Err(unknown()),
            Some(at) => text.split(at).map(Value::from).collect::<Vec<_>>().into(),
            None => text
                .split_whitespace()
                .map(Value::from)
                .collect::<Vec<_>>()
                .into(),
        },
        "replace" => match (first, args.get(1).and_then(Value::as_str)) {
            (Some(from), Some(to)) => text.replace(from, to).into(),
            _ => return Err(unknown()),
        },
        _ => return Err(unknown()),
    })
}

/// The conversation in ChatML, open for the answer.
pub fn chatml(messages: &[Message]) -> String {
    let mut prompt = String::new();
    for message in messages {
        prompt.push_str("<|im_start|>");
        prompt.push_str(message.role.name());
        prompt.push('\n');
        prompt.push_str(&message.content);
        prompt.push_str("<|im_end|>\n");
    }
    prompt.push_str("<|im_start|>assistant\n");
    prompt
}

/// The conversation as plain text with a blank line after each message, for models that know no conversations.
pub fn plain(messages: &[Message]) -> String {
    let mut prompt = String::new();
    for message in messages
        .iter()
        .filter(|message| !message.content.is_empty())
    {
        prompt.push_str(&message.content);
        prompt.push_str("\n\n");
    }
    prompt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_holds_what_was_said_and_nothing_else() {
        assert_eq!(
            plain(&talk()),
            "Draft a clause.\n<b>\n\nClause.\n\n再短一些。\n\n"
        );
    }

    fn talk() -> Vec<Message> {
        vec![
            Message::new(Role::User, "Draft a clause.\n<b>"),
            Message::new(Role::Assistant, "Clause."),
            Message::new(Role::User, "再短一些。"),
        ]
    }

    #[test]
    fn a_template_is_run_as_hugging_face_runs_it() {
        let template = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe good.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
        let wanted = format!(
            "<|im_start|>system\nBe good.<|im_end|>\n{}",
            chatml(&talk())
        );
        assert_eq!(render(template, &talk(), &BTreeMap::new()).unwrap(), wanted);
        assert!(wanted.contains("<|im_start|>user\nDraft a clause.\n<b><|im_end|>\n"));
    }

    #[test]
    fn methods_of_python_and_names_of_tokens_are_there() {
        let template = "{{ bos_token }}\n{% for m in messages %}\n    {% if m.content.startswith('Draft') %}\n{{ m.content.split(' ')[0].strip('D') | trim }};\n    {% endif %}\n{% endfor %}\n{{ messages[0].get('name', 'none') }}{% if not enable_thinking %}.{% endif %}";
        let names = BTreeMap::from([("bos_token", "<s>".to_owned())]);
        assert_eq!(
            render(template, &talk(), &names).unwrap(),
            "<s>\nraft;\nnone."
        );
    }

    #[test]
    fn a_template_that_fails_or_never_ends_is_an_error() {
        for template in [
            "{{ raise_exception('no') }}",
            "{% for %}",
            "{{ 'x'.explode() }}",
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        ] {
            assert!(
                render(template, &talk(), &BTreeMap::new()).is_err(),
                "{template}"
            );
        }
    }
}
