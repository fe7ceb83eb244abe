//! Amazon S3. One file per resource; operations stand next to what they change.

mod acl;
mod actions;
mod annotations;
mod asking;
mod attributes;
mod bucket_policy;
mod bucket_tags;
mod buckets;
mod checksum;
mod conditions;
mod configurations;
mod content;
mod control;
mod copy_object;
mod copy_source;
mod delete_objects;
mod encryption;
mod etag;
mod faults;
mod for_services;
mod get_object;
mod headers;
mod known;
mod list_buckets;
mod list_objects;
mod list_page;
mod list_versions;
mod lock;
mod metadata;
mod multipart;
mod names;
mod namespace;
mod object;
mod object_attributes;
mod object_tags;
mod owner;
mod ownership;
mod post;
pub(crate) mod public;
mod public_access;
mod put_object;
mod range;
mod read;
mod request;
mod restore;
mod schema;
mod setting;
mod subresources;
mod tags;
mod update_encryption;
mod version_id;
mod xml;

pub use acl::Acl;
pub use buckets::{Bucket, Versioning};
pub use configurations::Documents;
pub(crate) use configurations::answer_origin;
pub(crate) use for_services::{ListKeys, ReadObject};
pub use headers::Headers;
pub(crate) use known::{Apart, always_of_root, apart, ask};
pub(crate) use multipart::Upload;
pub(crate) use object::Object;
pub use object::Shelf;
pub use ownership::Ownership;
pub(crate) use post::Form;
pub use public_access::PublicAccessBlock;
pub(crate) use put_object::PutObject;
pub(crate) use request::{
    bucket_of, check_document, check_path, header_parts, is_part, path_style, unserved_name,
};

use crate::wire::{RestXml, Row, operations};
use configurations::{
    Analytics, DeleteOne, GetOne, IntelligentTiering, Inventory, List, Metrics, PutOne,
};
use setting::{Delete, Get, Put};

