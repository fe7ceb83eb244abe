//! The data directory: every published world is on disk before anybody hears of it.
//!
//! Writers queue what they changed; whoever comes first writes everything that waits as one transaction, so several
//! writers share one flush. After a write that fails nothing of it counts, the worlds stay as they were, and the file is
//! opened again for the next one.

use super::{
    Clock, World,
    blob::{Blob, Piece, Store},
    clock::Setting,
    kept::{Change, Changes, Kept as _},
    rows::{Row, Rows, Unreadable},
    spool::Spool,
};
use crate::{wire::Fault, world::Text};
use arc_swap::ArcSwap;
use bytes::Bytes;
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use std::{
    collections::{BTreeMap, HashSet},
    fs::{self, File},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Rows by path.
const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");
/// Content: its number, and the number of the piece.
const BYTES: TableDefinition<'_, (u64, u32), &[u8]> = TableDefinition::new("bytes");
/// The worlds, and how their clocks go.
const WORLDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("worlds");

/// What this rolecall writes. Every later rolecall reads it.
const FORMAT: u32 = 1;
/// Pages that are kept in memory. Everything that is asked for is there already.
const CACHE: usize = 16 * 1024 * 1024;

/// A data directory that is not usable.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The directory or a file in it.
    #[error("failed to use the data directory `{}`: {source}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// One process at a time.
    #[error("the data directory `{}` is in use by another rolecall{holder}", .path.display())]
    InUse {
        /// Which.
        path: PathBuf,
        /// ` (process 12)`, where it says.
        holder: String,
    },
    /// Of a newer rolecall.
    #[error(
        "the data directory `{}` has format {found}; this rolecall reads formats up to {FORMAT}. A newer rolecall wrote it: use that one",
        .path.display()
    )]
    Format {
        /// Which.
        path: PathBuf,
        /// What its file `format` says.
        found: String,
    },
    /// Damaged.
    #[error("failed to read `{}`: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Unreadable,
    },
}

/// A change could not be written, and did not happen.
#[derive(Debug, Clone, thiserror::Error)]
#[error("rolecall cannot write to its data directory: {0}. Nothing was changed; reads go on")]
pub(crate) struct Unwritten(String);

impl From<Unwritten> for Fault {
    /// 507 says that the disk is full, and no SDK repeats it. rolecall's choice.
    fn from(why: Unwritten) -> Self {
        Self::service(507, "InsufficientStorage", why.to_string())
    }
}

/// The data directory.
#[derive(Debug)]
pub(crate) struct Journal {
    file: PathBuf,
    /// Held as long as the process uses the directory.
    _lock: File,
    /// None after a write that failed.
    database: Mutex<Option<Database>>,
    waiting: Mutex<Vec<Entry>>,
    /// Counts the failures: what was made on top of a change that failed fails too.
    failures: AtomicU64,
    store: Arc<Store>,
    /// Large content is read from files; what stands in the database is for the next start.
    spool: Spool,
}

/// A change on its way to disk.
#[derive(Debug)]
struct Entry {
    changes: Changes,
    publish: Option<(Arc<ArcSwap<World>>, Arc<World>)>,
    done: Arc<Done>,
}

/// What became of a change.
#[derive(Debug, Default)]
pub(crate) struct Done(OnceLock<Result<(), Unwritten>>);

/// A world as it stands on disk.
pub(crate) type Found = (Text, World, Clock);

impl Journal {
    /// Opens a directory, or makes it, and reads what is there.
    pub(crate) fn open(folder: &Path) -> Result<(Arc<Self>, Vec<Found>), DataError> {
        let path = folder.to_path_buf();
        let trouble = |source| DataError::Folder {
            path: path.clone(),
            source,
        };
        private_folder(folder).map_err(trouble)?;
        let lock = lock(folder)?;
        check_format(folder)?;
        super::map::keep_touched();
        let file = folder.join("rolecall.redb");
        let unreadable = |source: Unreadable| DataError::Unreadable {
            path: file.clone(),
            source,
        };
        let spool = empty_spool(folder)?;
        let database = database(&file).map_err(|error| unreadable(error.into()))?;
        let (found, store) = read(&database, &spool).map_err(unreadable)?;
        let journal = Self {
            file: file.clone(),
            _lock: lock,
            database: Mutex::new(Some(database)),
            waiting: Mutex::default(),
            failures: AtomicU64::new(0),
            store,
            spool,
        };
        Ok((Arc::new(journal), found))
    }

