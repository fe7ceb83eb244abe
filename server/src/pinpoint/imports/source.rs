//! Where an import comes from: `s3://bucket/folder/file`, one file or all of a folder.

use super::lines::Format;

/// The bucket, and a key or the start of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) bucket: String,
    pub(super) path: String,
}

/// The most files of one job. rolecall's choice.
pub(super) const MOST_FILES: usize = 1000;

/// The most bytes of one job. Source: Amazon Pinpoint Developer Guide, "Quotas", endpoint import quotas.
const MOST_BYTES: u64 = 1 << 30;

impl Source {
    /// Reads an `S3Url`.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let form = "write s3://bucket-name/folder-name/file-name";
        let rest = url
            .strip_prefix("s3://")
            .ok_or_else(|| format!("`{url}` does not begin with `s3://`; {form}"))?;
        let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(format!("`{url}` names no bucket; {form}"));
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            path: path.to_owned(),
        })
    }

    /// Whether the key is this very file, or one of this folder and of those inside whose name ends as the format's do.
    /// How Pinpoint tells the formats apart is not documented; rolecall's choice.
    pub(super) fn takes(&self, key: &str, format: Format) -> bool {
        self.is(key) || self.holds(key) && format.names(key)
    }

    /// The files among the keys that it takes: the one that has this very name, or else all.
    pub(super) fn files(
        &self,
        keys: Vec<(String, u64)>,
        format: Format,
    ) -> Result<Vec<String>, String> {
        let url = format!("s3://{}/{}", self.bucket, self.path);
        let wanted: Vec<_> = match keys.iter().find(|(key, _)| self.is(key)) {
            Some(file) => vec![file.clone()],
            None => keys,
        };
        if wanted.len() > MOST_FILES {
            return Err(format!("{url} has more than {MOST_FILES} files"));
        }
        if wanted.is_empty() {
            let end = format.extension();
            return Err(format!(
                "there is no file {url}, nor one below it whose name ends in {end}"
            ));
        }
        let bytes: u64 = wanted.iter().map(|(_, size)| size).sum();
        if bytes > MOST_BYTES {
            return Err(format!(
                "the files of {url} have {bytes} bytes; a job takes {MOST_BYTES}"
            ));
        }
        Ok(wanted.into_iter().map(|(key, _)| key).collect())
    }

    fn is(&self, key: &str) -> bool {
        key == self.path && !key.ends_with('/')
    }

    /// Whether the key lies in this folder, with or without a slash at its end.
    fn holds(&self, key: &str) -> bool {
        let rest = key.strip_prefix(&*self.path);
        let whole = self.path.is_empty() || self.path.ends_with('/');
        rest.is_some_and(|rest| !rest.is_empty() && (whole || rest.starts_with('/')))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn files(path: &str, keys: &[&str]) -> Result<Vec<String>, String> {
        let source = Source::parse(&format!("s3://b/{path}")).unwrap();
        let taken = keys.iter().filter(|key| source.takes(key, Format::Csv));
        let keys = taken.map(|key| ((*key).to_owned(), 10)).collect();
        source.files(keys, Format::Csv)
    }

    #[test]
    fn one_file_or_all_of_a_folder() {
        let keys = [
            "in/",
            "in/a.csv",
            "in/b.CSV",
            "in/c.json",
            "in/d.csv.gz",
            "in/x/e.csv",
            "in2/f.csv",
        ];
        let all = ["in/a.csv", "in/b.CSV", "in/x/e.csv"];
        assert_eq!(files("in/", &keys).unwrap(), all);
        assert_eq!(files("in", &keys).unwrap(), all);
        assert_eq!(files("in/c.json", &keys).unwrap(), ["in/c.json"]);
        assert_eq!(files("", &keys).unwrap().len(), 4);
        assert!(files("out/", &["out/c.json"]).unwrap_err().contains(".csv"));
        assert!(files("in/a", &keys).is_err());
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let source = Source::parse("s3://b/in/").unwrap();
        let large = vec![("in/a.json".to_owned(), (1 << 30) + 1)];
        assert!(source.files(large, Format::Json).is_err());
        let many = (0..=MOST_FILES).map(|n| (format!("in/{n}.json"), 1));
        assert!(source.files(many.collect(), Format::Json).is_err());
    }

    #[test]
    fn what_is_no_place_in_s3_is_refused() {
        for url in ["", "b/in/", "https://b.s3.amazonaws.com/in/", "s3:///in/"] {
            assert!(
                Source::parse(url).unwrap_err().contains("s3://bucket-name"),
                "{url}"
            );
        }
    }
}
