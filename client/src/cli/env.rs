//! `rolecall env`: what points clients at the endpoint, for every shell.

use std::process::ExitCode;

use super::args::{Env, Shell};
use super::{Outcome, out, server};

/// The variables for the root user of the default account.
pub(super) fn variables(url: &str, secret: &str) -> [(&'static str, String); 6] {
    let region = rolecall_server::DEFAULT_REGION.to_owned();
    [
        ("AWS_ENDPOINT_URL", url.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
        ("AWS_REGION", region.clone()),
        ("AWS_DEFAULT_REGION", region),
        // Without it an SDK that finds no keys asks the network for them, and waits.
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ]
}

/// Variables that would lead elsewhere.
pub(super) const STRAY: [&str; 3] = [
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
];

pub(super) fn main(args: &Env) -> Outcome {
    // As every command that asks a running endpoint knows its root secret.
    let said = std::env::var("ROLECALL_ROOT_SECRET").ok();
    let secret = said.filter(|secret| !secret.is_empty());
    let secret = secret.as_deref().unwrap_or(server::USUAL_SECRET);
    out::print(&text(args.shell, &server::address(&args.at), secret));
    Ok(ExitCode::SUCCESS)
}

fn text(shell: Shell, url: &str, secret: &str) -> String {
    let set = |line: &dyn Fn(&str, &str) -> String| {
        let lines = variables(url, secret).map(|(name, value)| line(name, &value));
        lines.concat()
    };
    let unset = |line: &dyn Fn(&str) -> String| STRAY.map(line).concat();
    match shell {
        Shell::Sh => {
            set(&|name, value| format!("export {name}={}\n", quoted(value)))
                + &unset(&|name| format!("unset {name}\n"))
        }
        Shell::Fish => {
            set(&|name, value| format!("set -gx {name} {}\n", quoted(value)))
                + &unset(&|name| format!("set -e {name}\n"))
        }
        Shell::Pwsh => {
            set(&|name, value| format!("$Env:{name} = '{}'\n", value.replace('\'', "''")))
                + &unset(&|name| format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n"))
        }
        Shell::Dotenv => set(&|name, value| format!("{name}={value}\n")),
        Shell::Profile => format!(
            "[profile rolecall]\nendpoint_url = {url}\naws_access_key_id = test\naws_secret_access_key = {secret}\nregion = {}\n",
            rolecall_server::DEFAULT_REGION
        ),
        Shell::Terraform => terraform(url, secret),
    }
}

/// For `sh` and `fish`, where the value needs it.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
    if value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}

fn terraform(url: &str, secret: &str) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let (url, secret) = (quoted(url), quoted(secret));
    format!(
        "provider \"aws\" {{\n  \
         region                      = \"{}\"\n  \
         access_key                  = \"test\"\n  \
         secret_key                  = \"{secret}\"\n  \
         s3_use_path_style           = true\n  \
         skip_credentials_validation = true\n  \
         skip_metadata_api_check     = true\n  \
         skip_region_validation      = true\n  \
         skip_requesting_account_id  = true\n\n  \
         endpoints {{\n    \
         iam      = \"{url}\"\n    \
         sts      = \"{url}\"\n    \
         s3       = \"{url}\"\n    \
         pinpoint = \"{url}\"\n  }}\n}}\n",
        rolecall_server::DEFAULT_REGION
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        assert_eq!(quoted("http://127.0.0.1:4566"), "http://127.0.0.1:4566");
        assert_eq!(quoted("a b$(x)'"), "'a b$(x)'\\'''");
    }

    #[test]
    fn every_shell_names_the_endpoint() {
        for shell in [
            Shell::Sh,
            Shell::Fish,
            Shell::Pwsh,
            Shell::Dotenv,
            Shell::Profile,
            Shell::Terraform,
        ] {
            let text = text(shell, "http://127.0.0.1:9", "a-secret");
            assert!(text.contains("http://127.0.0.1:9"), "{shell:?}");
            assert!(text.contains("a-secret"), "{shell:?}");
        }
    }
}