    /// Whether the last write went well.
    pub(crate) fn writes(&self) -> bool {
        self.database
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// How many writes have failed.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Acquire)
    }

    /// Lets a change wait for its turn. `made_after` is the count of failures when the world it was made on was taken.
    pub(crate) fn enqueue(
        &self,
        changes: Changes,
        publish: Option<(Arc<ArcSwap<World>>, Arc<World>)>,
        made_after: u64,
    ) -> Result<Arc<Done>, Unwritten> {
        let done = Arc::new(Done::default());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if made_after != self.failures() {
            return Err(Unwritten(
                "a change that this one builds on failed".to_owned(),
            ));
        }
        waiting.push(Entry {
            changes,
            publish,
            done: done.clone(),
        });
        Ok(done)
    }

    /// Waits until a change is on disk and published. Blocks; other tasks of the runtime go on elsewhere.
    pub(crate) fn wait(&self, done: &Done) -> Result<(), Unwritten> {
        use tokio::runtime::{Handle, RuntimeFlavor};
        match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(|| self.settle(done)),
            _ => self.settle(done),
        }
    }

    /// Enqueues and waits.
    pub(crate) fn write(&self, changes: Changes) -> Result<(), Unwritten> {
        let done = self.enqueue(changes, None, self.failures())?;
        self.wait(&done)
    }

    fn settle(&self, done: &Done) -> Result<(), Unwritten> {
        if let Some(result) = done.0.get() {
            return result.clone();
        }
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever had the turn before may have taken this one along.
        if let Some(result) = done.0.get() {
            return result.clone();
        }
        let mut batch =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let result = self.commit(&mut database, &batch);
        if result.is_err() {
            *database = None;
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            self.failures.fetch_add(1, Ordering::AcqRel);
            batch.append(&mut waiting);
        }
        for entry in batch {
            if let (Ok(()), Some((place, world))) = (&result, entry.publish) {
                place.store(world);
            }
            let _ = entry.done.0.set(result.clone());
        }
        result
    }

    fn commit(&self, database: &mut Option<Database>, batch: &[Entry]) -> Result<(), Unwritten> {
        let garbage = self.store.take_garbage();
        let written = self.try_commit(database, batch, &garbage);
        match written {
            Ok(()) => {
                let blobs = batch.iter().flat_map(|entry| &entry.changes.blobs);
                blobs.for_each(Blob::mark_written);
                Ok(())
            }
            Err(error) => {
                self.store.put_back(garbage);
                Err(Unwritten(error.to_string()))
            }
        }
    }

    fn try_commit(
        &self,
        database: &mut Option<Database>,
        batch: &[Entry],
        garbage: &[u64],
    ) -> Result<(), redb::Error> {
        if database.is_none() {
            *database = Some(self::database(&self.file)?);
        }
        let Some(database) = database else {
            return Ok(());
        };
        let transaction = database.begin_write()?;
        {
            let mut rows = transaction.open_table(ROWS)?;
            let mut bytes = transaction.open_table(BYTES)?;
            let mut worlds = transaction.open_table(WORLDS)?;
            for number in garbage {
                bytes.retain_in((*number, 0)..=(*number, u32::MAX), |_, _| false)?;
            }
            for changes in batch.iter().map(|entry| &entry.changes) {
                for blob in &changes.blobs {
                    let Some(number) = blob.unwritten() else {
                        continue;
                    };
                    let mut place = 0u32;
                    blob.each_now(|piece| {
                        bytes.insert((number, place), piece)?;
                        place += 1;
                        Ok::<_, redb::Error>(())
                    })?;
                }
                for row in &changes.rows {
                    match row {
                        Change::Put { path, row } => {
                            rows.insert(path.as_slice(), row.as_slice())?;
                        }
                        Change::Remove { path } => {
                            rows.remove(path.as_slice())?;
                            let (from, to) = (joined(path, 0), joined(path, 1));
                            rows.retain_in(from.as_slice()..to.as_slice(), |_, _| false)?;
                        }
                        Change::Clock {
                            world,
                            setting: Some(setting),
                        } => {
                            worlds.insert(&**world, setting.as_slice())?;
                        }
                        Change::Clock {
                            world,
                            setting: None,
                        } => {
                            worlds.remove(&**world)?;
                        }
                    }
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Gives content that a change speaks of its places.
    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Where the bytes of large objects go.
    pub(crate) fn spool(&self) -> &Spool {
        &self.spool
    }

    /// One that cannot write.
    #[cfg(test)]
    pub(super) fn broken() -> io::Result<Self> {
        let file = tempfile::tempdir()?.path().join("rolecall.redb");
        Ok(Self {
            file,
            _lock: tempfile::tempfile()?,
            database: Mutex::default(),
            waiting: Mutex::default(),
            failures: AtomicU64::new(0),
            store: Arc::default(),
            spool: Spool::default(),
        })
    }

    /// Compares what is on disk with the worlds as they are; for tests. Says where they differ.
    pub(crate) fn compare(&self, worlds: &[(Text, Arc<World>)]) -> Result<usize, String> {
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(database) = database.as_ref() else {
            return Err("the last write failed".to_owned());
        };
        let on_disk = rows_of(database).map_err(|error| error.to_string())?;
        let mut live = BTreeMap::new();
        for (name, world) in worlds {
            let changes = Changes::between(name, None, &**world, &self.store)
                .map_err(|error| error.to_string())?;
            for change in changes.rows {
                if let Change::Put { path, row } = change {
                    live.insert(path, row);
                }
            }
        }
        let shown = |path: &[u8]| String::from_utf8_lossy(path).replace('\0', "/");
        for (path, row) in &live {
            match on_disk.get(path) {
                None => return Err(format!("`{}` is not on disk", shown(path))),
                Some(found) if found != row => {
                    return Err(format!("`{}` is another on disk", shown(path)));
                }
                Some(_) => {}
            }
        }
        match on_disk.keys().find(|path| !live.contains_key(*path)) {
            Some(path) => Err(format!("`{}` is on disk only", shown(path))),
            None => Ok(live.len()),
        }
    }
}

fn joined(path: &[u8], last: u8) -> Vec<u8> {
    let mut joined = path.to_vec();
    joined.push(last);
    joined
}

fn database(file: &Path) -> Result<Database, redb::Error> {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    let database = builder.create(file)?;
    private_file(file)?;
    // The name of a new file is on disk only when its directory is.
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(database)
}

fn rows_of(database: &Database) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, redb::Error> {
    let transaction = database.begin_read()?;
    let table = transaction.open_table(ROWS)?;
    let mut rows = BTreeMap::new();
    for row in table.iter()? {
        let (path, row) = row?;
        rows.insert(path.value().to_vec(), row.value().to_vec());
    }
    Ok(rows)
}

/// Reads every world, and forgets content that none of them has.
fn read(database: &Database, spool: &Spool) -> Result<(Vec<Found>, Arc<Store>), Unreadable> {
    let transaction = database.begin_write().map_err(redb::Error::from)?;
    let found = {
        let broken = |error: redb::TableError| Unreadable::Disk(error.into());
        let rows = transaction.open_table(ROWS).map_err(broken)?;
        let mut bytes = transaction.open_table(BYTES).map_err(broken)?;
        let worlds = transaction.open_table(WORLDS).map_err(broken)?;
        let last = bytes.last().map_err(redb::Error::from)?;
        let last = last.map_or(0, |(key, _)| key.value().0);
        let store = Arc::new(Store::after(last));
        let (found, used) = read_worlds(&rows, &bytes, &worlds, (&store, spool))?;
        bytes
            .retain(|(number, _), _| used.contains(&number))
            .map_err(redb::Error::from)?;
        (found, store)
    };
    transaction.commit().map_err(redb::Error::from)?;
    Ok(found)
}

fn read_worlds(
    rows: &redb::Table<'_, &[u8], &[u8]>,
    bytes: &BytesTable<'_>,
    worlds: &redb::Table<'_, &str, &[u8]>,
    (store, spool): (&Arc<Store>, &Spool),
) -> Result<(Vec<Found>, HashSet<u64>), Unreadable> {
    let all = rows.iter().map_err(redb::Error::from)?.map(|row| {
        let (path, row) = row?;
        Ok::<Row, redb::Error>((path.value().to_vec(), row.value().to_vec()))
    });
    let content = |number: u64, large: bool| match large.then(|| in_file(bytes, number, spool)) {
        Some(Ok(piece)) => Ok(vec![piece]),
        // Where the disk is full there is still memory: reads go on.
        _ => in_memory(bytes, number),
    };
    let mut rows = Rows::new(all, content, store.clone());
    let mut found = Vec::new();
    while let Some(name) = rows.next_world()? {
        let world = World::load(&mut rows)?;
        let row = worlds.get(name.as_str()).map_err(redb::Error::from)?;
        let setting = row.map(|row| serde_json::from_slice::<Setting>(row.value()));
        let setting = setting.transpose().map_err(|error| Unreadable::Row {
            path: name.clone(),
            why: error.to_string(),
        })?;
        let clock = Clock::default();
        clock.set(setting.unwrap_or_default());
        found.push((Text::from(name), world, clock));
    }
    Ok((found, rows.into_used()))
}

type BytesTable<'t> = redb::Table<'t, (u64, u32), &'static [u8]>;

fn in_memory(bytes: &BytesTable<'_>, number: u64) -> Result<Vec<Piece>, redb::Error> {
    let mut pieces = Vec::new();
    for piece in bytes.range((number, 0)..=(number, u32::MAX))? {
        let (_, piece) = piece?;
        pieces.push(Bytes::copy_from_slice(piece.value()).into());
    }
    Ok(pieces)
}

fn in_file(bytes: &BytesTable<'_>, number: u64, spool: &Spool) -> Result<Piece, redb::Error> {
    let (file, length) = spool.keep(|write| {
        for piece in bytes.range((number, 0)..=(number, u32::MAX))? {
            let (_, piece) = piece?;
            write(piece.value())?;
        }
        Ok::<_, redb::Error>(())
    })?;
    Ok(Piece::File {
        file,
        at: 0,
        length,
    })
}

/// The directory for large content, without what a process left there that had no time to.
fn empty_spool(folder: &Path) -> Result<Spool, DataError> {
    let path = folder.join("spool");
    let emptied = match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => private_folder(&path),
    };
    match emptied {
        Ok(()) => Ok(Spool::within(path)),
        Err(source) => Err(DataError::Folder { path, source }),
    }
}

/// One process at a time: the lock goes with the process, however it ends.
fn lock(folder: &Path) -> Result<File, DataError> {
    let path = folder.join("lock");
    let trouble = |source| DataError::Folder {
        path: path.clone(),
        source,
    };
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(trouble)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            let holder = text.trim();
            let holder = if holder.is_empty() {
                String::new()
            } else {
                format!(" (process {holder})")
            };
            return Err(DataError::InUse {
                path: folder.to_path_buf(),
                holder,
            });
        }
        Err(fs::TryLockError::Error(error)) => return Err(trouble(error)),
    }
    // For people; a full disk is no reason not to start.
    let _ = file.set_len(0).and_then(|()| file.rewind());
    let _ = writeln!(file, "{}", std::process::id());
    Ok(file)
}

/// The file `format` says what wrote the directory.
fn check_format(folder: &Path) -> Result<(), DataError> {
    let path = folder.join("format");
    let trouble = |source| DataError::Folder {
        path: path.clone(),
        source,
    };
    match fs::read_to_string(&path) {
        // Whoever made it ended before it was written: nothing but this format was ever written in place.
        Ok(text) if text.is_empty() => write_format(folder).map_err(trouble),
        Ok(text) => match text.trim().strip_prefix("rolecall ").map(str::parse::<u32>) {
            Some(Ok(format)) if (1..=FORMAT).contains(&format) => Ok(()),
            _ => Err(DataError::Format {
                path: folder.to_path_buf(),
                found: text.trim().to_owned(),
            }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            write_format(folder).map_err(trouble)
        }
        Err(error) => Err(trouble(error)),
    }
}

/// All of it or nothing, whenever the process ends.
fn write_format(folder: &Path) -> io::Result<()> {
    let new = folder.join("format.new");
    let mut file = File::create(&new)?;
    writeln!(file, "rolecall {FORMAT}")?;
    file.sync_all()?;
    fs::rename(&new, folder.join("format"))
}

/// Secrets lie here: nobody else may look.
#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn private_file(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private_file(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod torn;
