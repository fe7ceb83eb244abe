//! server/policy
