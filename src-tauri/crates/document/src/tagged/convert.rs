//! The tags of a text become ours, one group after the other in the order of the text.

use std::collections::{HashMap, HashSet};

use super::needs::{Needs, Variable};
use super::pairs::{Group, Pairs, Spot};
use super::speech::{Names, ours, quoted};
use super::syntax::Said;
use super::units::Unit;
use super::{Hint, KeptWhy};

/// What becomes of a tag.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate {
    /// `{{expression}}`
    Value(String),
    /// A line `{% … %}` before or after its unit.
    Line { tag: String, before: bool },
    /// Nothing: a comment, or a tag that a value before it has taken in.
    Gone,
    /// A value that takes in all up to the end of another spot.
    Inline { expression: String, last: usize },
    /// It stays, as words.
    Kept(KeptWhy),
}

/// A loop around the tags that are read now.
struct Scope {
    /// Its opening.
    open: usize,
    end: usize,
    /// The name of its rows as it is written; `None` for a section.
    theirs: Option<String>,
    /// Our name of its rows and the list; `None` where the loop is kept.
    ours: Option<Variable>,
}

pub(super) struct Convert<'a> {
    pub units: &'a [Unit],
    pub pairs: &'a Pairs,
    pub needs: Needs,
    /// Names that declared fields have.
    pub declared: HashSet<String>,
    /// Lists that some loop goes over, as written.
    lists: HashSet<String>,
    scopes: Vec<Scope>,
    fates: Vec<Option<Fate>>,
}

