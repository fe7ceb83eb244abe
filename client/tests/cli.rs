//! The command itself: its words, its exit codes, its streams.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

fn rolecall(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command.args(arguments).current_dir(folder);
    // Nothing of the shell that runs the tests may decide how they end.
    for (name, _) in std::env::vars() {
        if name.starts_with("ROLECALL_") || name.starts_with("AWS_") || name == "GITHUB_ACTIONS" {
            command.env_remove(name);
        }
    }
    command
}

fn ended(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = rolecall(arguments, folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn started() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, said) = ended(&["init"], folder.path());
    assert_eq!(code, 0, "{said}");
    folder
}

/// A running `rolecall serve`, ended with the value.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(more: &[&str], folder: &Path) -> Self {
        let mut arguments = vec!["serve", "--port", "0"];
        arguments.extend(more);
        let mut child = rolecall(&arguments, folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut ready)
            .unwrap();
        let url = ready
            .trim_end()
            .strip_prefix("rolecall ready on ")
            .expect(&ready)
            .to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{ready}");
        Self { child, url }
    }

    #[cfg(unix)]
    fn end(mut self) -> (i32, String) {
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        let code = self.child.wait().unwrap().code().unwrap();
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        (code, said)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn without_a_word_there_is_help() {
    let (code, out, _) = ended(&[], Path::new("."));
    assert_eq!(code, 0);
    assert!(
        out.contains("Usage: rolecall") && out.contains("Examples:"),
        "{out}"
    );
}

#[test]
fn every_help_has_examples() {
    for command in [
        "serve", "run", "test", "can", "prove", "explain", "env", "ping", "init", "judge", "lint",
    ] {
        let (code, out, _) = ended(&[command, "--help"], Path::new("."));
        let example = "Examples:\n  ";
        assert!(code == 0 && out.contains(example), "{command}: {out}");
        assert!(out.contains(&format!("  rolecall {command}")), "{out}");
    }
}

#[test]
fn a_wrong_word_gets_the_nearest_one() {
    let (code, _, said) = ended(&["explian"], Path::new("."));
    assert_eq!(code, 2);
    assert!(said.contains("'explain'"), "{said}");
}

#[test]
fn the_starter_passes_and_breaks() {
    let folder = started();
    let (code, out, said) = ended(&["test"], folder.path());
    assert_eq!(code, 0, "{out}{said}");
    assert!(
        out.contains("PASS  00-hello")
            && out.contains("1 passed, 0 failed - 2 checks as expected: 1 allowed, 1 denied"),
        "{out}"
    );

    let policy = folder.path().join("scenarios/policies/s3policy.json");
    let text = std::fs::read_to_string(&policy).unwrap();
    std::fs::write(&policy, text.replace("Exports/*", "*")).unwrap();
    let (code, out, _) = ended(&["test"], folder.path());
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("expected denied, got ALLOWED by AllowAllS3ActionsInUserFolder"),
        "{out}"
    );
}

#[test]
fn exit_codes() {
    let folder = started();
    let empty = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("scenarios/00-hello.rolecall.yaml");
    for (arguments, wanted) in [
        (&["test", "--bogus"][..], 2),
        (&["test", "no/such/folder"], 3),
        (&["test", "-k", "no such step"], 4),
        (&["test", "--tag", "none"], 4),
        (&["test", "--min-checks", "3"], 1),
        (&["test", "--target", "http://127.0.0.1:1"], 5),
        (&["test", "--list"], 0),
        (&["ping", "--quiet", "--endpoint", "http://127.0.0.1:1"], 1),
    ] {
        let (code, out, said) = ended(arguments, folder.path());
        assert_eq!(code, wanted, "{arguments:?}\n{out}{said}");
    }
    assert_eq!(ended(&["test"], empty.path()).0, 4);

    let text = std::fs::read_to_string(&scenario).unwrap();
    std::fs::write(&scenario, text.replace("expect: denied", "expct: denied")).unwrap();
    let (code, out, said) = ended(&["test"], folder.path());
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(
        said.contains("did you mean `expect`?") && said.contains("nothing was run"),
        "{said}"
    );
}

