//! Where an export goes: `s3://bucket/folder/`.

/// The bucket and the start of every key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) bucket: String,
    /// Empty, or ends in a slash.
    pub(super) folder: String,
    /// The prefix came without its slash, and rolecall added one.
    pub(super) slash_added: bool,
}

impl Target {
    /// Reads an `S3UrlPrefix`. Nobody knows what Pinpoint did with a folder that does not end in a slash;
    /// rolecall takes it as a folder, because the model calls it one.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("s3://").ok_or_else(|| {
            format!("`{url}` does not begin with `s3://`; write s3://bucket-name/folder-name/")
        })?;
        let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(format!(
                "`{url}` names no bucket; write s3://bucket-name/folder-name/"
            ));
        }
        let slash_added = !folder.is_empty() && !folder.ends_with('/');
        Ok(Self {
            bucket: bucket.to_owned(),
            folder: if slash_added {
                format!("{folder}/")
            } else {
                folder.to_owned()
            },
            slash_added,
        })
    }

    /// The key of a piece, from 1: `<prefix><job-id>_<piece>.gz`. AWS does not say how it names them;
    /// rolecall's choice.
    pub(super) fn key(&self, job: &str, piece: usize) -> String {
        format!("{}{job}_{piece}.gz", self.folder)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn folders_end_in_a_slash() {
        let key = |url| Target::parse(url).map(|target| (target.key("j", 2), target.slash_added));
        assert_eq!(
            key("s3://b/Exports/"),
            Ok(("Exports/j_2.gz".to_owned(), false))
        );
        assert_eq!(
            key("s3://b/Exports"),
            Ok(("Exports/j_2.gz".to_owned(), true))
        );
        assert_eq!(key("s3://b/a/b/"), Ok(("a/b/j_2.gz".to_owned(), false)));
        assert_eq!(key("s3://b/"), Ok(("j_2.gz".to_owned(), false)));
        assert_eq!(key("s3://b"), Ok(("j_2.gz".to_owned(), false)));
        assert_eq!(Target::parse("s3://b.c/x").unwrap().bucket, "b.c");
    }

    #[test]
    fn what_is_no_place_in_s3_is_refused() {
        for url in [
            "",
            "b/Exports/",
            "https://b.s3.amazonaws.com/Exports/",
            "s3:///Exports/",
            "S3://b/",
        ] {
            assert!(
                Target::parse(url).unwrap_err().contains("s3://bucket-name"),
                "{url}"
            );
        }
    }
}
