//! The fields that the tags of a text ask for, and what the tags tell of each.

use std::collections::{HashMap, HashSet};

use super::Hint;
use crate::expr::{Expr, Operator};
use crate::fields::is_name;
use crate::model::{ChoiceOption, Field, FieldKind, Language, Span};
use crate::suggest::{kind_around, name_of};

/// A field that is asked for.
#[derive(Default)]
struct Need {
    name: String,
    label: String,
    printed: bool,
    tested: bool,
    looped: bool,
    /// A default stands in for it.
    optional: bool,
    hint: Option<Hint>,
    currency: Option<&'static str>,
    /// Texts it is compared with.
    options: Vec<String>,
    columns: Needs,
}

/// Fields in the order they are first asked for.
#[derive(Default)]
pub(super) struct Needs {
    all: Vec<Need>,
    /// By the path as it is written, joined by dots.
    paths: HashMap<String, usize>,
    /// By our name.
    names: HashMap<String, usize>,
}

/// A variable of a loop: its name with us, and the list it goes over as our names from the outermost.
pub(super) type Variable = (String, Vec<String>);

/// How an expression uses a value.
#[derive(Clone, Copy)]
enum Use {
    Print,
    Test,
    Mention,
}

impl Needs {
    /// Our name of a path; `taken` are names that stand for something else already.
    /// `None` where there are more names than any template has.
    pub fn name(&mut self, path: &[String], taken: &HashSet<String>) -> Option<String> {
        let key = path.join(".");
        if let Some(known) = self.paths.get(&key) {
            return Some(self.all[*known].name.clone());
        }
        if self.all.len() >= MOST_FIELDS {
            return None;
        }
        let label = label_of(path);
        let plain = path.join("_").replace('-', "_");
        let base = if is_name(&plain) {
            plain
        } else {
            let usual = if plain.is_ascii() {
                format!("field_{plain}")
            } else {
                name_of(&label).unwrap_or_else(|| "field".to_owned())
            };
            if is_name(&usual) {
                usual
            } else {
                "field".to_owned()
            }
        };
        let mut name = base.clone();
        let mut count = 1;
        while self.names.contains_key(&name) || taken.contains(&name) {
            count += 1;
            name = format!("{base}_{count}");
        }
        self.paths.insert(key, self.all.len());
        self.names.insert(name.clone(), self.all.len());
        self.all.push(Need {
            name: name.clone(),
            label,
            ..Need::default()
        });
        Some(name)
    }

    /// The columns of the list at a path of our names.
    pub fn columns(&mut self, list: &[String]) -> Option<&mut Needs> {
        let (first, rest) = list.split_first()?;
        let need = self.names.get(first).copied()?;
        let columns = &mut self.all.get_mut(need)?.columns;
        if rest.is_empty() {
            Some(columns)
        } else {
            columns.columns(rest)
        }
    }

    fn need(&mut self, path: &[&str], variables: &[Variable]) -> Option<&mut Need> {
        let (first, rest) = path.split_first()?;
        if let Some((_, list)) = variables.iter().rev().find(|(name, _)| name == first) {
            let columns = self.columns(list)?;
            return columns.need(rest, &[]);
        }
        let need = self.names.get(*first).copied()?;
        let need = self.all.get_mut(need)?;
        match rest {
            [] => Some(need),
            // goods.0.name
            [index, rest @ ..] if index.bytes().all(|b| b.is_ascii_digit()) => {
                need.looped = true;
                need.columns.need(rest, &[])
            }
            _ => None,
        }
    }

    /// Takes down a hint for one of our paths.
    pub fn hint(&mut self, path: &str, hint: Hint, variables: &[Variable]) {
        let path: Vec<&str> = path.split('.').collect();
        if let Some(need) = self.need(&path, variables) {
            need.hint.get_or_insert(hint);
        }
    }