#[test]
fn reports_go_to_files() {
    let folder = started();
    let (code, _, said) = ended(
        &[
            "test",
            "-q",
            "--out",
            "junit:report.xml",
            "--out",
            "json:report.json",
        ],
        folder.path(),
    );
    assert_eq!(code, 0, "{said}");
    let xml = std::fs::read_to_string(folder.path().join("report.xml")).unwrap();
    assert!(
        xml.contains("tests=\"2\"") && xml.contains("failures=\"0\""),
        "{xml}"
    );
    let json = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    assert!(
        json.lines().last().unwrap().contains("\"event\":\"end\""),
        "{json}"
    );
}

#[test]
fn annotations_are_added_in_a_workflow() {
    let folder = started();
    let scenario = folder.path().join("scenarios/00-hello.rolecall.yaml");
    let text = std::fs::read_to_string(&scenario).unwrap();
    std::fs::write(&scenario, text.replace("expect: denied", "expect: allowed")).unwrap();
    let out = rolecall(&["test"], folder.path())
        .env("GITHUB_ACTIONS", "true")
        .output()
        .unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    let notes: Vec<&str> = out
        .lines()
        .filter(|line| line.starts_with("::error "))
        .collect();
    assert_eq!(notes.len(), 2, "{out}");
    assert!(
        notes[0].contains("file=scenarios/00-hello.rolecall.yaml,line="),
        "{out}"
    );
    assert!(
        notes[1].contains("file=scenarios/policies/s3policy.json,line=49,"),
        "{out}"
    );
}

#[test]
fn a_command_sees_its_endpoint_and_gives_its_exit_code() {
    let script = "test -n \"$AWS_ENDPOINT_URL\" && \"$0\" ping && exit 7";
    let bin = env!("CARGO_BIN_EXE_rolecall");
    let (code, out, said) = ended(&["run", "--", "sh", "-c", script, bin], Path::new("."));
    assert_eq!(code, 7, "{out}{said}");
    assert!(out.starts_with("rolecall 0."), "{out}");
    assert!(said.contains("0 decisions, 0 denied"), "{said}");
    let (code, _, said) = ended(&["run", "--", "no-such-program"], Path::new("."));
    assert_eq!(code, 127, "{said}");
}

#[test]
fn one_question_without_an_endpoint() {
    let folder = started();
    let policy = "scenarios/policies/s3policy.json";
    let bucket = "arn:aws:s3:::example-bucket";
    let can = |more: &[&str]| {
        let mut arguments = vec!["can", "--policy", policy];
        arguments.extend(more);
        ended(&arguments, folder.path())
    };
    let (code, out, said) = can(&["s3:GetObject", "arn:aws:s3:::example-bucket/Exports/a"]);
    assert_eq!(
        (code, out.as_str()),
        (0, "yes  AllowAllS3ActionsInUserFolder\n"),
        "{said}"
    );
    let (code, out, _) = can(&["s3:ListBucket", bucket, "--context", "s3:prefix=Exports"]);
    assert_eq!(code, 1);
    assert!(
        out.starts_with("no   mismatch s3:prefix")
            && out.contains("\"Exports\" is not \"Exports/\""),
        "{out}"
    );
    let (code, ..) = can(&["s3:ListBucket", bucket, "--expect", "denied"]);
    assert_eq!(code, 0);

    let trust = "scenarios/policies/trustpolicy.json";
    let (code, out, said) = ended(
        &[
            "can",
            "--trust",
            trust,
            "service/pinpoint.amazonaws.com",
            "sts:AssumeRole",
        ],
        folder.path(),
    );
    assert_eq!((code, out.as_str()), (0, "yes  trust#0\n"), "{said}");
    let (code, out, said) = ended(
        &[
            "can",
            "--trust",
            trust,
            "service/ses.amazonaws.com",
            "sts:AssumeRole",
        ],
        folder.path(),
    );
    assert!(
        code == 1 && out.contains("mismatch principal"),
        "{out}{said}"
    );

    let (code, _, said) = ended(&["can", "s3:GetObject"], folder.path());
    assert!(code == 2 && said.contains("is nobody"), "{said}");
}

