//! Adapters: what tunings left, and behind which wall each is offered.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use serde::{Deserialize, Serialize};

use crate::{Error, Matter, Result};

/// For whom an adapter may be used. What was learnt from one client's papers is never offered to another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wall {
    /// The whole firm.
    #[default]
    Firm,
    /// A practice group, by name.
    Group(String),
    /// A client, by name.
    Client(String),
    /// A matter.
    Matter {
        /// Its client, since two clients may call their matters alike.
        client: Option<String>,
        /// The matter, by name or number.
        matter: String,
    },
}

impl Wall {
    /// The walls that a document for somebody stands behind: its matter's, its client's and its practice group's, the
    /// nearest first.
    pub fn of(matter: &Matter) -> Vec<Wall> {
        let client = matter.client.clone().map(Wall::Client);
        let of_matter = matter.matter.clone().map(|name| Wall::Matter {
            client: matter.client.clone(),
            matter: name,
        });
        let group = matter.group.clone().map(Wall::Group);
        of_matter.into_iter().chain(client).chain(group).collect()
    }

    /// Kind, owner and the owner's client, as the columns hold them.
    fn columns(&self) -> (&'static str, Option<&str>, Option<&str>) {
        match self {
            Wall::Firm => ("firm", None, None),
            Wall::Group(name) => ("group", Some(name), None),
            Wall::Client(name) => ("client", Some(name), None),
            Wall::Matter { client, matter } => ("matter", Some(matter), client.as_deref()),
        }
    }

    fn read(kind: &str, owner: Option<String>, client: Option<String>) -> Option<Wall> {
        match (kind, owner) {
            ("firm", None) => Some(Wall::Firm),
            ("group", Some(name)) => Some(Wall::Group(name)),
            ("client", Some(name)) => Some(Wall::Client(name)),
            ("matter", Some(matter)) => Some(Wall::Matter { client, matter }),
            _ => None,
        }
    }
}

/// What was decided about an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AdapterState {
    /// Nobody has decided yet.
    Candidate,
    /// It may be used.
    Kept,
    /// Nobody wants it.
    Discarded,
    /// It tells what it must not, so it is never offered.
    Leaking,
}

impl AdapterState {
    /// Its word in the table.
    pub fn name(self) -> &'static str {
        match self {
            AdapterState::Candidate => "candidate",
            AdapterState::Kept => "kept",
            AdapterState::Discarded => "discarded",
            AdapterState::Leaking => "leaking",
        }
    }

    fn read(name: &str) -> Option<AdapterState> {
        use AdapterState::{Candidate, Discarded, Kept, Leaking};
        [Candidate, Kept, Discarded, Leaking]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// An adapter. Its weights are a folder that the store does not look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterRow {
    /// Hash of its content, in hexadecimal.
    pub id: String,
    /// Its name, chosen by a person.
    pub name: String,
    /// Fingerprint of the weights it was learnt on.
    pub base: String,
    /// Their name.
    pub base_name: String,
    /// The way it was tuned, such as `lora`.
    pub method: String,
    /// The language of what it learnt from, as a tag.
    pub language: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// For whom it may be used.
    pub wall: Wall,
    /// What was decided about it.
    pub state: AdapterState,
    /// The run it came from; none for one that was imported.
    pub run: Option<String>,
    /// Size of its weights.
    pub bytes: i64,
    /// A person's words about it.
    pub note: String,
    /// Drafting uses it, where its wall allows.
    pub used: bool,
}

const COLUMNS: &str = "adapters.id, name, base, base_name, method, language, created_at, owner_kind, owner, \
                       owner_client, state, run, bytes, note, used";

/// Reads and writes adapters.
pub struct Adapters<'a>(pub(crate) &'a Connection);

