//! The request id of an SDK's error is the id of its decision.

use crate::test;
use aws_sdk_s3::operation::RequestId as _;
use libtest_mimic::Trial;
use rolecall_tests::{Cloud, raw::Raw};
use serde_json::Value;

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test(
            "explain::the request id of an error finds its tree",
            by_request_id,
        ),
        test("explain::an export is one chain of hops", chain),
        test(
            "explain::what was let in and refused all the same says so",
            refused_after,
        ),
    ]
}

async fn hops(cloud: &Cloud, id: &str) -> Vec<Value> {
    let reply = Raw::new("GET", &format!("/_rolecall/decisions/{id}"))
        .send(&cloud.endpoint())
        .await;
    let answer: Value = serde_json::from_str(&reply.body).expect("the admin speaks JSON");
    answer["hops"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| panic!("{}", reply.body))
}

async fn by_request_id() {
    let cloud = Cloud::start().await;
    cloud
        .root()
        .s3()
        .create_bucket()
        .bucket("example-bucket")
        .send()
        .await
        .unwrap();
    let policy = include_str!("../../scenarios/policies/s3policy.json");
    let ana = cloud.user("ana", policy).await;
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    let error = ana
        .s3()
        .put_object()
        .bucket("example-bucket")
        .key("exports/x")
        .body(body)
        .send()
        .await
        .unwrap_err();
    let id = error
        .request_id()
        .expect("every answer carries an id")
        .to_owned();
    assert_eq!(
        error.into_service_error().meta().message(),
        Some(
            "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::example-bucket/exports/x\" because no identity-based policy allows the s3:PutObject action"
        ),
    );
    for prefix in [&id[..], &id[..6]] {
        let hops = hops(&cloud, prefix).await;
        assert_eq!(hops.len(), 1, "{hops:?}");
        assert_eq!(hops[0]["action"], "s3:PutObject");
        assert_eq!(hops[0]["EvalDecision"], "implicitDeny");
        let tree: rolecall_server::policy::Explanation =
            serde_json::from_value(hops[0]["explanation"].clone()).unwrap();
        let nearest = tree.nearest().expect("a policy came near");
        assert_eq!(nearest.statement.label, "AllowAllS3ActionsInUserFolder");
        let why: Vec<String> = tree.why().iter().map(ToString::to_string).collect();
        assert!(why.contains(&"mismatch resource".to_owned()), "{why:?}");
    }
}

async fn refused_after() {
    use aws_sdk_iam::operation::RequestId as _;
    let cloud = Cloud::start().await;
    let document = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effct\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}\n}";
    let create = cloud.root().iam().create_policy();
    let error = create.policy_name("p").policy_document(document);
    let error = error.send().await.unwrap_err();
    let id = error.request_id().expect("every answer carries an id");
    let hops = hops(&cloud, id).await;
    assert_eq!(hops.len(), 1, "{hops:?}");
    assert_eq!(hops[0]["allowed"], true);
    assert_eq!(
        hops[0]["fault"],
        serde_json::json!({
            "code": "MalformedPolicyDocument",
            "message": "Syntax errors in policy.",
            "place": {"line": 3, "column": 17, "why": "a statement has no element `Effct`"},
        })
    );
    let said = Raw::new("GET", &format!("/_rolecall/explain/{id}"))
        .send(&cloud.endpoint())
        .await
        .body;
    let end = "\nREFUSED after the decision\nMalformedPolicyDocument: Syntax errors in policy.\n  at 3:17 of the document: a statement has no element `Effct`\n";
    assert!(said.ends_with(end), "{said}");

    // A document of a bucket, too; and of what is simply not there, no place.
    let s3 = cloud.root().s3();
    s3.create_bucket().bucket("b-refused").send().await.unwrap();
    let put = s3.put_bucket_policy().bucket("b-refused").policy("{]");
    let error = put.send().await.unwrap_err();
    let hop = self::hops(&cloud, error.request_id().unwrap())
        .await
        .remove(0);
    assert_eq!(hop["fault"]["code"], "MalformedPolicy");
    assert_eq!(hop["fault"]["place"]["column"], 2);
    let get = s3.get_object().bucket("b-refused").key("none");
    let error = get.send().await.unwrap_err();
    let hop = self::hops(&cloud, error.request_id().unwrap())
        .await
        .pop()
        .unwrap();
    assert_eq!(hop["fault"]["code"], "NoSuchKey");
    assert!(hop["fault"]["place"].is_null(), "{hop}");
}

async fn chain() {
    use aws_sdk_pinpoint::types::{CreateApplicationRequest, ExportJobRequest, JobStatus};
    let cloud = Cloud::start().await;
    let root = cloud.root();
    root.s3()
        .create_bucket()
        .bucket("example-bucket")
        .send()
        .await
        .unwrap();
    let iam = root.iam();
    let policy = include_str!("../../scenarios/policies/s3policy.json");
    let trust = include_str!("../../scenarios/policies/trustpolicy.json");
    let policy = iam
        .create_policy()
        .policy_name("s3ExportPolicy")
        .policy_document(policy)
        .send()
        .await
        .unwrap();
    let role = iam
        .create_role()
        .role_name("s3ExportRole")
        .assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
    iam.attach_role_policy()
        .role_name("s3ExportRole")
        .policy_arn(policy.policy.unwrap().arn.unwrap())
        .send()
        .await
        .unwrap();
    let request = CreateApplicationRequest::builder().name("demo").build();
    let app = root
        .pinpoint()
        .create_app()
        .create_application_request(request)
        .send()
        .await
        .unwrap();
    let app = app.application_response.unwrap().id.unwrap();
    let role_arn = role.role.unwrap().arn;
    for (prefix, status, last) in [
        ("Exports/", JobStatus::Completed, true),
        ("exports/", JobStatus::Failed, false),
    ] {
        let request = ExportJobRequest::builder()
            .role_arn(&role_arn)
            .s3_url_prefix(format!("s3://example-bucket/{prefix}"))
            .build();
        let job = root
            .pinpoint()
            .create_export_job()
            .application_id(&app)
            .export_job_request(request)
            .send()
            .await
            .unwrap();
        let id = aws_sdk_pinpoint::operation::RequestId::request_id(&job)
            .unwrap()
            .to_owned();
        let job = job.export_job_response.unwrap();
        let job_id = job.id.unwrap();
        let done = loop {
            let get = root
                .pinpoint()
                .get_export_job()
                .application_id(&app)
                .job_id(&job_id)
                .send()
                .await
                .unwrap();
            let job = get.export_job_response.unwrap();
            if matches!(
                job.job_status,
                Some(JobStatus::Completed | JobStatus::Failed)
            ) {
                break job;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        };
        assert_eq!(done.job_status, Some(status), "{:?}", done.failures);
        let hops = hops(&cloud, &id).await;
        let chain: Vec<_> = hops
            .iter()
            .map(|hop| {
                (
                    hop["action"].as_str().unwrap(),
                    hop["hop"].as_u64().unwrap(),
                    hop["allowed"].as_bool().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            chain,
            [
                ("mobiletargeting:CreateExportJob", 1, true),
                ("iam:PassRole", 2, true),
                ("sts:AssumeRole", 3, true),
                ("s3:PutObject", 4, last)
            ]
        );
        assert_eq!(hops[2]["principal"], "pinpoint.amazonaws.com");
        assert_eq!(
            hops[3]["principal"],
            "arn:aws:sts::123456789012:assumed-role/s3ExportRole/pinpoint"
        );
        assert_eq!(done.failures.unwrap_or_default().is_empty(), last);
    }
}
