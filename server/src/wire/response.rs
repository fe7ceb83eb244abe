//! How every answer begins: in the header map of a request that is done. A map of usual size is more than the allocator
//! has at hand; the HTTP library for its part reads the next request into the map of the last answer.

use super::{Body, Response};
use http::{HeaderMap, StatusCode};
use std::cell::Cell;

thread_local! {
    static SPARE: Cell<Option<HeaderMap>> = const { Cell::new(None) };
}

/// Larger ones are not kept.
const MOST: usize = 64;

/// An answer without headers.
pub(super) fn begin(status: u16, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    *response.headers_mut() = SPARE.take().unwrap_or_default();
    response
}

/// The headers of a request are not needed any more.
pub(crate) fn done_with(mut headers: HeaderMap) {
    if headers.capacity() <= MOST {
        headers.clear();
        SPARE.set(Some(headers));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn nothing_of_a_request_is_in_an_answer() {
        let begun = || begin(200, Body::empty()).into_parts().0.headers;
        let mut request = HeaderMap::new();
        request.insert("authorization", HeaderValue::from_static("secret"));
        done_with(request);
        let headers = begun();
        assert!(headers.is_empty() && headers.capacity() > 0);
        assert_eq!(begun().capacity(), 0);
        done_with(HeaderMap::with_capacity(1000));
        assert_eq!(begun().capacity(), 0);
    }
}