impl Adapters<'_> {
    /// Adds an adapter. [`Error::Exists`] when this content is there already, [`Error::NotFound`] when its run is not.
    pub fn insert(&self, row: &AdapterRow) -> Result<()> {
        let (kind, owner, client) = row.wall.columns();
        self.0.execute(
            "INSERT INTO adapters (id, name, base, base_name, method, language, created_at, owner_kind, owner, \
             owner_client, state, run, bytes, note, used) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            params![
                row.id,
                row.name,
                row.base,
                row.base_name,
                row.method,
                row.language,
                row.created_at,
                kind,
                owner,
                client,
                row.state.name(),
                row.run,
                row.bytes,
                row.note,
                row.used
            ],
        )?;
        Ok(())
    }

    /// An adapter, whatever was decided about it.
    pub fn get(&self, id: &str) -> Result<Option<AdapterRow>> {
        let sql = format!("SELECT {COLUMNS} FROM adapters WHERE id = ?1");
        Ok(self
            .0
            .prepare_cached(&sql)?
            .query_row([id], read)
            .optional()?)
    }

    /// All adapters of all walls, the newest first: for whoever looks after them, not to choose from.
    pub fn list(&self) -> Result<Vec<AdapterRow>> {
        let sql = format!("SELECT {COLUMNS} FROM adapters ORDER BY created_at DESC, id DESC");
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The adapters offered behind some walls, the newest first: those kept of the whole firm, and those kept of exactly
    /// these walls. A client's wall does not open those of its matters, nor a matter's that of its client: a document
    /// of both gives both, see [`Wall::of`].
    pub fn offered(&self, walls: &[Wall]) -> Result<Vec<AdapterRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM adapters WHERE state = 'kept' AND owner_kind = ?1 AND owner IS ?2 AND owner_client IS ?3"
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut found: Vec<AdapterRow> = Vec::new();
        for (index, wall) in walls.iter().chain([&Wall::Firm]).enumerate() {
            if walls[..index].contains(wall) {
                continue;
            }
            let (kind, owner, client) = wall.columns();
            for row in statement.query_map(params![kind, owner, client], read)? {
                found.push(row?);
            }
        }
        found.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        Ok(found)
    }

    /// Every adapter that knows a text: one of its run's training or validation sources had this content (validation
    /// chooses what is kept), or the adapter it went on from knew it. Adapters of any state and any wall.
    pub fn of_source(&self, hash: &str) -> Result<Vec<AdapterRow>> {
        self.of_runs(
            "SELECT run FROM training_sources WHERE hash = ?1 AND part IN ('train', 'valid')",
            hash,
        )
    }

    /// As [`Adapters::of_source`], for a document in the store, whose text may be another today.
    pub fn of_document(&self, document: &str) -> Result<Vec<AdapterRow>> {
        self.of_runs("SELECT run FROM training_sources WHERE document_id = ?1 AND part IN ('train', 'valid')", document)
    }

    /// The adapters of a run, and those that were tuned on from them.
    pub(crate) fn of_run(&self, run: &str) -> Result<Vec<AdapterRow>> {
        self.of_runs("SELECT ?1", run)
    }

    /// An adapter and all that went on from it or were mixed of it, also by way of some that were deleted since.
    pub fn of_adapter(&self, id: &str) -> Result<Vec<AdapterRow>> {
        self.descended("SELECT ?1", id)
    }

    /// The adapters of the runs that `runs` selects, and all that went on from those or were mixed of them.
    fn of_runs(&self, runs: &str, key: &str) -> Result<Vec<AdapterRow>> {
        self.descended(
            &format!("SELECT made.adapter FROM made WHERE made.run IN ({runs})"),
            key,
        )
    }

    /// The adapters that `first` selects, and all that went on from those or were mixed of them.
    fn descended(&self, first: &str, key: &str) -> Result<Vec<AdapterRow>> {
        // A run names its adapter, and an adapter its run: two runs with the same outcome share one adapter, and an
        // adapter that was deleted is still named by its run.
        let sql = format!(
            "WITH RECURSIVE \
             made (run, adapter) AS ( \
                 SELECT id, adapter FROM training_runs WHERE adapter IS NOT NULL \
                 UNION SELECT run, id FROM adapters WHERE run IS NOT NULL), \
             begun (adapter, parent) AS ( \
                 SELECT made.adapter, training_runs.begun_from FROM training_runs \
                     JOIN made ON made.run = training_runs.id WHERE training_runs.begun_from IS NOT NULL \
                 UNION SELECT adapter, parent FROM adapter_parents), \
             knowing (adapter) AS ( \
                 {first} \
                 UNION SELECT begun.adapter FROM knowing JOIN begun ON begun.parent = knowing.adapter) \
             SELECT {COLUMNS} FROM adapters WHERE adapters.id IN knowing \
             ORDER BY created_at DESC, adapters.id DESC"
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map([key], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Notes what an adapter was mixed of, each with its weight, in place of what was noted before.
    pub fn set_parents(&self, id: &str, parents: &[(String, f64)]) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        if self.get(id)?.is_none() {
            return Err(Error::NotFound);
        }
        transaction.execute("DELETE FROM adapter_parents WHERE adapter = ?1", [id])?;
        for (parent, weight) in parents {
            transaction.execute(
                "INSERT INTO adapter_parents (adapter, parent, weight) VALUES (?1, ?2, ?3) \
                 ON CONFLICT DO UPDATE SET weight = weight + excluded.weight",
                params![id, parent, weight],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// What an adapter was mixed of, each with its weight; nothing for one that was learnt.
    pub fn parents(&self, id: &str) -> Result<Vec<(String, f64)>> {
        let sql = "SELECT parent, weight FROM adapter_parents WHERE adapter = ?1 ORDER BY parent";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Has drafting use an adapter that was kept, in place of another of the same base behind the same wall; or no longer.
    /// [`Error::Conflict`] for one that was not kept.
    pub fn set_used(&self, id: &str, used: bool) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        let row = self.get(id)?.ok_or(Error::NotFound)?;
        if used && row.state != AdapterState::Kept {
            return Err(Error::Conflict);
        }
        if used {
            let (kind, owner, client) = row.wall.columns();
            transaction.execute(
                "UPDATE adapters SET used = 0 WHERE base = ?1 AND owner_kind = ?2 AND owner IS ?3 AND owner_client IS ?4",
                params![row.base, kind, owner, client],
            )?;
        }
        transaction.execute(
            "UPDATE adapters SET used = ?2 WHERE id = ?1",
            params![id, used],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Puts an adapter behind another wall. It is out of use there until somebody says otherwise.
    pub fn set_wall(&self, id: &str, wall: &Wall) -> Result<()> {
        let (kind, owner, client) = wall.columns();
        let sql = "UPDATE adapters SET owner_kind = ?2, owner = ?3, owner_client = ?4, used = 0 WHERE id = ?1";
        self.changed(self.0.execute(sql, params![id, kind, owner, client])?)
    }

    /// All walls that documents or adapters stand behind, but the firm's, by name.
    pub fn walls(&self) -> Result<Vec<Wall>> {
        let sql = "SELECT 'client', client, NULL FROM documents WHERE client IS NOT NULL \
                   UNION SELECT 'matter', matter, client FROM documents WHERE matter IS NOT NULL \
                   UNION SELECT 'group', practice_group, NULL FROM documents WHERE practice_group IS NOT NULL \
                   UNION SELECT owner_kind, owner, owner_client FROM adapters WHERE owner_kind <> 'firm' ORDER BY 1, 3, 2";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let kind: String = row.get(0)?;
            Wall::read(&kind, row.get(1)?, row.get(2)?).ok_or(rusqlite::Error::InvalidQuery)
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Gives an adapter another name and note.
    pub fn rename(&self, id: &str, name: &str, note: &str) -> Result<()> {
        let sql = "UPDATE adapters SET name = ?2, note = ?3 WHERE id = ?1";
        self.changed(self.0.execute(sql, params![id, name, note])?)
    }

    /// Decides about an adapter. One that is not kept is not used. One that leaks stays so, [`Error::Conflict`]: only another
    /// tuning heals it.
    pub fn decide(&self, id: &str, state: AdapterState) -> Result<()> {
        let sql = "UPDATE adapters SET state = ?2, used = used AND ?2 = 'kept' \
                   WHERE id = ?1 AND (state <> 'leaking' OR ?2 = 'leaking')";
        match self.0.execute(sql, params![id, state.name()])? {
            0 if self.get(id)?.is_some() => Err(Error::Conflict),
            rows => self.changed(rows),
        }
    }

    /// Forgets an adapter; its run stays in the record.
    pub fn delete(&self, id: &str) -> Result<()> {
        self.changed(self.0.execute("DELETE FROM adapters WHERE id = ?1", [id])?)
    }

    fn changed(&self, rows: usize) -> Result<()> {
        match rows {
            0 => Err(Error::NotFound),
            _ => Ok(()),
        }
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<AdapterRow> {
    let strange = || rusqlite::Error::InvalidQuery;
    let kind: String = row.get(7)?;
    let state: String = row.get(10)?;
    Ok(AdapterRow {
        id: row.get(0)?,
        name: row.get(1)?,
        base: row.get(2)?,
        base_name: row.get(3)?,
        method: row.get(4)?,
        language: row.get(5)?,
        created_at: row.get(6)?,
        wall: Wall::read(&kind, row.get(8)?, row.get(9)?).ok_or_else(strange)?,
        state: AdapterState::read(&state).ok_or_else(strange)?,
        run: row.get(11)?,
        bytes: row.get(12)?,
        note: row.get(13)?,
        used: row.get(14)?,
    })
}
