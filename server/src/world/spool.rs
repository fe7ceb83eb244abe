//! Where the bytes of large objects are while the endpoint runs: files of a private directory that is removed at the
//! end. Their names are numbers; nothing that a client says becomes part of a path.

use bytes::Bytes;
use std::{
    fs::File,
    io::{self, IoSlice, Read as _, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tempfile::TempDir;
use tokio::task::{JoinHandle, spawn_blocking};

/// How many bytes are handed to a file at a time: while so many are written, the next arrive.
const BATCH: usize = 512 * 1024;

/// The directory, made when the first large object comes.
#[derive(Debug)]
pub(crate) struct Spool {
    /// Where it is made.
    within: PathBuf,
    /// Where it cannot be made, content stays in memory.
    optional: bool,
    folder: Mutex<Option<Arc<TempDir>>>,
    next: AtomicU64,
}

/// A file of the spool. It is removed with the last object that has bytes in it.
#[derive(Debug)]
pub(crate) struct SpoolFile {
    path: PathBuf,
    /// The directory stays as long as one of its files.
    _folder: Arc<TempDir>,
}

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct Spooling {
    file: Arc<SpoolFile>,
    /// What is being written; it gives the handle back. The file is made with the first bytes.
    writing: Option<JoinHandle<io::Result<File>>>,
    /// What is written next.
    waiting: Vec<Bytes>,
    /// How many bytes wait.
    waits: usize,
    length: u64,
}

/// Where the system keeps what is temporary.
impl Default for Spool {
    fn default() -> Self {
        Self::optional_within(std::env::temp_dir())
    }
}

impl Spool {
    /// Below a folder that need not take files.
    pub(crate) fn optional_within(folder: PathBuf) -> Self {
        Self {
            optional: true,
            ..Self::within(folder)
        }
    }

    /// Below the data directory.
    pub(crate) fn within(folder: PathBuf) -> Self {
        Self {
            within: folder,
            optional: false,
            folder: Mutex::default(),
            next: AtomicU64::new(0),
        }
    }

    /// A new file; none where there is nowhere to put one, as in a container whose file system cannot be written: content
    /// then stays in memory.
    pub(crate) fn create(&self) -> io::Result<Option<Spooling>> {
        let folder = match self.folder() {
            Err(error) if self.optional && is_nowhere(&error) => return Ok(None),
            folder => folder?,
        };
        let file = self.next_in(folder);
        Ok(Some(Spooling {
            file: Arc::new(file),
            writing: None,
            waiting: Vec::new(),
            waits: 0,
            length: 0,
        }))
    }

    /// A file with these bytes in it, for reading, and how many they are. Blocks.
    pub(crate) fn keep<E: From<io::Error>>(
        &self,
        bytes: impl FnOnce(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<(), E>,
    ) -> Result<(Arc<SpoolFile>, u64), E> {
        let file = self.next_in(self.folder()?);
        let mut handle = File::create_new(&file.path)?;
        let mut length = 0;
        bytes(&mut |piece| {
            length += piece.len() as u64;
            handle.write_all(piece)
        })?;
        Ok((Arc::new(file), length))
    }

    fn next_in(&self, folder: Arc<TempDir>) -> SpoolFile {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        SpoolFile {
            path: folder.path().join(number.to_string()),
            _folder: folder,
        }
    }

    /// The directory.
    pub(super) fn folder(&self) -> io::Result<Arc<TempDir>> {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &*folder {
            return Ok(folder.clone());
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix("rolecall-");
        // Nobody else may look at what was stored.
        #[cfg(unix)]
        builder.permissions({
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::Permissions::from_mode(0o700)
        });
        let made = Arc::new(builder.tempdir_in(&self.within)?);
        *folder = Some(made.clone());
        Ok(made)
    }
}

impl Spooling {
    /// Adds bytes, which are written while the next arrive: nothing is copied on the way.
    pub(crate) async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
        self.length += bytes.len() as u64;
        self.waits += bytes.len();
        self.waiting.push(bytes);
        if self.waits < BATCH {
            return Ok(());
        }
        self.hand_over().await
    }

    /// Waits for what is being written, and begins with what came since.
    async fn hand_over(&mut self) -> io::Result<()> {
        let handle = match self.writing.take() {
            Some(writing) => Some(writing.await??),
            None => None,
        };
        self.waits = 0;
        let batch = std::mem::take(&mut self.waiting);
        // The file is not removed before its last write has ended, even if nobody waits for that.
        let file = self.file.clone();
        self.writing = Some(spawn_blocking(move || {
            let mut handle = match handle {
                Some(handle) => handle,
                None => File::create_new(&file.path)?,
            };
            write_all(&mut handle, &batch)?;
            Ok(handle)
        }));
        Ok(())
    }

    /// The file and its length. Dropping it instead removes the file.
    pub(crate) async fn finish(mut self) -> io::Result<(Arc<SpoolFile>, u64)> {
        self.hand_over().await?;
        if let Some(writing) = self.writing.take() {
            writing.await??;
        }
        Ok((self.file, self.length))
    }
}

/// Writes all of `pieces` with as few calls as the system allows. Blocks.
fn write_all(file: &mut File, pieces: &[Bytes]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let mut left = slices.as_mut_slice();
    // Leading empty slices would look like a file that takes nothing.
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match file.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut left, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl SpoolFile {
    /// Opens it for reading.
    pub(crate) fn open(&self) -> io::Result<File> {
        File::open(&self.path)
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        // What cannot be removed now goes with the directory.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// No directory can be made there, whatever is done about it while the endpoint runs.
fn is_nowhere(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    matches!(
        error.kind(),
        NotFound | NotADirectory | PermissionDenied | ReadOnlyFilesystem
    )
}

/// Reads `length` bytes at `at`.
pub(crate) fn read_at(file: &mut File, at: u64, length: usize) -> io::Result<Bytes> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look() -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Spool::default().folder()?;
        let mode = folder.path().metadata()?.permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        Ok(())
    }

    #[test]
    fn where_there_is_nowhere_to_put_files_there_are_none() {
        let missing = std::env::temp_dir().join("rolecall-no-such-folder");
        let of_data = Spool::within(missing.clone());
        assert!(of_data.create().is_err(), "the data directory is there");
        let in_memory = Spool::optional_within(missing);
        assert!(in_memory.create().is_ok_and(|file| file.is_none()));
    }
}