    /// Takes down what a printed expression says of its values; `before` are the words before it.
    pub fn printed(&mut self, expression: &str, before: &str, variables: &[Variable]) {
        let Ok(expr) = Expr::parse(expression) else {
            return;
        };
        self.note(&expr, Use::Print, variables);
        let currency = [
            ("US$", "USD"),
            ("HK$", "HKD"),
            ("$", "USD"),
            ("£", "GBP"),
            ("€", "EUR"),
            ("¥", "CNY"),
            ("￥", "CNY"),
            ("人民币", "CNY"),
        ]
        .iter()
        .find(|(sign, _)| before.trim_end().ends_with(sign))
        .map(|(_, currency)| *currency);
        if let Some(path) = expr.path()
            && let Some(currency) = currency
            && let Some(need) = self.need(&path, variables)
        {
            need.hint.get_or_insert(Hint::Money);
            need.currency.get_or_insert(currency);
        }
    }

    /// Takes down what a condition says of its values.
    pub fn tested(&mut self, expression: &str, variables: &[Variable]) {
        if let Ok(expr) = Expr::parse(expression) {
            self.note(&expr, Use::Test, variables);
        }
    }

    /// Takes down that a list is gone over.
    pub fn looped(&mut self, path: &str, variables: &[Variable]) {
        let path: Vec<&str> = path.split('.').collect();
        if let Some(need) = self.need(&path, variables) {
            need.looped = true;
        }
    }

    fn note(&mut self, expr: &Expr, how: Use, variables: &[Variable]) {
        if let Some(path) = expr.path() {
            if let Some(need) = self.need(&path, variables) {
                match how {
                    Use::Print => need.printed = true,
                    Use::Test => need.tested = true,
                    Use::Mention => need.optional = true,
                }
            }
            return;
        }
        match expr {
            Expr::Not(inner) => self.note(inner, how, variables),
            Expr::Defined(inner, _) => self.note(inner, Use::Mention, variables),
            Expr::Minus(inner) => self.counted(inner, variables),
            Expr::Filter(base, name, _) => {
                let how = match name.as_str() {
                    "default" | "d" => {
                        self.note(base, Use::Mention, variables);
                        Use::Print
                    }
                    "length" | "count" | "join" | "first" | "last" | "sum" => Use::Mention,
                    _ => Use::Print,
                };
                self.note(base, how, variables);
            }
            Expr::Binary(operator, a, b) => match operator {
                Operator::And | Operator::Or => {
                    self.note(a, how, variables);
                    self.note(b, how, variables);
                }
                Operator::Join => {
                    self.note(a, Use::Print, variables);
                    self.note(b, Use::Print, variables);
                }
                Operator::Equal | Operator::Unequal | Operator::In | Operator::NotIn => {
                    self.compared(a, b, variables);
                    self.compared(b, a, variables);
                }
                _ => {
                    self.counted(a, variables);
                    self.counted(b, variables);
                }
            },
            Expr::Choose { condition, yes, no } => {
                self.note(condition, Use::Test, variables);
                self.note(yes, how, variables);
                if let Some(no) = no {
                    self.note(no, how, variables);
                }
            }
            _ => {}
        }
    }

    fn compared(&mut self, value: &Expr, with: &Expr, variables: &[Variable]) {
        let Some(path) = value.path() else {
            return;
        };
        let Some(need) = self.need(&path, variables) else {
            return;
        };
        match with {
            Expr::Bool(_) => need.tested = true,
            Expr::Number(_) => {
                need.hint.get_or_insert(Hint::Number);
                need.optional = true;
            }
            Expr::Text(text) => need.option(text),
            Expr::List(items) => {
                for item in items {
                    if let Expr::Text(text) = item {
                        need.option(text);
                    }
                }
            }
            _ => need.printed = true,
        }
    }

    fn counted(&mut self, value: &Expr, variables: &[Variable]) {
        match value.path() {
            Some(path) => {
                if let Some(need) = self.need(&path, variables) {
                    need.hint.get_or_insert(Hint::Number);
                    need.printed = true;
                }
            }
            None => self.note(value, Use::Mention, variables),
        }
    }

