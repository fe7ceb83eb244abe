//! `rolecall init`: a first scenario and the guide's own two policies.

use std::process::ExitCode;

use super::args::Init;
use super::{Failed, Outcome, out};

/// Path and text of what is written. The policies are the guide's, byte for byte.
const FILES: [(&str, &str); 3] = [
    (
        "scenarios/00-hello.rolecall.yaml",
        include_str!("starter/hello.yaml"),
    ),
    (
        "scenarios/policies/s3policy.json",
        include_str!("starter/s3policy.json"),
    ),
    (
        "scenarios/policies/trustpolicy.json",
        include_str!("starter/trustpolicy.json"),
    ),
];

pub(super) fn main(args: &Init) -> Outcome {
    let taken = FILES
        .iter()
        .find(|(path, _)| args.folder.join(path).exists());
    if let Some((path, _)) = taken {
        let path = args.folder.join(path);
        return Err(Failed::new(format!(
            "`{}` is there already; nothing was written",
            path.display()
        ))
        .help("rolecall init FOLDER writes into another folder"));
    }
    for (path, text) in FILES {
        let path = match args.folder.as_os_str() {
            here if here == "." => std::path::PathBuf::from(path),
            _ => args.folder.join(path),
        };
        let failed = |error: std::io::Error| {
            Failed::new(format!("failed to write `{}`: {error}", path.display()))
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&path, text).map_err(failed)?;
        out::line(&format!("  wrote {}", path.display()));
    }
    out::line("  next: rolecall test");
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "tests")]

    use super::*;

    #[test]
    fn what_is_written_is_what_is_tested_here() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (path, text) in FILES {
            let here = std::fs::read_to_string(root.join(path)).expect(path);
            assert_eq!(here, text, "{path}");
        }
    }
}