impl<'a> Convert<'a> {
    pub fn new(units: &'a [Unit], pairs: &'a Pairs, declared: HashSet<String>) -> Convert<'a> {
        let lists = pairs.groups.iter().filter(|(_, group)| group.looped);
        let lists = lists.filter_map(|(open, _)| match &pairs.spots[*open].tag.said {
            Said::For { list, .. } | Said::Section(list) => Some(list.replace('$', "")),
            _ => None,
        });
        Convert {
            units,
            pairs,
            needs: Needs::default(),
            declared,
            lists: lists.collect(),
            scopes: Vec::new(),
            fates: vec![None; pairs.spots.len()],
        }
    }

    /// What becomes of every spot.
    pub fn all(mut self) -> (Vec<Fate>, Needs) {
        for i in 0..self.pairs.spots.len() {
            while self.scopes.last().is_some_and(|scope| scope.end <= i) {
                self.scopes.pop();
            }
            if self.fates[i].is_some() {
                continue;
            }
            let pairs = self.pairs;
            let fate = match (&pairs.spots[i].tag.said, pairs.groups.get(&i)) {
                (_, Some(group)) => {
                    self.group(i, group);
                    continue;
                }
                (Said::Value(expression), _) => self.value(i, expression),
                (Said::Comment, _) => Fate::Gone,
                _ => {
                    let why = pairs.alone.get(&i).copied();
                    Fate::Kept(why.unwrap_or(KeptWhy::Unmatched))
                }
            };
            self.fates[i] = Some(fate);
        }
        let fates = self.fates.into_iter();
        let fates = fates.map(|fate| fate.unwrap_or(Fate::Kept(KeptWhy::Unmatched)));
        (fates.collect(), self.needs)
    }

    fn value(&mut self, i: usize, expression: &str) -> Fate {
        let Some(ours) = self.ours(expression) else {
            return Fate::Kept(KeptWhy::Expression);
        };
        let spot = &self.pairs.spots[i];
        let words = &self.units[spot.unit].words;
        let before = &words[..spot.tag.span.start];
        let variables = self.variables();
        self.needs.printed(&ours, before, &variables);
        Fate::Value(ours)
    }

    fn ours(&mut self, expression: &str) -> Option<String> {
        ours(expression, self)
    }

    fn variables(&self) -> Vec<Variable> {
        self.scopes
            .iter()
            .filter_map(|scope| scope.ours.clone())
            .collect()
    }

    fn group(&mut self, i: usize, group: &Group) {
        let done = match self.place(group) {
            Some(lines) => self.lines(i, group, &lines),
            None => self.inline(i, group),
        };
        if let Err(why) = done {
            for spot in &group.spots {
                self.fates[*spot] = Some(Fate::Kept(why));
            }
            if let (Said::For { variable, .. }, Some(end)) =
                (&self.pairs.spots[i].tag.said, group.spots.last())
            {
                // What the rows of this loop say has no meaning outside it.
                self.scopes.push(Scope {
                    open: i,
                    end: *end,
                    theirs: Some(variable.trim_start_matches('$').to_owned()),
                    ours: None,
                });
            }
        }
    }

    /// Where the lines of a group go: before their units or after; `None` where they stand in the middle of words.
    fn place(&self, group: &Group) -> Option<Vec<bool>> {
        let spots: Vec<&Spot> = group.spots.iter().map(|i| &self.pairs.spots[*i]).collect();
        let (open, end) = (spots.first()?, spots.last()?);
        let unit = &self.units[open.unit];
        let same = spots.iter().all(|spot| spot.unit == open.unit);
        let apart = spots.iter().all(|spot| {
            let other = &self.units[spot.unit];
            other.apart && other.container == unit.container
        });
        if !apart {
            return None;
        }
        if spots.iter().all(|spot| spot.only) {
            return Some(spots.iter().map(|_| true).collect());
        }
        if same {
            // A whole paragraph under a condition; a whole row, also of a loop.
            let row = unit.cells.len() > 1 || unit.head.is_some();
            let whole = spots.len() == 2 && open.first && end.last;
            return (whole && (row || !group.looped)).then(|| vec![true, false]);
        }
        spots
            .iter()
            .map(|spot| match (spot.only || spot.first, spot.last) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            })
            .collect()
    }

    fn lines(&mut self, i: usize, group: &Group, places: &[bool]) -> Result<(), KeptWhy> {
        let pairs = self.pairs;
        let said = |spot: usize| &pairs.spots[spot].tag.said;
        let end = group.spots.last().copied().unwrap_or(i);
        let mut tags = Vec::with_capacity(group.spots.len());
        let mut scope = None;
        let mut tested = Vec::new();
        for spot in &group.spots {
            let condition = |convert: &mut Self, expression: &str| {
                convert.ours(expression).ok_or(KeptWhy::Expression)
            };
            tags.push(match said(*spot) {
                Said::If(e) => {
                    tested.push(condition(self, e)?);
                    format!("{{% if {} %}}", tested[tested.len() - 1])
                }
                Said::Elif(e) => {
                    tested.push(condition(self, e)?);
                    format!("{{% elif {} %}}", tested[tested.len() - 1])
                }
                Said::Without(e) => {
                    tested.push(condition(self, e)?);
                    format!("{{% if not {} %}}", tested[tested.len() - 1])
                }
                Said::Section(e) if !group.looped => {
                    tested.push(condition(self, e)?);
                    format!("{{% if {} %}}", tested[tested.len() - 1])
                }
                Said::For { variable, list } => {
                    let (tag, found) = self.opened(*spot, end, Some(variable), list)?;
                    scope = Some(found);
                    tag
                }
                Said::Section(list) => {
                    let (tag, found) = self.opened(*spot, end, None, list)?;
                    scope = Some(found);
                    tag
                }
                Said::Else => "{% else %}".to_owned(),
                _ if group.looped => "{% endfor %}".to_owned(),
                _ => "{% endif %}".to_owned(),
            });
        }
        let variables = self.variables();
        for condition in tested {
            self.needs.tested(&condition, &variables);
        }
        for ((spot, tag), before) in group.spots.iter().zip(tags).zip(places) {
            self.fates[*spot] = Some(Fate::Line {
                tag,
                before: *before,
            });
        }
        self.scopes.extend(scope);
        Ok(())
    }

    /// The line that opens a loop, and its scope.
    fn opened(
        &mut self,
        open: usize,
        end: usize,
        variable: Option<&str>,
        list: &str,
    ) -> Result<(String, Scope), KeptWhy> {
        let path = self.list(list).ok_or(KeptWhy::Expression)?;
        let variables = self.variables();
        let theirs = variable.map(|v| v.trim_start_matches('$').to_owned());
        let inner = variables.len();
        let ours = match &theirs {
            Some(name) if crate::fields::is_name(name) => name.clone(),
            // A name that nothing else has.
            _ => {
                let homes = &self.pairs.homes;
                let word = if homes.contains_key("row") {
                    "entry"
                } else {
                    "row"
                };
                match inner {
                    0 => word.to_owned(),
                    inner => format!("{word}_{}", inner + 1),
                }
            }
        };
        self.needs.looped(&path, &variables);
        // The list as our names from the outermost: a row's own list lies in the list of the row.
        let mut names: Vec<String> = path.split('.').map(str::to_owned).collect();
        if let Some((_, outer)) = variables.iter().rev().find(|(name, _)| *name == names[0]) {
            names.splice(0..1, outer.iter().cloned());
        }
        if names.len() > DEEPEST_LISTS {
            return Err(KeptWhy::TooDeep);
        }
        let tag = format!("{{% for {ours} in {path} %}}");
        let scope = Scope {
            open,
            end,
            theirs,
            ours: Some((ours, names)),
        };
        Ok((tag, scope))
    }

    /// A list in our words: names and nothing else.
    fn list(&mut self, list: &str) -> Option<String> {
        let path = self.ours(list)?;
        let plain = path
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        let declared = self.declared.contains(path.split('.').next().unwrap_or(""));
        (plain && !declared).then_some(path)
    }

    /// A group in the middle of words becomes one value.
    fn inline(&mut self, i: usize, group: &Group) -> Result<(), KeptWhy> {
        let pairs = self.pairs;
        let end = group.spots.last().copied().unwrap_or(i);
        let (open, close) = (&pairs.spots[i], &pairs.spots[end]);
        if open.unit != close.unit || open.cell != close.cell {
            return Err(KeptWhy::Place);
        }
        let expression = match &open.tag.said {
            Said::For { variable, list } => self.joined(i, end, Some(variable), list),
            Said::Section(list) if group.looped => self.joined(i, end, None, list),
            _ => self.chosen(group),
        };
        let expression = expression.ok_or(KeptWhy::Place)?;
        // What is too long for an expression stays.
        crate::expr::Expr::parse(&expression).map_err(|_| KeptWhy::Place)?;
        let variables = self.variables();
        self.needs.printed(&expression, "", &variables);
        for spot in i + 1..=end {
            self.fates[spot] = Some(Fate::Gone);
        }
        self.fates[i] = Some(Fate::Inline {
            expression,
            last: end,
        });
        Ok(())
    }

    /// `'words ' ~ name if condition else 'others'`
    fn chosen(&mut self, group: &Group) -> Option<String> {
        let pairs = self.pairs;
        let mut out = String::new();
        let mut ended = false;
        for pair in group.spots.windows(2) {
            let [from, to] = pair else { continue };
            let condition = match &pairs.spots[*from].tag.said {
                Said::If(e) | Said::Elif(e) | Said::Section(e) => Some(self.condition(e)?),
                Said::Without(e) => Some(format!("not {}", self.condition(e)?)),
                _ => None,
            };
            if !out.is_empty() {
                out.push_str(" else ");
            }
            out.push_str(&self.words(*from, *to)?);
            match condition {
                Some(condition) => out.push_str(&format!(" if {condition}")),
                None => ended = true,
            }
        }
        if !ended {
            out.push_str(" else ''");
        }
        Some(out)
    }

    fn condition(&mut self, expression: &str) -> Option<String> {
        let ours = self.ours(expression)?;
        let choice = ours.contains(" if ");
        Some(if choice { format!("({ours})") } else { ours })
    }

    /// What stands between two spots of one unit as an expression: texts, values, and groups in it.
    fn words(&mut self, from: usize, to: usize) -> Option<String> {
        let pairs = self.pairs;
        let unit = &self.units[pairs.spots[from].unit];
        let mut parts: Vec<String> = Vec::new();
        let mut at = pairs.spots[from].tag.span.end;
        let mut i = from + 1;
        loop {
            let stop = pairs.spots[i].tag.span.start;
            let text = &unit.words[at..stop];
            if !text.is_empty() {
                let source = unit.source(&(at..stop));
                // Marks and references would become words; the source is as long as the words and their backslashes.
                let slashes = (source.end - source.start).checked_sub(text.len())?;
                if text.contains(['{', '}', '\n', '<', '`', '&', '\\'])
                    || (text.contains(['*', '[', '~']) && slashes == 0)
                {
                    return None;
                }
                parts.push(quoted(text));
            }
            if i >= to {
                break;
            }
            at = pairs.spots[i].tag.span.end;
            match (&pairs.spots[i].tag.said, pairs.groups.get(&i)) {
                (Said::Value(e), _) => {
                    let ours = self.ours(e)?;
                    let plain = ours
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b));
                    parts.push(if plain { ours } else { format!("({ours})") });
                    i += 1;
                }
                (Said::Comment, _) => i += 1,
                (_, Some(group)) if !group.looped => {
                    let end = group.spots.last().copied()?;
                    parts.push(format!("({})", self.chosen(group)?));
                    at = pairs.spots[end].tag.span.end;
                    i = end + 1;
                }
                _ => return None,
            }
        }
        Some(if parts.is_empty() {
            "''".to_owned()
        } else {
            parts.join(" ~ ")
        })
    }

    /// `xs | join(', ', attribute='name')`: a loop in a sentence that prints one value of each row.
    fn joined(
        &mut self,
        i: usize,
        end: usize,
        variable: Option<&str>,
        list: &str,
    ) -> Option<String> {
        let pairs = self.pairs;
        let unit = &self.units[pairs.spots[i].unit];
        let between = |a: usize, b: usize| {
            &unit.words[pairs.spots[a].tag.span.end..pairs.spots[b].tag.span.start]
        };
        let Said::Value(value) = &pairs.spots.get(i + 1)?.tag.said else {
            return None;
        };
        if !between(i, i + 1).is_empty() {
            return None;
        }
        // `, ` after each row, or after each but the last.
        let (separator, always) = if i + 2 == end {
            (between(i + 1, end), true)
        } else if i + 4 == end
            && matches!(&pairs.spots[i + 2].tag.said, Said::If(e) if e.replace(' ', "") == "notloop.last")
            && pairs.groups.contains_key(&(i + 2))
            && between(i + 1, i + 2).is_empty()
            && between(i + 3, end).is_empty()
        {
            (between(i + 2, i + 3), false)
        } else {
            return None;
        };
        if separator.contains(['{', '}', '\n', '<', '`', '&', '*', '[']) {
            return None;
        }
        let (_, scope) = self.opened(i, end, variable, list).ok()?;
        let (row, names) = scope.ours.clone()?;
        let path = self.list(list)?;
        self.scopes.push(scope);
        let value = self.ours(value);
        if let Some(value) = &value {
            let variables = self.variables();
            self.needs.printed(value, "", &variables);
        }
        self.scopes.pop();
        let value = value?;
        let column = value.strip_prefix(&row)?.strip_prefix('.')?;
        self.needs.columns(&names)?;
        if !crate::fields::is_name(column) {
            return None;
        }
        let rows = format!(
            "{path} | join({}, attribute={})",
            quoted(separator),
            quoted(column)
        );
        Some(if always && !separator.is_empty() {
            format!("({rows} ~ {}) if {path} else ''", quoted(separator))
        } else {
            rows
        })
    }

    /// The columns of a list, by our name of its row.
    fn column(&mut self, variable: &Variable, path: &[String]) -> Option<String> {
        let (row, list) = variable;
        let value = ["value".to_owned()];
        let path = if path.is_empty() { &value[..] } else { path };
        let name = self.needs.columns(list)?.name(path, &HashSet::new())?;
        Some(format!("{row}.{name}"))
    }
}