    /// The declarations of what was asked for.
    pub fn fields(self, language: Language) -> Vec<Field> {
        self.all
            .into_iter()
            .filter(|need| need.is_used())
            .map(|need| need.field(language))
            .collect()
    }
}

/// Most fields, and most columns of one list.
const MOST_FIELDS: usize = 2000;
/// Most options that comparisons make; a hostile text could name any number.
const MOST_OPTIONS: usize = 40;

impl Need {
    fn option(&mut self, text: &str) {
        if !text.is_empty()
            && self.options.len() < MOST_OPTIONS
            && !self.options.iter().any(|option| option == text)
        {
            self.options.push(text.to_owned());
        }
        self.optional = true;
    }

    fn is_used(&self) -> bool {
        self.printed || self.tested || self.looped || self.optional
    }

    fn field(self, language: Language) -> Field {
        let kind = self.kind(language);
        Field {
            required: !(self.optional || self.tested && self.printed),
            name: self.name,
            label: self.label,
            kind: match kind {
                FieldKind::Repeat(_) => FieldKind::Repeat(columns(self.columns, language)),
                kind => kind,
            },
            help: None,
            default: None,
            sample: None,
            when: None,
            group: None,
            span: Span::default(),
        }
    }

    fn kind(&self, language: Language) -> FieldKind {
        if self.looped {
            return FieldKind::Repeat(Vec::new());
        }
        if self.options.len() >= 2 {
            let options = self.options.iter().map(|text| ChoiceOption {
                value: text.clone(),
                label: text.clone(),
            });
            return FieldKind::Choice(options.collect());
        }
        let usual = kind_around(&self.label, "", "");
        let money = |currency: Option<&str>| FieldKind::Money {
            currency: currency
                .or(self.currency)
                .unwrap_or(match language {
                    Language::Zh => "CNY",
                    Language::En => "USD",
                })
                .to_owned(),
        };
        // What is put into words elsewhere: fees_display, delivery_date_text.
        let last = self.name.rsplit('_').next().unwrap_or_default();
        let in_words = [
            "display",
            "text",
            "words",
            "description",
            "terms",
            "note",
            "notes",
        ];
        if self.hint.is_none() && self.printed && in_words.contains(&last) {
            return FieldKind::Text;
        }
        match self.hint {
            Some(Hint::Money) => return money(None),
            Some(Hint::Date) => return FieldKind::Date,
            Some(Hint::Number) if !matches!(usual, FieldKind::Money { .. }) => {
                return FieldKind::Number;
            }
            _ => {}
        }
        if self.tested && !self.printed && self.options.is_empty() {
            return FieldKind::YesNo;
        }
        let low = self.label.to_lowercase();
        let ends = ["deadline", "birthday", "dob", "expiry"];
        match usual {
            FieldKind::Money { .. } => money(None),
            // Whatever is printed and compared with one text stays a text.
            FieldKind::YesNo if self.printed => FieldKind::Text,
            FieldKind::Text if ends.iter().any(|end| low.ends_with(end)) => FieldKind::Date,
            usual => usual,
        }
    }
}

fn columns(columns: Needs, language: Language) -> Vec<Field> {
    let mut fields = columns.fields(language);
    if fields.is_empty() {
        // A row has a value even where the loop prints none.
        let mut value = Needs::default();
        value.name(&["value".to_owned()], &HashSet::new());
        for need in &mut value.all {
            need.printed = true;
        }
        fields = value.fields(language);
    }
    fields
}

/// A label a person reads: `client.firstName` is `Client first name`.
fn label_of(path: &[String]) -> String {
    let mut words = String::new();
    for part in path {
        let mut lower = false;
        words.push(' ');
        for c in part.chars() {
            if matches!(c, '_' | '-') {
                words.push(' ');
            } else if c.is_ascii_uppercase() && lower {
                words.push(' ');
                words.push(c.to_ascii_lowercase());
            } else {
                words.push(c);
            }
            lower = c.is_ascii_lowercase();
        }
    }
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = words.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
