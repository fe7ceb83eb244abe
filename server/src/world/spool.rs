//! Where the bytes of large objects are while the state is in memory: files of a private directory that is removed at
//! the end. Their names are numbers; nothing that a client says becomes part of a path.

use bytes::Bytes;
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

/// The directory, made when the first large object comes.
#[derive(Debug, Default)]
pub(crate) struct Spool {
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
    // The handle is closed before the file is removed, where that matters.
    handle: tokio::fs::File,
    file: Arc<SpoolFile>,
    length: u64,
}

impl Spool {
    /// A new file.
    pub(crate) async fn create(&self) -> io::Result<Spooling> {
        let folder = self.folder()?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = folder.path().join(number.to_string());
        let handle = tokio::fs::File::create_new(&path).await?;
        let file = SpoolFile {
            path,
            _folder: folder,
        };
        Ok(Spooling {
            handle,
            file: Arc::new(file),
            length: 0,
        })
    }

    /// The directory.
    pub(super) fn folder(&self) -> io::Result<Arc<TempDir>> {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &*folder {
            return Ok(folder.clone());
        }
        let made = Arc::new(tempfile::Builder::new().prefix("rolecall-").tempdir()?);
        *folder = Some(made.clone());
        Ok(made)
    }
}

impl Spooling {
    /// Adds bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        self.handle.write_all(bytes).await
    }

    /// The file and its length. Dropping it instead removes the file.
    pub(crate) async fn finish(mut self) -> io::Result<(Arc<SpoolFile>, u64)> {
        self.handle.flush().await?;
        Ok((self.file, self.length))
    }
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

/// Reads `length` bytes at `at`.
pub(crate) fn read_at(file: &mut File, at: u64, length: usize) -> io::Result<Bytes> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes.into())
}
