//! The power goes at any moment: everything before the last flush is there, of what came after any part, the last
//! write torn. What opens then is a whole transaction, and none that was acknowledged is missing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use redb::StorageBackend;

/// Rows that every transaction writes alike.
const ROWS_EACH: usize = 5;
const TRANSACTIONS: usize = 8;

#[derive(Debug, Clone)]
enum Step {
    Write(u64, Vec<u8>),
    Length(u64),
    Flush,
}

/// A disk that remembers what happened to it.
#[derive(Debug, Default, Clone)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    steps: Arc<Mutex<Vec<Step>>>,
}

fn apply(bytes: &mut Vec<u8>, step: &Step) {
    match step {
        Step::Write(at, data) => {
            let (from, to) = (*at as usize, *at as usize + data.len());
            if bytes.len() < to {
                bytes.resize(to, 0);
            }
            bytes[from..to].copy_from_slice(data);
        }
        Step::Length(length) => bytes.resize(*length as usize, 0),
        Step::Flush => {}
    }
}

impl Disk {
    fn step(&self, step: Step) {
        apply(&mut self.bytes.lock().unwrap(), &step);
        self.steps.lock().unwrap().push(step);
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let from = offset as usize;
        out.copy_from_slice(&self.bytes.lock().unwrap()[from..from + out.len()]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.step(Step::Length(length));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.step(Step::Flush);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.step(Step::Write(offset, data.to_vec()));
        Ok(())
    }
}

fn open(disk: Disk) -> Database {
    Database::builder().create_with_backend(disk).unwrap()
}

/// Every transaction writes its number into all rows; which one is there?
fn found(bytes: Vec<u8>) -> usize {
    let disk = Disk {
        bytes: Arc::new(Mutex::new(bytes)),
        ..Disk::default()
    };
    let rows = rows_of(&open(disk)).unwrap_or_default();
    let numbers: HashSet<Vec<u8>> = rows.values().cloned().collect();
    assert!(numbers.len() <= 1, "half a transaction: {numbers:?}");
    assert!(
        rows.is_empty() || rows.len() == ROWS_EACH,
        "{} rows",
        rows.len()
    );
    let number = numbers
        .iter()
        .next()
        .map(|text| text.split(|byte| *byte == b' ').next().unwrap());
    number.map_or(0, |text| str::from_utf8(text).unwrap().parse().unwrap())
}

#[test]
fn the_last_write_may_be_torn() {
    let disk = Disk::default();
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal {
        file: folder.path().join("unused"),
        _lock: File::create(folder.path().join("lock")).unwrap(),
        database: Mutex::new(Some(open(disk.clone()))),
        waiting: Mutex::default(),
        failures: AtomicU64::new(0),
        store: Arc::default(),
        spool: Spool::default(),
    };
    let mut acknowledged = Vec::new();
    for number in 1..=TRANSACTIONS {
        let mut changes = Changes::nothing(journal.store());
        for row in 0..ROWS_EACH {
            changes.rows.push(Change::Put {
                path: format!("row {row}").into_bytes(),
                row: format!("{number} {}", "x".repeat(3000)).into_bytes(),
            });
        }
        journal.write(changes).unwrap();
        acknowledged.push(disk.steps.lock().unwrap().len());
    }
    let steps = disk.steps.lock().unwrap().clone();
    let begin = acknowledged[0];
    for end in begin..=steps.len() {
        let done = acknowledged.iter().filter(|at| **at <= end).count();
        let flushed = steps[..end]
            .iter()
            .rposition(|step| matches!(step, Step::Flush));
        let flushed = flushed.map_or(0, |at| at + 1);
        // All that was written since the flush; only every other write of it; all with the last one torn.
        for way in 0..3 {
            let mut bytes = Vec::new();
            steps[..flushed]
                .iter()
                .for_each(|step| apply(&mut bytes, step));
            for (place, step) in steps[flushed..end].iter().enumerate() {
                let last = flushed + place + 1 == end;
                match step {
                    Step::Write(..) if way == 1 && place % 2 == 1 => {}
                    Step::Write(at, data) if way == 2 && last => {
                        apply(
                            &mut bytes,
                            &Step::Write(*at, data[..data.len() / 2].to_vec()),
                        );
                    }
                    step => apply(&mut bytes, step),
                }
            }
            let found = found(bytes);
            assert!(
                found == done || found == done + 1,
                "step {end}, way {way}: transaction {found} is there, {done} were acknowledged"
            );
        }
    }
}
