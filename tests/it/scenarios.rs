//! Every scenario file is a test.

use libtest_mimic::Trial;
use rolecall::scenario::run::{Exit, Options};
use std::path::{Path, PathBuf};

pub(crate) fn tests() -> Vec<Trial> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".rolecall.yaml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are scenarios");
    files.into_iter().map(trial).collect()
}

fn trial(file: PathBuf) -> Trial {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    crate::test(format!("scenarios::{name}"), move || async move {
        let report = rolecall::run_scenarios(&[file], &Options::default()).await;
        assert_eq!(
            report.exit,
            Exit::Passed,
            "{:?} {:#?}",
            report.mistakes,
            report.events
        );
    })
}