#[test]
fn a_refused_document_is_shown_as_lint_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pasted.json"), PASTED).unwrap();
    let ask = |more: &[&str]| {
        let arguments = [&["can"], more].concat();
        ended(&arguments, folder.path())
    };
    let question = ["s3:GetObject", "arn:aws:s3:::b/k"];
    let (code, out, said) = ask(&[&["--policy", "pasted.json"], &question[..]].concat());
    assert_eq!((code, out.as_str()), (3, ""));
    insta::assert_snapshot!(said, @r#"
    error: RC-P001 Fix the JSON syntax error at index 117 line 6 column 29: a comma before the closing bracket.
     --> pasted.json:6:30
      |
    6 |     "Action": ["s3:GetObject",],
      |                              ^
      |
      = help: take the comma out
      = help: rolecall lint --fix does that
      = help: rolecall explain RC-P001

    error: `pasted.json` is refused, as AWS refuses it: Syntax errors in policy.
    "#);

    // It is read as what it is asked to be, the policy of somebody, whatever it looks like.
    let named = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
  "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}}"#;
    std::fs::write(folder.path().join("named.json"), named).unwrap();
    let (code, _, said) = ask(&[&["--policy", "named.json"], &question[..]].concat());
    assert_eq!(code, 3);
    assert!(
        said.contains("named.json:2:3")
            && said.contains("Policy document should not specify a principal."),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn a_proof_or_the_shortest_counterexample() {
    let folder = started();
    let within = "arn:aws:s3:::example-bucket/Exports/*";
    let mut question = ["prove", "--action", "s3:PutObject", "--within", within];
    let (code, said, _) = ended(
        &[
            &question[..],
            &["--policy", "scenarios/policies/s3policy.json"],
        ]
        .concat(),
        folder.path(),
    );
    assert_eq!(code, 0, "{said}");
    assert!(
        said.starts_with("proved: s3:PutObject by user/somebody stays within"),
        "{said}"
    );

    question[4] = "arn:aws:s3:::example-bucket/Exports/2026/*";
    let (code, said, _) = ended(
        &[
            &question[..],
            &["--policy", "scenarios/policies/s3policy.json"],
        ]
        .concat(),
        folder.path(),
    );
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("for example arn:aws:s3:::example-bucket/Exports/"),
        "{said}"
    );
    assert!(
        said.contains("s3policy:49:28") && said.contains("^^^ covers"),
        "{said}"
    );

    let mut misspelt = question;
    misspelt[2] = "s3:PutObjct";
    let policy = ["--policy", "scenarios/policies/s3policy.json"];
    let (code, out, said) = ended(&[&misspelt[..], &policy].concat(), folder.path());
    assert_eq!(
        (code, out.as_str(), said.as_str()),
        (
            2,
            "",
            "error: s3 has no action `PutObjct`; did you mean s3:PutObject?\n"
        )
    );
    // A question about one resource is answered all the same.
    let asked = ["can", "s3:PutObjct", "arn:aws:s3:::b/k"];
    let (code, out, said) = ended(&[&asked[..], &policy].concat(), folder.path());
    assert_eq!((code, out.starts_with("no ")), (1, true), "{out}");
    assert_eq!(
        said,
        "warning: s3 has no action `PutObjct`; did you mean s3:PutObject?\n"
    );

    question[4] = "Exports/";
    let (code, _, said) = ended(
        &[
            &question[..],
            &["--policy", "scenarios/policies/s3policy.json"],
        ]
        .concat(),
        folder.path(),
    );
    assert_eq!(
        (code, said.contains("`Exports/` is not an ARN pattern")),
        (2, true),
        "{said}"
    );

    // In the world of a scenario, and by somebody who is not in it.
    question[4] = within;
    let scenario = std::fs::read_dir(folder.path().join("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|it| it == "yaml"))
        .unwrap();
    let scenario = scenario.to_str().unwrap();
    let by = |who: &'static str| {
        ended(
            &[&question[..], &["--scenario", scenario, "--by", who]].concat(),
            folder.path(),
        )
    };
    let (code, said, _) = by("role/s3ExportRole");
    assert_eq!((code, said.starts_with("proved")), (0, true), "{said}");
    let (code, _, said) = by("role/nobody");
    assert_eq!(
        (code, said.contains("there is no role `nobody`")),
        (1, true),
        "{said}"
    );
}

#[test]
fn serve_from_start_to_end() {
    let folder = started();
    let served = Served::start(
        &[
            "--port-file",
            "port",
            "--load",
            "scenarios/00-hello.rolecall.yaml",
            "--account",
            "999988887777",
        ],
        folder.path(),
    );
    let at = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--endpoint", &served.url]);
        ended(&all, folder.path())
    };
    let port = std::fs::read_to_string(folder.path().join("port")).unwrap();
    assert!(served.url.ends_with(&format!(":{}", port.trim())), "{port}");
    assert_eq!(at(&["ping"]).0, 0);

    let (code, out, _) = at(&[
        "can",
        "role/s3ExportRole",
        "s3:PutObject",
        "arn:aws:s3:::example-bucket/exports/x",
    ]);
    assert_eq!(code, 1);
    assert!(
        out.starts_with("no   mismatch resource (AllowAllS3ActionsInUserFolder)"),
        "{out}"
    );
    let (code, out, _) = at(&["explain", "--last"]);
    assert_eq!(code, 0);
    assert!(
        out.contains("DENIED (implicit)") && out.contains("<- nearest"),
        "{out}"
    );
    let id = out.split_whitespace().next().unwrap().to_owned();
    assert_eq!(at(&["explain", &id]).1, out);
    assert_eq!(at(&["explain", "ffffffffffff"]).0, 1);

    // The port is taken now.
    let (code, _, said) = ended(&["serve", "--port", port.trim()], folder.path());
    assert_eq!(code, 1);
    assert!(
        said.contains(&format!(
            "{} is in use (LocalStack?); try --port 0",
            port.trim()
        )),
        "{said}"
    );

    let (code, said) = served.end();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("enforcing IAM   yes, always"), "{said}");
    assert!(
        said.contains("nearest AllowAllS3ActionsInUserFolder: resource"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn scenarios_run_against_a_running_endpoint() {
    let folder = started();
    let served = Served::start(&["--quiet"], folder.path());
    let run = |more: &[&str]| {
        let mut all = vec!["test", "--target", served.url.as_str()];
        all.extend(more);
        ended(&all, folder.path())
    };
    let (code, out, said) = run(&[]);
    assert_eq!(code, 0, "{out}{said}");
    // The first run left its world behind.
    let (code, out, _) = run(&[]);
    assert_eq!(code, 5, "{out}");
    assert!(out.contains("--reset"), "{out}");
    let (code, out, said) = run(&["--reset"]);
    assert_eq!(code, 0, "{out}{said}");
}

#[test]
fn case_files_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let case = |id: &str, expected: &str| {
        format!(
            r#"{{"id": "{id}", "strict_core": true, "identity_policies": [{{"Statement": [{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}]}}], "request": {{"principal": {{"arn": "arn:aws:iam::123456789012:user/ana"}}, "action": "s3:GetObject", "resource": "arn:aws:s3:::other/k", "context": {{}}}}, "expected": "{expected}"}}"#
        ) + "\n"
    };
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, case("good", "ImplicitlyDenied")).unwrap();
    let (code, out, said) = ended(&["judge", "cases.jsonl"], folder.path());
    assert_eq!(
        (code, out.as_str()),
        (
            0,
            "cases.jsonl: 1 of 1 agree, 0 differ; of those nobody doubts 1 of 1 agree\n"
        ),
        "{said}"
    );

    std::fs::write(&file, case("good", "Denied") + &case("bad", "Allowed")).unwrap();
    let (code, out, _) = ended(&["judge", "cases.jsonl", "--strict"], folder.path());
    assert_eq!(code, 1, "{out}");
    assert!(
        out.starts_with("bad (line 2): expected Allowed, decided ImplicitlyDenied\n"),
        "{out}"
    );
    assert!(
        out.contains("<- nearest")
            && out.ends_with("1 of 2 agree, 1 differ; of those nobody doubts 1 of 2 agree\n"),
        "{out}"
    );

    std::fs::write(&file, "{}\n").unwrap();
    let (code, _, said) = ended(&["judge", "cases.jsonl"], folder.path());
    assert_eq!(code, 3);
    assert!(
        said.contains("failed to read cases.jsonl: line 1: `expected` is missing"),
        "{said}"
    );
}

const PASTED: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\n    \"Sid\": \"Read\",\n    \"Effect\": \"Allow\",\n    \"Action\": [\"s3:GetObject\",],\n    \"Resource\": \"arn:aws:s3:::b/*\"\n  }\n}\n";

#[test]
fn lint_points_at_the_mistake_and_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pasted.json");
    std::fs::write(&file, PASTED).unwrap();
    let (code, said, _) = ended(&["lint", "pasted.json"], folder.path());
    assert_eq!(code, 1);
    insta::assert_snapshot!(said, @r#"
    error: RC-P001 Fix the JSON syntax error at index 117 line 6 column 29: a comma before the closing bracket.
     --> pasted.json:6:30
      |
    6 |     "Action": ["s3:GetObject",],
      |                              ^
      |
      = help: take the comma out
      = help: rolecall lint --fix does that
      = help: rolecall explain RC-P001

    1 document: 1 error, 0 warnings, 0 notes
    "#);
    let (code, said, noted) = ended(&["lint", "--fix", "."], folder.path());
    assert_eq!(
        (code, said.as_str(), noted.as_str()),
        (
            0,
            "1 document: 0 errors, 0 warnings, 0 notes\n",
            "mended ./pasted.json\n"
        )
    );
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        PASTED.replace(",]", "]")
    );
}

