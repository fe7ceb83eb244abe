//! server/sigv4