/// Lists in one another that a repeating field can hold.
const DEEPEST_LISTS: usize = 3;

impl Names for Convert<'_> {
    fn name(&mut self, path: &[String]) -> Option<String> {
        let (first, rest) = path.split_first()?;
        if let (Some(last), [_, .., _]) = (path.last(), path)
            && last == "length"
            && self.lists.contains(&path[..path.len() - 1].join("."))
        {
            let list = self.name(&path[..path.len() - 1])?;
            return Some(format!("{list} | length"));
        }
        if first == "loop" {
            let known = matches!(rest, [part] if ["index", "index0", "first", "last", "length"].contains(&part.as_str()));
            let inside = self.scopes.last().is_some_and(|scope| scope.ours.is_some());
            return (known && inside).then(|| path.join("."));
        }
        let named = self.scopes.iter().rev().find(|scope| match &scope.theirs {
            Some(theirs) => theirs == first,
            None => {
                first == "."
                    || self
                        .pairs
                        .homes
                        .get(first)
                        .is_some_and(|home| home.contains(&scope.open))
            }
        });
        if let Some(scope) = named {
            let section = scope.theirs.is_none() && first != ".";
            let variable = scope.ours.clone()?;
            let column = if section { path } else { rest };
            return self.column(&variable, column);
        }
        if first == "." {
            return None;
        }
        // A row by its number: parties[0].name.
        for cut in 1..path.len() {
            let number = path[cut].bytes().all(|b| b.is_ascii_digit());
            if number && self.lists.contains(&path[..cut].join(".")) {
                let list = self.needs.name(&path[..cut], &self.declared)?;
                let variable = (format!("{list}.{}", path[cut]), vec![list]);
                return self.column(&variable, &path[cut + 1..]);
            }
        }
        // A field that is declared already is that field.
        if let [name] = path
            && self.declared.contains(name)
        {
            return Some(name.clone());
        }
        self.needs.name(path, &self.declared)
    }

    fn hint(&mut self, path: &str, hint: Hint) {
        let variables = self.variables();
        self.needs.hint(path, hint, &variables);
    }
}

/// Spots by the unit they stand in.
pub(super) fn by_unit(spots: &[Spot]) -> HashMap<usize, Vec<usize>> {
    let mut all: HashMap<usize, Vec<usize>> = HashMap::new();
    for (i, spot) in spots.iter().enumerate() {
        all.entry(spot.unit).or_default().push(i);
    }
    all
}