#[test]
fn lint_takes_the_kind_it_is_told_and_speaks_three_formats() {
    let folder = tempfile::tempdir().unwrap();
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow",
"Principal": {"Service": "pinpoint.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
    std::fs::write(folder.path().join("trust.json"), trust).unwrap();
    let (code, said, _) = ended(&["lint", "--format", "json", "trust.json"], folder.path());
    assert_eq!(code, 1);
    let lines: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["code"], "RC-P009");
    assert_eq!(
        (&lines[0]["line"], &lines[0]["column"]),
        (&2.into(), &26.into())
    );
    assert_eq!(
        lines[0]["aws"]["issueCode"],
        "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"
    );
    assert_eq!(lines[1]["warnings"], 1);
    let (_, said, _) = ended(
        &[
            "lint",
            "--format",
            "github",
            "--as",
            "identity",
            "trust.json",
        ],
        folder.path(),
    );
    let place =
        "::warning file=trust.json,line=2,col=1,title=RC-P003::The policy type does not support";
    assert!(said.contains(place), "{said}");
    let (code, _, said) = ended(&["lint", "nowhere.json"], folder.path());
    assert_eq!(code, 3, "{said}");
    let (code, _, said) = ended(&["lint", "--as", "bucket", "trust.json"], folder.path());
    assert_eq!(code, 2, "{said}");
}

#[test]
fn explain_prints_the_page_of_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said, _) = ended(&["explain", "rc-p003"], folder.path());
    assert_eq!(code, 0);
    assert!(
        said.starts_with("RC-P003  a Principal where none may stand"),
        "{said}"
    );
    let (code, _, said) = ended(&["explain", "RC-P999"], folder.path());
    assert_eq!(code, 1);
    assert!(said.contains("there is no page about `RC-P999`"), "{said}");
}
