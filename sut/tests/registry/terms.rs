//! What every registry must do with the terms that an administrator sets (CONF-1). It is mounted as the contract is.

use sut::config::{Limits, Policy, Terms};
use sut::registry::TermsStore;
use sut::session::Platform;

use super::fresh;

/// Terms with this limit for Web.
fn web(limit: u8) -> Terms {
    Terms { policy: Policy::Triple, limits: Limits::default().with(Platform::Web, limit).unwrap() }
}

#[tokio::test]
async fn the_terms_set_last_stand_until_they_are_forgotten() {
    let registry = fresh();
    assert_eq!(registry.terms().await, Ok(None));
    for limit in [2, 10] {
        registry.set_terms(Some(web(limit))).await.unwrap();
        assert_eq!(registry.terms().await, Ok(Some(web(limit))));
    }
    for _ in 0..2 {
        registry.set_terms(None).await.unwrap();
        assert_eq!(registry.terms().await, Ok(None));
    }
}
