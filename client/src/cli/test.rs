//! `rolecall test`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::sync::Arc;

use rolecall::diagnostic::{Diagnostic, SourceFile};
use rolecall::report::{Detail, Github, Json, Junit, Reporter, Tap, Terminal};
use rolecall::scenario::Scenario;
use rolecall::scenario::event::Event;
use rolecall::scenario::run::{Choice, Exit, Options, Target, find, read_all, run};
use rolecall::scenario::vars::Overrides;

use super::args::{Format, Test};
use super::{Failed, Outcome, out, server};

pub(super) fn main(args: Test) -> Outcome {
    let options = options(&args)?;
    let files = match find(&args.paths) {
        Ok(files) => files,
        Err(said) => return unreadable(&[*said]),
    };
    let scenarios = match read_all(&files, &options.overrides) {
        Ok(scenarios) => scenarios,
        Err(said) => return unreadable(&said),
    };
    let scenarios: Vec<Arc<Scenario>> = scenarios;
    if args.list {
        return Ok(list(&options.choice, &scenarios));
    }
    notes(&args, &scenarios);
    let mut reporters = reporters(&args)?;
    let mut broken: Option<io::Error> = None;
    let exit = server::runtime()?.block_on(run(&scenarios, &options, |event: Event| {
        for reporter in &mut reporters {
            if let Err(error) = reporter.event(&event)
                && error.kind() != io::ErrorKind::BrokenPipe
            {
                broken.get_or_insert(error);
            }
        }
    }));
    if let Some(error) = broken {
        return Err(Failed::new(format!("failed to write the report: {error}")));
    }
    if exit == Exit::Nothing {
        let (said, help) = nothing(&args, &scenarios);
        return Err(Failed::new(said).help(help).code(exit.code()));
    }
    Ok(ExitCode::from(exit.code()))
}

fn options(args: &Test) -> Result<Options, Failed> {
    let mut overrides = Overrides::default().with_environment(std::env::vars());
    if let Some(path) = &args.vars {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failed::new(format!("failed to read `{shown}`: {error}")).code(Exit::Unreadable.code())
        })?;
        overrides = overrides
            .with_file(&SourceFile::new(shown, text))
            .map_err(|said| {
                out::note(&format!("{}\n\n", said.render(out::coloured())));
                Failed::new("nothing was run").code(Exit::Unreadable.code())
            })?;
    }
    for pair in &args.var {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Failed::new(format!("`{pair}` is not NAME=VALUE"))
                .help("--var folder=exports")
                .code(2));
        };
        overrides.flags.insert(name.to_owned(), value.to_owned());
    }
    let target = match args.target.as_str() {
        "embedded" => Target::Embedded,
        url if url.starts_with("http://") => Target::Running {
            url: url.to_owned(),
            reset: args.reset,
        },
        other => {
            return Err(Failed::new(format!("`{other}` is not a target"))
                .help("`embedded`, or the address of a running rolecall such as http://127.0.0.1:4566")
                .code(2));
        }
    };
    if args.reset && matches!(target, Target::Embedded) {
        return Err(Failed::new(
            "--reset is for a running target; an embedded one is always fresh",
        )
        .code(2));
    }
    Ok(Options {
        target,
        choice: Choice {
            words: args.k.clone(),
            tags: args.tag.clone(),
        },
        jobs: args.jobs,
        fail_fast: args.fail_fast,
        min_checks: args.min_checks,
        overrides,
    })
}

fn unreadable(said: &[Diagnostic]) -> Outcome {
    for said in said {
        out::note(&format!("{}\n\n", said.render(out::coloured())));
    }
    let count = said.len();
    let mistakes = if count == 1 { "mistake" } else { "mistakes" };
    out::note(&format!("{count} {mistakes}; nothing was run\n"));
    Ok(ExitCode::from(Exit::Unreadable.code()))
}

/// What stops nothing is told once, on stderr, where it disturbs no report.
fn notes(args: &Test, scenarios: &[Arc<Scenario>]) {
    if args.quiet {
        return;
    }
    for said in scenarios.iter().flat_map(|scenario| &scenario.notes) {
        out::note(&format!("{}\n\n", said.render(out::coloured())));
    }
}

fn list(choice: &Choice, scenarios: &[Arc<Scenario>]) -> ExitCode {
    let mut any = false;
    for (name, scenario, steps) in choice.listed(scenarios) {
        any = true;
        out::line(&format!(
            "{name}  {}  ({})",
            scenario.name, scenario.file.path
        ));
        for step in steps {
            let checks = step.cases.len();
            let plural = if checks == 1 { "check" } else { "checks" };
            let skip = step
                .skip
                .as_ref()
                .map(|why| format!("  skipped: {}", why.value))
                .unwrap_or_default();
            out::line(&format!("  {}  {checks} {plural}{skip}", step.name));
        }
    }
    if any {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(Exit::Nothing.code())
    }
}

fn nothing(args: &Test, scenarios: &[Arc<Scenario>]) -> (String, String) {
    if scenarios.is_empty() {
        let places = match args.paths.as_slice() {
            [] => "`scenarios` or here".to_owned(),
            paths => paths
                .iter()
                .map(|path| format!("`{}`", path.display()))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let said = format!("no scenario was found in {places}; nothing ran");
        return (
            said,
            "scenarios end in .rolecall.yaml; `rolecall init` writes a first one".to_owned(),
        );
    }
    if args.k.is_empty() && args.tag.is_empty() {
        return (
            "no step is left to run: all are skipped".to_owned(),
            "see `skip:` and `needs:` in the scenarios".to_owned(),
        );
    }
    (
        "no step matches; nothing ran".to_owned(),
        "`rolecall test --list` shows every step".to_owned(),
    )
}

fn reporters(args: &Test) -> Result<Vec<Box<dyn Reporter>>, Failed> {
    let detail = match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (false, 0) => Detail::Scenarios,
        (false, 1) => Detail::Checks,
        (false, _) => Detail::Trees,
    };
    let stdout = || Box::new(anstream::stdout()) as Box<dyn Write>;
    let make = |format: Format, out: Box<dyn Write>, colour: bool| -> Box<dyn Reporter> {
        match format {
            Format::Human => {
                Box::new(Terminal::new(out, colour, detail).min_checks(args.min_checks))
            }
            Format::Json => Box::new(Json::new(out)),
            Format::Junit => Box::new(Junit::new(out)),
            Format::Tap => Box::new(Tap::new(out)),
            Format::Github => Box::new(Github::new(out)),
        }
    };
    let mut all = vec![make(args.format, stdout(), out::coloured())];
    for text in &args.out {
        let wrong = |why: String| {
            Failed::new(format!("`{text}` is not FORMAT:FILE: {why}"))
                .help("--out junit:report.xml")
                .code(2)
        };
        let (format, path) = text
            .split_once(':')
            .ok_or_else(|| wrong("there is no colon".to_owned()))?;
        let format = <Format as clap::ValueEnum>::from_str(format, true).map_err(|_| {
            wrong(format!(
                "`{format}` is none of human, json, junit, tap, github"
            ))
        })?;
        let file = File::create(path)
            .map_err(|error| Failed::new(format!("failed to write `{path}`: {error}")))?;
        all.push(make(format, Box::new(BufWriter::new(file)), false));
    }
    let workflow = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    if workflow && args.format == Format::Human {
        all.push(make(Format::Github, stdout(), false));
    }
    Ok(all)
}
