//! The guide's walk-through and the scenarios, against the image.

use crate::{started, test};
use aws_sdk_pinpoint::types::{CreateApplicationRequest, ExportJobRequest, JobStatus};
use libtest_mimic::Trial;
use rolecall::{
    container::{Rolecall, RolecallExt as _},
    scenario::run::{Exit, Options, Target},
};
use rolecall_tests::Person;
use std::{path::Path, time::Duration};

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("walk_through", walk_through),
        test("another_root_secret", another_root_secret),
        test("scenarios", scenarios),
    ]
}

async fn walk_through() {
    let (_node, root) = started(Rolecall::default()).await;
    set_up(&root).await;
    let (status, failures) = export(&root, "s3://example-bucket/Exports/").await;
    assert_eq!(status, JobStatus::Completed, "{failures:?}");
    let (status, failures) = export(&root, "s3://example-bucket/Elsewhere/").await;
    assert_eq!(status, JobStatus::Failed);
    assert!(
        failures[0].contains("is not authorized to perform: s3:PutObject"),
        "{failures:?}"
    );
}

async fn another_root_secret() {
    let (node, root) = started(Rolecall::default().root_secret("another secret")).await;
    assert_eq!(node.root_credentials().secret, "another secret");
    root.sts().get_caller_identity().send().await.unwrap();
    let mut wrong = root;
    wrong.keys.secret = "test".to_owned();
    wrong.sts().get_caller_identity().send().await.unwrap_err();
}

async fn scenarios() {
    // The scenario about organizations has a second account.
    let image = Rolecall::default().argument("--account=111111111111");
    let (node, _) = started(image).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let options = Options {
        target: Target::Running {
            url: node.endpoint().await.unwrap(),
            reset: true,
        },
        ..Options::default()
    };
    let report = rolecall::run_scenarios(&[folder], &options).await;
    assert_eq!(report.exit, Exit::Passed, "{:#?}", report.events);
}

/// The three lines of the guide, and the bucket.
pub(crate) async fn set_up(root: &Person) {
    let document = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/policies");
        std::fs::read_to_string(folder.join(name)).unwrap()
    };
    let iam = root.iam();
    let policy = iam
        .create_policy()
        .policy_name("s3ExportPolicy")
        .policy_document(document("s3policy.json"))
        .send()
        .await
        .unwrap();
    iam.create_role()
        .role_name("s3ExportRole")
        .assume_role_policy_document(document("trustpolicy.json"))
        .send()
        .await
        .unwrap();
    let arn = policy.policy.unwrap().arn.unwrap();
    let attach = iam.attach_role_policy().role_name("s3ExportRole");
    attach.policy_arn(arn).send().await.unwrap();
    root.s3()
        .create_bucket()
        .bucket("example-bucket")
        .send()
        .await
        .unwrap();
}

/// Runs one export of a new app to its end.
pub(crate) async fn export(root: &Person, to: &str) -> (JobStatus, Vec<String>) {
    let pinpoint = root.pinpoint();
    let named = CreateApplicationRequest::builder().name("demo").build();
    let app = pinpoint.create_app().create_application_request(named);
    let app = app
        .send()
        .await
        .unwrap()
        .application_response
        .unwrap()
        .id
        .unwrap();
    let request = ExportJobRequest::builder()
        .s3_url_prefix(to)
        .role_arn("arn:aws:iam::123456789012:role/s3ExportRole")
        .build();
    let job = pinpoint.create_export_job().application_id(&app);
    let job = job.export_job_request(request).send().await.unwrap();
    let job = job.export_job_response.unwrap().id.unwrap();
    loop {
        let now = pinpoint.get_export_job().application_id(&app).job_id(&job);
        let now = now.send().await.unwrap().export_job_response.unwrap();
        match now.job_status.unwrap() {
            status @ (JobStatus::Completed | JobStatus::Failed) => {
                return (status, now.failures.unwrap_or_default());
            }
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