/// Every operation of S3 that rolecall serves.
pub static OPERATIONS: &[Row] = operations![RestXml, "s3";
    GET "/" 200 => list_buckets::ListBuckets,
    PUT "/{bucket}" 200 => buckets::CreateBucket,
    HEAD "/{bucket}" 200 => buckets::HeadBucket,
    DELETE "/{bucket}" 204 => buckets::DeleteBucket,
    GET "/{bucket}" 200 => list_objects::ListObjects,
    GET "/{bucket}?list-type=2" 200 => list_objects::ListObjectsV2,
    GET "/{bucket}?versions" 200 => list_versions::ListObjectVersions,
    POST "/{bucket}" 204 => post::PostObject,
    POST "/{bucket}?delete" 200 => delete_objects::DeleteObjects,
    GET "/{bucket}?uploads" 200 => multipart::ListMultipartUploads,

    GET "/{bucket}?policy" 200 => bucket_policy::GetBucketPolicy,
    PUT "/{bucket}?policy" 204 => bucket_policy::PutBucketPolicy,
    DELETE "/{bucket}?policy" 204 => bucket_policy::DeleteBucketPolicy,
    GET "/{bucket}?policyStatus" 200 => Get<public_access::PolicyStatus>,
    GET "/{bucket}?publicAccessBlock" 200 => Get<public_access::Switches>,
    PUT "/{bucket}?publicAccessBlock" 200 => Put<public_access::Switches>,
    DELETE "/{bucket}?publicAccessBlock" 204 => Delete<public_access::Switches>,
    GET "/{bucket}?ownershipControls" 200 => Get<ownership::Controls>,
    PUT "/{bucket}?ownershipControls" 200 => Put<ownership::Controls>,
    DELETE "/{bucket}?ownershipControls" 204 => Delete<ownership::Controls>,
    GET "/{bucket}?acl" 200 => acl::GetBucketAcl,
    PUT "/{bucket}?acl" 200 => acl::PutBucketAcl,
    GET "/{bucket}?tagging" 200 => Get<bucket_tags::BucketTagging>,
    PUT "/{bucket}?tagging" 204 => Put<bucket_tags::BucketTagging>,
    DELETE "/{bucket}?tagging" 204 => Delete<bucket_tags::BucketTagging>,
    GET "/{bucket}?abac" 200 => Get<configurations::Abac>,
    PUT "/{bucket}?abac" 200 => Put<configurations::Abac>,
    GET "/{bucket}?versioning" 200 => Get<configurations::BucketVersioning>,
    PUT "/{bucket}?versioning" 200 => Put<configurations::BucketVersioning>,
    GET "/{bucket}?location" 200 => Get<configurations::Location>,
    GET "/{bucket}?encryption" 200 => Get<configurations::Encryption>,
    PUT "/{bucket}?encryption" 200 => Put<configurations::Encryption>,
    DELETE "/{bucket}?encryption" 204 => Delete<configurations::Encryption>,
    GET "/{bucket}?cors" 200 => Get<configurations::Cors>,
    PUT "/{bucket}?cors" 200 => Put<configurations::Cors>,
    DELETE "/{bucket}?cors" 204 => Delete<configurations::Cors>,
    OPTIONS "/{bucket}" 200 => configurations::Preflight<false>,
    OPTIONS "/{bucket}/{key+}" 200 => configurations::Preflight<true>,
    GET "/{bucket}?website" 200 => Get<configurations::Website>,
    PUT "/{bucket}?website" 200 => Put<configurations::Website>,
    DELETE "/{bucket}?website" 204 => Delete<configurations::Website>,
    GET "/{bucket}?logging" 200 => Get<configurations::Logging>,
    PUT "/{bucket}?logging" 200 => Put<configurations::Logging>,
    GET "/{bucket}?lifecycle" 200 => Get<configurations::Lifecycle>,
    PUT "/{bucket}?lifecycle" 200 => Put<configurations::Lifecycle>,
    DELETE "/{bucket}?lifecycle" 204 => Delete<configurations::Lifecycle>,
    GET "/{bucket}?replication" 200 => Get<configurations::Replication>,
    PUT "/{bucket}?replication" 200 => Put<configurations::Replication>,
    DELETE "/{bucket}?replication" 204 => Delete<configurations::Replication>,
    GET "/{bucket}?requestPayment" 200 => Get<configurations::RequestPayment>,
    PUT "/{bucket}?requestPayment" 200 => Put<configurations::RequestPayment>,
    GET "/{bucket}?accelerate" 200 => Get<configurations::Accelerate>,
    PUT "/{bucket}?accelerate" 200 => Put<configurations::Accelerate>,
    GET "/{bucket}?notification" 200 => Get<configurations::Notification>,
    PUT "/{bucket}?notification" 200 => Put<configurations::Notification>,
    GET "/{bucket}?object-lock" 200 => Get<configurations::ObjectLock>,
    PUT "/{bucket}?object-lock" 200 => Put<configurations::ObjectLock>,
    GET "/{bucket}?analytics" 200 => List<Analytics>,
    GET "/{bucket}?analytics&id" 200 => GetOne<Analytics>,
    PUT "/{bucket}?analytics&id" 204 => PutOne<Analytics>,
    DELETE "/{bucket}?analytics&id" 204 => DeleteOne<Analytics>,
    GET "/{bucket}?inventory" 200 => List<Inventory>,
    GET "/{bucket}?inventory&id" 200 => GetOne<Inventory>,
    PUT "/{bucket}?inventory&id" 204 => PutOne<Inventory>,
    DELETE "/{bucket}?inventory&id" 204 => DeleteOne<Inventory>,
    GET "/{bucket}?metrics" 200 => List<Metrics>,
    GET "/{bucket}?metrics&id" 200 => GetOne<Metrics>,
    PUT "/{bucket}?metrics&id" 204 => PutOne<Metrics>,
    DELETE "/{bucket}?metrics&id" 204 => DeleteOne<Metrics>,
    GET "/{bucket}?intelligent-tiering" 200 => List<IntelligentTiering>,
    GET "/{bucket}?intelligent-tiering&id" 200 => GetOne<IntelligentTiering>,
    PUT "/{bucket}?intelligent-tiering&id" 204 => PutOne<IntelligentTiering>,
    DELETE "/{bucket}?intelligent-tiering&id" 204 => DeleteOne<IntelligentTiering>,

    PUT "/{bucket}/{key+}" 200 => put_object::PutObject,
    PUT "/{bucket}/{key+}#x-amz-copy-source" 200 => copy_object::CopyObject,
    GET "/{bucket}/{key+}" 200 => get_object::GetObject,
    HEAD "/{bucket}/{key+}" 200 => get_object::HeadObject,
    DELETE "/{bucket}/{key+}" 204 => delete_objects::DeleteObject,
    GET "/{bucket}/{key+}?attributes" 200 => object_attributes::GetObjectAttributes,
    GET "/{bucket}/{key+}?acl" 200 => acl::GetObjectAcl,
    PUT "/{bucket}/{key+}?acl" 200 => acl::PutObjectAcl,
    GET "/{bucket}/{key+}?tagging" 200 => object_tags::GetObjectTagging,
    PUT "/{bucket}/{key+}?tagging" 200 => object_tags::PutObjectTagging,
    DELETE "/{bucket}/{key+}?tagging" 204 => object_tags::DeleteObjectTagging,
    GET "/{bucket}/{key+}?retention" 200 => lock::GetObjectRetention,
    PUT "/{bucket}/{key+}?retention" 200 => lock::PutObjectRetention,
    GET "/{bucket}/{key+}?legal-hold" 200 => lock::GetObjectLegalHold,
    PUT "/{bucket}/{key+}?legal-hold" 200 => lock::PutObjectLegalHold,
    GET "/{bucket}/{key+}?annotation" 200 => annotations::ListObjectAnnotations,
    GET "/{bucket}/{key+}?annotation&annotationName" 200 => annotations::GetObjectAnnotation,
    PUT "/{bucket}/{key+}?annotation" 200 => annotations::PutObjectAnnotation,
    DELETE "/{bucket}/{key+}?annotation" 204 => annotations::DeleteObjectAnnotation,
    POST "/{bucket}/{key+}?restore" 202 => restore::RestoreObject,
    PUT "/{bucket}/{key+}?encryption" 200 => update_encryption::UpdateObjectEncryption,

    POST "/v20180820/tags/{resourceArn+}#x-amz-account-id" 204 => control::TagResource,
    DELETE "/v20180820/tags/{resourceArn+}#x-amz-account-id" 204 => control::UntagResource,
    GET "/v20180820/tags/{resourceArn+}#x-amz-account-id" 200 => control::ListTagsForResource,

    POST "/{bucket}/{key+}?uploads" 200 => multipart::CreateMultipartUpload,
    PUT "/{bucket}/{key+}?partNumber&uploadId" 200 => multipart::UploadPart,
    PUT "/{bucket}/{key+}?partNumber&uploadId#x-amz-copy-source" 200 => multipart::UploadPartCopy,
    POST "/{bucket}/{key+}?uploadId" 200 => multipart::CompleteMultipartUpload,
    DELETE "/{bucket}/{key+}?uploadId" 204 => multipart::AbortMultipartUpload,
    GET "/{bucket}/{key+}?uploadId" 200 => multipart::ListParts,
];
